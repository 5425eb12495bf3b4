import { expect } from "chai";
import fc from "fast-check";
import { purchaseTicks } from "../../src/market/fees.ts";
import { dueForSlot } from "../../src/market/settlement.ts";
import { CONDUCTS, storesOf } from "../../src/simulation/fleet.ts";
import { netSeries, simulate, STEPS, type NetSeries, type Simulation } from "../../src/simulation/index.ts";
import type { SettledSlot } from "../../src/simulation/simulate.ts";
import { fuzzedScenario } from "./fuzzedScenario.ts";

const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0);

/** What a zone's meters would have shown without storage, shifting and training, from the drawn series alone. */
function plainNetWh({ fleet }: Simulation, series: NetSeries, { from, to, slot }: SettledSlot): number {
  let net = 0;
  for (let agent = from; agent < to; ++agent) {
    const shape = series.netWh[(fleet.shape[agent] ?? 0) + slot - series.firstSlot] ?? 0;
    const limit = fleet.limitWh[agent] ?? 0;
    net += Math.min(limit, Math.max(-limit, Math.trunc(shape * (fleet.size[agent] ?? 1))));
  }
  return net;
}

/** Energy that is held back or stored behind a zone's meters, Wh: what waits, and what storage took and did not give. */
function heldWh({ fleet }: Simulation, { from, to }: SettledSlot): number {
  const inZone = (agents: Int32Array, of: (row: number) => number): number =>
    sum(agents.map((agent, row) => (agent >= from && agent < to ? of(row) : 0)));
  const stored = storesOf(fleet).map((stores) =>
    inZone(stores.agent, (row) => (stores.takenWh[row] ?? 0) - (stores.givenWh[row] ?? 0)),
  );
  return (
    sum(stored) +
    inZone(fleet.training.agent, (row) => fleet.training.usedWh[row] ?? 0) -
    inZone(fleet.flexible.agent, (row) => fleet.flexible.waitingWh[row] ?? 0)
  );
}

/** What an agent that was read in time owes for a slot, by the market's own functions. */
function dueTicks(settled: SettledSlot, agent: number): bigint {
  const { prices, positionWh, netWh, feePpmOf } = settled;
  const position = positionWh[agent] ?? 0;
  const net = netWh[agent] ?? 0;
  const lane =
    position === 0
      ? null
      : { side: position > 0 ? ("bid" as const) : ("offer" as const), energyWh: Math.abs(position) };
  const flow = { importedWh: Math.max(0, net), exportedWh: Math.max(0, -net) };
  const due = dueForSlot(lane, true, flow, prices);
  const bought = position > 0 ? purchaseTicks(position, prices.clearingPrice, feePpmOf(agent)) : undefined;
  const paid = due.burnTicks + due.networkTicks + due.levyTicks + (bought?.costTicks ?? 0n) + (bought?.feeTicks ?? 0n);
  return paid - due.mintTicks - due.proceedsTicks;
}

describe("a simulated slot", () => {
  it("conserves energy in every zone, whatever is stored, shifted, trained, curtailed or not served", () => {
    fc.assert(
      fc.property(fuzzedScenario, fc.constantFrom(...STEPS), (scenario, step) => {
        const series = netSeries(scenario);
        const held = new Map<number, number>();
        simulate(scenario, step, series, {
          settled: (settled) => {
            const { run, zone, slot, from, to, netWh } = settled;
            const cell = zone * run.slots + slot - run.firstSlot;
            const now = heldWh(run, settled);
            const moved = now - (held.get(zone) ?? 0);
            held.set(zone, now);
            const net = sum(netWh.subarray(from, to));
            expect(net).to.equal(run.netWh[cell]);
            expect(net).to.equal((run.importWh[cell] ?? 0) - (run.exportWh[cell] ?? 0));
            const lines = (run.curtailedWh[cell] ?? 0) - (run.unservedWh[cell] ?? 0);
            expect(net).to.equal(plainNetWh(run, series, settled) + moved + lines);
            for (let agent = from; agent < to; ++agent) {
              expect(Math.abs(netWh[agent] ?? 0)).to.be.at.most(run.fleet.limitWh[agent] ?? 0);
            }
            const { importLimitW, exportLimitW } = scenario.grid;
            if (importLimitW !== undefined) expect(net).to.be.at.most(importLimitW / 4);
            if (exportLimitW !== undefined) expect(-net).to.be.at.most(exportLimitW / 4);
          },
        });
      }),
      { numRuns: 25 },
    );
  });

  it("keeps storage within what it took, gave, lost and drove", () => {
    fc.assert(
      fc.property(fuzzedScenario, fc.constantFrom(...STEPS), (scenario, step) => {
        const { fleet } = simulate(scenario, step);
        for (const stores of storesOf(fleet)) {
          stores.agent.forEach((_, row) => {
            const capacity = stores.capacityWh[row] ?? 0;
            const driven = stores === fleet.vehicles ? (fleet.vehicles.usedWh[row] ?? 0) : 0;
            const first = stores === fleet.vehicles ? Math.round(capacity * 0.6) : 0;
            const kept = (BigInt(stores.takenWh[row] ?? 0) * BigInt(stores.roundTripPpm[row] ?? 0)) / 1_000_000n;
            expect(stores.storedWh[row]).to.equal(first + Number(kept) - (stores.givenWh[row] ?? 0) - driven);
            expect(stores.storedWh[row]).to.be.within(0, capacity);
          });
        }
      }),
      { numRuns: 15 },
    );
  });

  it("conserves money: trades cancel, and each agent pays what the market's own settlement says", () => {
    fc.assert(
      fc.property(fuzzedScenario, fc.constantFrom(...STEPS), (scenario, step) => {
        const before = new Float64Array(10_000);
        simulate(scenario, step, netSeries(scenario), {
          settled: (settled) => {
            const { run, from, to, bids, offers } = settled;
            const filled = [bids, offers].map((side) => sum(side?.fillsWh.subarray(0, side.count) ?? []));
            expect(filled[0]).to.equal(filled[1]);
            for (let agent = from; agent < to; ++agent) {
              const cost = run.costTicks[agent] ?? 0;
              const paid = cost - (before[agent] ?? 0);
              before[agent] = cost;
              if (run.fleet.conduct[agent] === CONDUCTS.withholding) continue;
              expect(BigInt(paid)).to.equal(dueTicks(settled, agent));
            }
          },
        });
      }),
      { numRuns: 15 },
    );
  });

  it("certifies what plants gave once, and matches no more training than that", () => {
    fc.assert(
      fc.property(fuzzedScenario, fc.constantFrom(...STEPS), (scenario, step) => {
        const run = simulate(scenario, step);
        const price = step === "nothing" ? 0 : scenario.certificatePrice;
        expect(sum(run.certificateTicks)).to.equal((sum(run.certifiedWh) - sum(run.matchedTrainingWh)) * price);
        run.matchedTrainingWh.forEach((matched, cell) => {
          expect(matched).to.equal(Math.min(run.certifiedWh[cell] ?? 0, run.trainingWh[cell] ?? 0));
        });
      }),
      { numRuns: 10 },
    );
  });
});
