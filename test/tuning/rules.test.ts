import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import type { ExchangeEvent } from "../../src/chain/exchange.ts";
import type { RpcClient } from "../../src/chain/rpc.ts";
import type { ZoneTerms } from "../../src/market/tariff.ts";
import { readDecidedTerms, seasonScenario, type ChainSeason } from "../../src/tuning/season/index.ts";

const TERMS = {
  ...{ fromSlot: 0, importPrice: 300_000, exportPrice: 80_000, feePpm: 10_000 },
  ...{ networkLocalPrice: 20_000, networkGridPrice: 60_000, levyPrice: 10_000, slopePpm: 500_000 },
};
const LIMITS = { floorPrice: 40_000, capPrice: 600_000, exportCapPrice: 150_000, lossPpm: 60_000, toleranceWh: 20 };

describe("decided terms", () => {
  const set = (blockNumber: number, fromSlot: number, slopePpm: number) =>
    ({
      name: "ZoneTermsSet",
      blockNumber,
      args: { zone: 1, terms: { ...TERMS, fromSlot, slopePpm, rule: 1 } },
    }) as unknown as ExchangeEvent;
  const created = {
    name: "ZoneCreated",
    blockNumber: 1,
    args: { zone: 1, terms: { ...TERMS, rule: 0 } },
  } as unknown as ExchangeEvent;
  /** Block n is of slot 10 n. */
  const rpc = {
    all: (calls: readonly { readonly params: readonly unknown[] }[]) =>
      Promise.resolve(calls.map(({ params }) => ({ timestamp: Number(params[0]) * 10 * 900 }))),
  } as unknown as RpcClient;

  it("hold from their slots on, and give way to a later decision only if they had not begun", async () => {
    // Decided in slot 20 for 100 and, before that had begun, in slot 30 for 200 and in slot 40 for 150; in slot 190 for 300.
    const events = [created, set(2, 100, 1), set(3, 200, 2), set(4, 150, 3), set(19, 300, 4)];
    const { at } = await readDecidedTerms(rpc, events);
    const slopes = [0, 99, 100, 149, 150, 299, 300, 9_999].map((slot) => at(1, slot).slopePpm);
    expect(slopes).to.deep.equal([500_000, 500_000, 500_000, 500_000, 3, 3, 4, 4]);
    expect([at(1, 0).rule, at(1, 150).rule]).to.deep.equal(["midpoint", "sbba"]);
  });
});

describe("a scenario of a season", () => {
  const zone = (number: number, more: Partial<ZoneTerms> = {}) => ({
    ...{ zone: number, limits: LIMITS },
    present: { ...TERMS, rule: "midpoint" as const, ...more },
  });
  const meter = (name: string, number: number, importWh: number) => ({
    ...{ meter: name, zone: number, kind: "consumer", powerClass: 40 },
    importWh: new Uint32Array(96).fill(importWh),
    exportWh: new Uint32Array(96),
  });
  const season = (zones: ChainSeason["zones"]): ChainSeason => ({
    ...{ season: 4, seasonSlots: 96, firstSlot: 1_944_960, days: 1, dayBefore: false, unreadSlots: 0, events: [] },
    zones,
    meters: [meter("a", 7, 100), meter("b", 9, 300), meter("c", 7, 200)],
    preferences: new Map([
      ["a", { orders: 5, reluctance: 0.1, errorSquares: 4, flowSquares: 100 }],
      ["c", { orders: 5, reluctance: 0.3, errorSquares: 21, flowSquares: 300 }],
    ]),
    ...{
      rebatePrices: [0, 500, 0, 0, 0, 0, 0, 0],
      feeDiscountsPpm: [0],
      standing: { meanScorePpm: 0, sitesByTier: [] },
    },
    terms: { at: () => zone(7).present },
  });

  function inFolder<T>(work: (folder: string) => T): T {
    const folder = mkdtempSync(join(tmpdir(), "joulework-rules-"));
    try {
      return work(folder);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  it("has a group for each kind and zone, with the limits and errors of its orders", () => {
    inFolder((folder) => {
      const { scenario, zones } = seasonScenario(season([zone(7), zone(9)]), folder);
      expect(zones).to.deep.equal([7, 9]);
      expect(scenario.start).to.equal("2025-06-21");
      const [one, two] = scenario.agents;
      expect(one).to.deep.include({
        name: "consumer 7",
        count: 2,
        zone: 1,
        reluctance: [0.1, 0.3],
        forecastError: 0.25,
      });
      expect(two).to.deep.include({ name: "consumer 9", count: 1, zone: 2 });
      expect(scenario.market).to.include({ importPrice: 300_000, capPrice: 600_000, rule: "midpoint" });
      expect(scenario.game.rebatePrices.slice(0, 3)).to.deep.equal([0, 500, 0]);
    });
  });

  it("is refused where zones have different rules", () => {
    inFolder((folder) => {
      expect(() => seasonScenario(season([zone(7), zone(9, { feePpm: 9_000 })]), folder))
        .to.throw()
        .with.property("code", "ZONES_DIFFER");
    });
  });
});
