import { JouleworkError } from "../../errors.ts";
import type { TableSeat } from "../federated/scoreFromTable.ts";
import { scoreUpdates } from "../federated/scoreUpdates.ts";
import type { GlobalState, RevealedUpdate, RoundScores } from "../federated/types.ts";
import type { UpdateStore } from "../store/types.ts";
import type { Trainer } from "../types.ts";
import { readGlobalState } from "./jobInputs.ts";
import { scoringRule, type JobSpec } from "./jobSpec.ts";
import type { JobsChain } from "./jobsChain.ts";
import { UPDATE_STATUS, type JobView, type RoundView, type Seat } from "./jobTypes.ts";

export interface EvaluateRoundParameters {
  readonly chain: JobsChain;
  readonly store: UpdateStore;
  readonly trainer: Trainer;
  readonly spec: JobSpec;
  readonly job: number;
  readonly view: JobView;
  readonly round: RoundView;
  /** Whether to wait for updates that the store does not have yet, instead of refusing them. */
  readonly patient: boolean;
}

/** A round's bytes, as chain and store have them. */
export interface RoundInputs {
  readonly state: GlobalState;
  readonly slice: Uint8Array;
  /** In the order of the seats. */
  readonly updates: readonly RevealedUpdate[];
}

/**
 * Scores the round under way from what chain and store hold. An update that the store does not have, or not with its hash,
 * is refused; undefined where one is missing and `patient` says to look again. Null where the slice has another length than the
 * specification tells: what nobody can measure on chain is no slice of the job.
 *
 * @throws those of the store where it does not answer: who scores without asking everything would differ from the others.
 */
export async function evaluateRound(parameters: EvaluateRoundParameters): Promise<RoundScores | null | undefined> {
  const { chain, trainer, spec, job, view } = parameters;
  const earlier = await earlierRoots(chain, job, view.round);
  const inputs = await readRound(parameters);
  if (inputs === undefined) return undefined;
  if (spec.sliceBytes !== undefined && inputs.slice.length !== spec.sliceBytes) return null;
  return scoreUpdates({ trainer, earlier, rule: scoringRule(spec), ...inputs });
}

/** Reads the bytes of the round under way; undefined where an update is missing and `patient` says to look again. */
export async function readRound({
  chain,
  store,
  trainer,
  spec,
  job,
  view,
  round,
  patient,
}: EvaluateRoundParameters): Promise<RoundInputs | undefined> {
  const [sizes, terms] = await Promise.all([chain.revealedSizes(job, view.round), chain.terms(job)]);
  const updates: RevealedUpdate[] = [];
  for (const seat of round.seats) {
    const bytes = isRevealed(seat) ? await fetchUpdate(store, seat.updateRoot, terms.maxUpdateBytes) : null;
    if (bytes === null && isRevealed(seat) && patient) return undefined;
    const sizeBytes = sizes.get(seat.provider);
    updates.push({ bytes, commitOrder: seat.commitOrder, ...(sizeBytes === undefined ? {} : { sizeBytes }) });
  }
  const state = await readGlobalState(store, spec, trainer.parameters, view.modelRoot);
  return { state, slice: await store.get(round.validation), updates };
}

/** What the chain knows of a round's seats. */
export function tableSeats({ seats }: Pick<RoundView, "seats">): TableSeat[] {
  return seats.map(({ status, updateRoot }): TableSeat => {
    if (status === UPDATE_STATUS.valid) return { hash: updateRoot, verdict: null };
    if (status === UPDATE_STATUS.copy) return { hash: updateRoot, verdict: "copy" };
    if (status === UPDATE_STATUS.stale) return { hash: updateRoot, verdict: "stale" };
    return { hash: null, verdict: "refused" };
  });
}

/** Updates of earlier rounds, which are stale in this one. */
async function earlierRoots(chain: JobsChain, job: number, round: number): Promise<Set<string>> {
  const roots = new Set<string>();
  for (let before = 1; before < round; ++before) {
    const { seats } = await chain.round(job, before);
    for (const seat of seats) if (isRevealed(seat)) roots.add(seat.updateRoot);
  }
  return roots;
}

function isRevealed({ status }: Seat): boolean {
  return status >= UPDATE_STATUS.valid;
}

async function fetchUpdate(store: UpdateStore, hash: string, maxBytes: number): Promise<Uint8Array | null> {
  try {
    const bytes = await store.get(hash);
    return bytes.length > maxBytes ? null : bytes;
  } catch (error) {
    if (error instanceof JouleworkError && NO_UPDATE.has(error.code)) return null;
    throw error;
  }
}

/** What a worker, not the way to the store, is to blame for. */
const NO_UPDATE: ReadonlySet<string> = new Set(["STORE_MISSING", "STORE_DAMAGED", "STORE_TOO_LARGE"]);
