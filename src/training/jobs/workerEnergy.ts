import { slotOf } from "../../units.ts";
import type { JobsChain } from "./jobsChain.ts";
import { PROOF_SLOTS, UPDATE_STATUS, type JobView } from "./jobTypes.ts";
import { attempt, type RoleAction } from "./role.ts";

/**
 * Proves the energy that a worker's meter imported for its rounds, once its readings are settled: slot by slot until the
 * energy that the terms expect is reached, since more would lower the site's efficiency. It looks once a slot, as readings
 * come; what is proved is told by the chain and kept nowhere else.
 */
export function createEnergyProver(
  chain: JobsChain,
  job: number,
): (view: JobView, chainTime: number) => Promise<RoleAction[]> {
  const finished = new Set<number>();
  /** Slots whose reading the contract refused: it would again. */
  const refused = new Set<number>();
  let lookedAt = -1;

  async function openRounds(view: JobView, slot: number): Promise<number[]> {
    const rounds: number[] = [];
    for (let round = view.round; round >= 1; --round) {
      if (finished.has(round)) continue;
      const { trainedSlot, seats } = await chain.round(job, round);
      if (trainedSlot === 0) continue;
      const own = seats.find(({ provider }) => provider === chain.account);
      const closed = slot > trainedSlot + PROOF_SLOTS;
      const never = own === undefined || own.status > UPDATE_STATUS.valid;
      if (closed || never) finished.add(round);
      else if (own.status === UPDATE_STATUS.valid) rounds.push(round);
      // Earlier rounds ended earlier.
      if (closed) break;
    }
    return rounds.reverse();
  }

  async function proveRound(round: number, expectedWh: number): Promise<RoleAction[]> {
    const actions: RoleAction[] = [];
    const { openSlot, trainedSlot, seats } = await chain.round(job, round);
    const own = seats.find(({ provider }) => provider === chain.account);
    if (own === undefined) return [];
    let left = expectedWh - own.provedWh;
    const readings = left > 0 ? await chain.settledReadings() : undefined;
    for (let slot = openSlot; slot <= trainedSlot && left > 0; ++slot) {
      const proven = readings?.prove(own.meter, slot);
      if (proven?.leaf.flags !== 0 || refused.has(slot)) continue;
      const unused = await chain.unusedEvidence(own.meter, slot, proven.leaf.importWh);
      const energyWh = Math.min(left, unused);
      if (energyWh <= 0) continue;
      const { leaf, root, proof } = proven;
      const action = await attempt(
        chain,
        { verb: "proveEnergy", args: [job, round, leaf, root, proof, BigInt(energyWh)] },
        { job, round, detail: `${energyWh} Wh of slot ${slot}` },
      );
      actions.push(action);
      if (action.refusal === undefined) left -= energyWh;
      else refused.add(slot);
    }
    if (left <= 0) finished.add(round);
    return actions;
  }

  return async (view, chainTime) => {
    const slot = slotOf(chainTime);
    if (view.round === 0 || slot === lookedAt) return [];
    const rounds = await openRounds(view, slot);
    const { energyWh } = rounds.length === 0 ? { energyWh: 0 } : await chain.terms(job);
    const actions: RoleAction[] = [];
    for (const round of rounds) actions.push(...(await proveRound(round, energyWh)));
    lookedAt = slot;
    return actions;
  };
}
