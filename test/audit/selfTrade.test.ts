import { expect } from "chai";
import { Findings } from "../../src/audit/findings.ts";
import { selfTrade } from "../../src/audit/penaltyEvents.ts";
import { createContext, type Run } from "../../src/audit/run.ts";
import { createState, newMeterWord, type MeterEntry } from "../../src/audit/state.ts";
import type { ExchangeEvent } from "../../src/chain/exchange.ts";
import { encodeMeterWord, NO_FLAGS, type MeterWord } from "../../src/market/meterWord.ts";
import { DOMAIN } from "../market/helpers.ts";

const SLOT = 501;
const [A, B] = ["0x00000000000000000000000000000000000000A1", "0x00000000000000000000000000000000000000B2"];

describe("the audit of a reported self trade", () => {
  const seller = { ...newWord(), reliability: 4_000, laneOdd: { side: "offer", energyWh: 7 } } as const;
  const buyer = { ...newWord(), reliability: 100, laneOdd: { side: "bid", energyWh: 3 } } as const;

  it("takes the words over where two meters of a site hold opposite positions", () => {
    const { run, event } = reported(seller, buyer);
    selfTrade(run, event);
    expect(run.findings.checks().filter(({ passed }) => !passed)).to.deep.equal([]);
    expect(run.state.meters.get(A)?.word.reliability).to.equal(2_048);
    expect(run.state.meters.get(B)?.word.reliability).to.equal(100);
  });

  for (const [what, one, other, subject] of [
    ["equal sides", seller, { ...buyer, laneOdd: { side: "offer", energyWh: 3 } }, "positions on opposite sides"],
    ["another slot's position", seller, { ...buyer, lastSlot: SLOT }, "positions on opposite sides"],
    ["nothing above neutral", { ...seller, reliability: 2_048 }, buyer, "a reliability above neutral"],
  ] as const) {
    it(`does not pass ${what}`, () => {
      const { run, event } = reported(one, other);
      selfTrade(run, event);
      expect(failedSubjects(run)).to.deep.equal([subject]);
    });
  }

  it("does not pass meters of two sites, nor a word that is not lowered", () => {
    const strangers = reported(seller, buyer, 2);
    selfTrade(strangers.run, strangers.event);
    expect(failedSubjects(strangers.run)).to.deep.equal(["sites of both meters"]);
    const kept = reported(seller, buyer);
    selfTrade(kept.run, { ...kept.event, args: { ...kept.event.args, wordA: encodeMeterWord(seller) } });
    expect(failedSubjects(kept.run)).to.deep.equal(["word.reliability"]);
  });
});

function newWord(): MeterWord {
  return newMeterWord({ zone: 1, powerClass: 9, importWh: 0, exportWh: 0, lastSlot: SLOT - 1, flags: NO_FLAGS });
}

function entryOf(word: MeterWord, site: number): MeterEntry {
  return {
    word,
    site,
    kind: "prosumer",
    source: 0,
    status: 1,
    delegate: A,
    claimTicks: 0n,
    firstWord: { importWh: 0, exportWh: 0 },
    storage: { firstImportWh: 0, firstExportWh: 0, allowanceWh: 0, bestEfficiencyPpm: 0 },
    storageCapacityWh: 0,
    settledImportWh: 0,
    settledExportWh: 0,
  };
}

function reported(a: MeterWord, b: MeterWord, siteOfB = 1): { run: Run; event: ExchangeEvent<"SelfTrade"> } {
  const state = createState();
  state.meters.set(A, entryOf(a, 1));
  state.meters.set(B, entryOf(b, siteOfB));
  const transaction = { hash: "", blockNumber: 0, timestamp: 0, calls: undefined, events: [] };
  const tx = createContext(transaction);
  const functions = { exp: Math.exp, log: Math.log };
  const run: Run = { state, findings: new Findings(), domain: DOMAIN, exchange: A, desk: B, functions, tx };
  const lowered = (word: MeterWord) => encodeMeterWord({ ...word, reliability: Math.min(word.reliability, 2_048) });
  const args = { site: 1, slot: SLOT, meterA: A, meterB: B, wordA: lowered(a), wordB: lowered(b) };
  return { run, event: { name: "SelfTrade", args } as ExchangeEvent<"SelfTrade"> };
}

function failedSubjects(run: Run): string[] {
  return run.findings.checks().flatMap(({ failures }) => failures.map(({ subject }) => subject));
}
