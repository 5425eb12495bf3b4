import { expect } from "chai";
import fc from "fast-check";
import hre from "hardhat";
import { buildArena, type Arena } from "./harness/arena.ts";
import type { Summary } from "./harness/run.ts";
import { describeSummary, play, steps } from "./harness/sequence.ts";

const number = (name: string, otherwise: number): number => Number(process.env[name] ?? otherwise);
const RUNS = number("JOULEWORK_INVARIANT_RUNS", 8);
const LENGTH = number("JOULEWORK_INVARIANT_LENGTH", 120);
const SEED = number("JOULEWORK_INVARIANT_SEED", 20250621);

/** Every verb of the exchange that the sequences use. */
const VERBS = [
  "placeOrder",
  "cancelOrder",
  "commitBook",
  "clear",
  "settle",
  "settleReading",
  "close",
  "passOver",
  "postMatcherBond",
  "requestMatcherUnlock",
  "collectMatcherBond",
  "reportUncleared",
  "reportMissing",
  "deposit",
  "donate",
  "moveBalance",
  "requestWithdrawal",
  "collectWithdrawal",
  "postBond",
  "requestUnbond",
  "collectBond",
  "payDebt",
  "seize",
  "payClaim",
  "writeOff",
  "setCreditLine",
  "registerMeter",
  "replaceMeter",
  "suspendMeter",
  "reinstateMeter",
  "retireMeter",
  "setDelegate",
  "syncMeter",
  "setTariff",
  "endInspection",
  "collectCharges",
  "collectEarnings",
  "pause",
  "unpause",
];

describe("invariants of the exchange", function () {
  this.timeout(0);
  const summary: Summary = new Map();
  let arena: Arena;
  let restore: () => Promise<void>;

  before(async () => {
    const connection = await hre.network.create();
    arena = await buildArena(connection);
    const snapshot = await connection.networkHelpers.takeSnapshot();
    restore = () => snapshot.restore();
  });

  it("hold after every call of random sequences, each of which goes as the ghost predicts", async () => {
    const sequences = fc.asyncProperty(steps(LENGTH), async (sequence) => {
      await restore();
      await play(arena, summary, sequence);
    });
    await fc.assert(sequences, {
      numRuns: RUNS,
      seed: SEED,
      unbiased: true,
      endOnFailure: process.env["JOULEWORK_INVARIANT_SHRINK"] === "0",
    });
  });

  it("are tried by sequences in which every verb succeeds at least once and roles are refused what is not theirs", () => {
    if (process.env["JOULEWORK_INVARIANT_SUMMARY"] === "1") console.log(describeSummary(summary));
    const dead = VERBS.filter((verb) => !summary.get(verb)?.has("done"));
    expect(dead, describeSummary(summary)).to.deep.equal([]);
    expect(summary.get("usurp")?.has("done"), describeSummary(summary)).to.not.equal(true);
  });
});
