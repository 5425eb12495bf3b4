import { expect } from "chai";
import fc from "fast-check";
import hre from "hardhat";
import { buildArena, type Arena } from "./harness/arena.ts";
import type { Summary } from "./harness/run.ts";
import { describeSummary, play, steps } from "./harness/sequence.ts";

const number = (name: string, otherwise: number): number => Number(process.env[name] ?? otherwise);
const RUNS = number("JOULEWORK_INVARIANT_RUNS", 8);
const LENGTH = number("JOULEWORK_INVARIANT_LENGTH", 200);
/** Sequences from which on each verb is expected to have succeeded. */
const LIVE_RUNS = 50;
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

/** What must have come of them: each is a path of its own through the exchange. */
const HAPPENINGS = [
  "trade",
  "no trade",
  "flagged",
  "unflagged",
  "PositionClosed",
  "PlacedOrderReleased",
  "DebtIncurred",
  "DebtRepaid",
  "BalanceSeized",
  "ClaimGranted",
  "ClaimPaid",
  "ChargesLapsed",
  "DisconnectionRequested",
  "MatcherPenalised",
  "WorkPaid",
];
const SKIPPED_READINGS = [
  "UnknownMeter",
  "WrongZone",
  "MeterSuspended",
  "ReadingTooOld",
  "EarlierSlotOpen",
  "RegisterDecreased",
  "EnergyBeyondRatedPower",
];
const SKIPPED_ORDERS = ["MeterUnread", "MeterNotBonded", "InsufficientBalance", "OrderSuperseded", "MeterIndebted"];

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
      endOnFailure: process.env.JOULEWORK_INVARIANT_SHRINK === "0",
    });
  });

  // A short run cannot reach every corner of a space this large: the proof's size has to.
  const reachesAll = RUNS >= LIVE_RUNS ? it : it.skip;
  reachesAll("are tried by sequences in which every verb succeeds and roles are refused what is not theirs", () => {
    if (process.env.JOULEWORK_INVARIANT_SUMMARY === "1") console.log(describeSummary(summary));
    const dead = VERBS.filter((verb) => !summary.get(verb)?.has("done"));
    expect(dead, describeSummary(summary)).to.deep.equal([]);
    const missing = [
      ...HAPPENINGS.filter((name) => !summary.get("event")?.has(name)),
      ...["in time", "gap"].filter((kind) => !summary.get("reading")?.has(kind)),
      ...SKIPPED_READINGS.filter((reason) => !summary.get("ReadingSkipped")?.has(reason)),
      ...SKIPPED_ORDERS.filter((reason) => !summary.get("OrderSkipped")?.has(reason)),
    ];
    expect(missing, describeSummary(summary)).to.deep.equal([]);
    expect(summary.get("usurp")?.has("done"), describeSummary(summary)).to.not.equal(true);
  });
});
