import { expect } from "chai";
import hre from "hardhat";
import type { ContractTransactionResponse } from "ethers";
import { termsAt, type ZoneLimits, type ZoneTerms } from "../../src/market/tariff.ts";
import { fixTariffs, type FixedTariff, type TariffState } from "../../src/market/tariffSchedule.ts";
import type { SlotFigures } from "../../src/market/tariffRule.ts";
import type { EnergyQueueMock } from "../../typechain-types/index.ts";
import {
  deployTestMarket,
  FIRST_SLOT as S,
  LIMITS,
  TERMS,
  type TestMarket,
  type TestMeter,
} from "../support/testMarket.ts";
import { mockQueue } from "../support/mockQueue.ts";
import { Choices, fuzzRuns } from "./random.ts";

const CASES = fuzzRuns(40);
const SLOTS = fuzzRuns(8);
const RING = 128;
/** What the mock does when it is asked; of these only the first, the long and the slow one count. */
const MANNERS = [0, 1, 2, 3, 4, 5] as const;
const COUNTS: readonly number[] = [0, 4, 5];

function asText({
  slot,
  importPrice,
  exportPrice,
  scarcityPpm,
  queuedWh,
}: Omit<FixedTariff, "announced" | "referencePrice">): string {
  return [slot, importPrice, exportPrice, scarcityPpm, queuedWh].join("/");
}

/** Bounds and terms that a zone may have, with their edges. */
function randomLimits(choices: Choices): ZoneLimits {
  const [floorPrice = 0, exportCapPrice = 0, cap = 0] = [0, 1, 2]
    .map(() => Number(choices.edged(choices.of([3, 12, 24]))))
    .sort((a, b) => a - b);
  return { ...LIMITS, floorPrice, exportCapPrice, capPrice: Math.max(1, cap) };
}

function randomTerms(choices: Choices, limits: ZoneLimits, fromSlot: number): ZoneTerms {
  const exportPrice = choices.of([
    limits.floorPrice,
    limits.exportCapPrice,
    choices.whole(limits.floorPrice, limits.exportCapPrice),
  ]);
  const importPrice = choices.of([exportPrice, limits.capPrice, choices.whole(exportPrice, limits.capPrice)]);
  const slopePpm = choices.of([0, 1_000_000, choices.whole(0, 1_000_000)]);
  return { ...TERMS, rule: "midpoint", fromSlot, exportPrice, importPrice: Math.max(1, importPrice), slopePpm };
}

const encoded = (terms: ZoneTerms) => ({ ...terms, rule: 0 });

describe("prices on chain and their TypeScript twin", () => {
  it(`agree over ${String(CASES)} zones of any bounds, terms, figures and queues`, async function () {
    this.timeout(0);
    const { ethers, networkHelpers } = await hre.network.create();
    const choices = new Choices("prices");
    const library = await ethers.deployContract("Tariff");
    const harness = await ethers.deployContract("TariffHarness", [], {
      libraries: { Tariff: library },
    });
    const queue = await ethers.deployContract("EnergyQueueMock");
    await networkHelpers.time.increaseTo(S * 900);
    await harness.setQueue(queue);
    const reached = new Map<string, number>();
    const count = (what: string) => reached.set(what, (reached.get(what) ?? 0) + 1);

    for (let run = 1; run <= CASES; ++run) {
      const zone = 1 + (run % 4_095);
      const now = S + 20 + 700 * run;
      const limits = randomLimits(choices);
      const [terms, next] = [randomTerms(choices, limits, 1), randomTerms(choices, limits, now + choices.whole(-8, 8))];
      const nextTerms = choices.chance(0.5) ? next : undefined;
      const table = new Map<number, SlotFigures & { readonly readCount: number }>();
      const newest = now - choices.whole(0, choices.of([14, 60, 400]));
      for (let slot = newest - RING + 1; slot <= newest; ++slot) {
        const bits = choices.of([4, 16, 48]);
        if (slot < newest && choices.chance(0.3)) continue;
        table.set(slot, {
          importWh: Number(choices.edged(bits)),
          exportWh: Number(choices.edged(bits)),
          readCount: choices.chance(0.9) ? choices.whole(1, 65_535) : 0,
        });
      }
      const through = now + 8 - choices.whole(0, choices.of([3, 40, 300]));
      const start: TariffState = {
        through: Math.max(through, newest) > now + 7 ? now + 6 : Math.max(through, newest),
        referencePrice: Number(choices.edged(choices.of([3, 24]))),
      };
      const queued = Array.from({ length: 20 }, () => choices.edged(choices.of([8, 30, 250])));
      const manner = choices.of(MANNERS);
      await networkHelpers.time.setNextBlockTimestamp(now * 900);
      await harness.setZone(
        zone,
        start.through,
        start.referencePrice,
        limits,
        encoded(terms),
        nextTerms === undefined ? { ...encoded(terms), fromSlot: 0 } : encoded(nextTerms),
      );
      await harness.setFigures(
        zone,
        [...table].map(([slot, figures]) => ({ slot, ...figures })),
      );
      await queue.set(zone, now - 11, queued);
      await queue.behave(manner);

      const counts = COUNTS.includes(manner);
      const { state, fixed } = fixTariffs(start, now + 8, {
        limits,
        termsAt: (slot) => termsAt(slot, terms, nextTerms),
        figuresOf: (slot) => {
          const figures = table.get(slot);
          return figures === undefined || figures.readCount === 0 ? undefined : figures;
        },
        queuedWh: (slot) => (counts ? Number(queued[slot - now + 11] ?? 0n) : 0),
        newestSlot: newest,
      });
      // What anybody may ask before it is fixed is what is fixed.
      const asked = fixed.at(-choices.whole(1, Math.min(fixed.length, RING)));
      if (asked === undefined) throw new Error("nothing to fix");
      const answer = await harness.priceAt(zone, asked.slot);
      expect(answer.map(Number), `run ${String(run)}`).to.deep.equal([
        asked.importPrice,
        asked.exportPrice,
        asked.scarcityPpm,
      ]);
      const receipt = await (await harness.fix(zone, now + 8)).wait();
      const said = (receipt?.logs ?? []).flatMap((log) => {
        const event = harness.interface.parseLog(log);
        return event?.name === "TariffFixed" ? [event.args.slice(1).join("/")] : [];
      });
      const announced = fixed.filter(({ announced: is }) => is);
      expect(said, `run ${String(run)}`).to.deep.equal(announced.map(asText));
      expect((await harness.referenceOf(zone)).map(Number)).to.deep.equal([state.through, state.referencePrice]);
      const late = fixed.at(-choices.whole(1, fixed.length));
      if (late !== undefined) expect(await harness.scarcityAt(zone, late.slot)).to.equal(BigInt(late.scarcityPpm));

      let before = start.referencePrice;
      for (const { referencePrice, scarcityPpm, queuedWh, slot } of fixed) {
        const most = Math.max(before + 1, Math.floor((before * 9) / 8));
        count(
          referencePrice > most || referencePrice < Math.floor((before * 7) / 8)
            ? "a bound forces a longer step"
            : "within an eighth",
        );
        if (scarcityPpm !== 0) count(Math.abs(scarcityPpm) === 1_000_000 ? "scarcity of one" : "scarcity");
        if (queuedWh > 0) count("queued");
        if (slot === nextTerms?.fromSlot) count("terms change");
        before = referencePrice;
      }
      if (announced.length < fixed.length) count("skipped");
    }
    const wanted = [
      "a bound forces a longer step",
      "within an eighth",
      "scarcity",
      "scarcity of one",
      "queued",
      "terms change",
      "skipped",
    ];
    expect(
      wanted.filter((what) => !reached.has(what)),
      JSON.stringify([...reached]),
    ).to.deep.equal([]);
  });

  it(`agree slot by slot over ${String(SLOTS)} slots of a market in random order, with gaps, pauses and new terms`, async function () {
    this.timeout(0);
    const market = await deployTestMarket(await hre.network.create(), { slopePpm: 700_000 });
    const walk = await Walk.begin(market);
    for (let done = 0; done < SLOTS; ++done) await walk.step();
    await walk.end();
    const wanted = [
      "read",
      "gap",
      "nobody read",
      "pause",
      "terms",
      "queued",
      "touched ahead",
      "fixed ahead",
      "closed",
      "passed over",
      "skipped",
      "moved",
    ];
    expect(
      wanted.filter((what) => !walk.reached.has(what)),
      JSON.stringify([...walk.reached]),
    ).to.deep.equal([]);
  });
});

/** A market that runs on, with a table of what was accepted in time beside it: the twin knows nothing else. */
class Walk {
  readonly market: TestMarket;
  readonly meters: readonly TestMeter[];
  readonly queue: EnergyQueueMock;
  readonly choices = new Choices("a market's prices");
  readonly reached = new Map<string, number>();
  readonly figures = new Map<number, SlotFigures>();
  readonly queued = new Map<number, number>();
  readonly lastRead = new Map<string, number>();
  /** Terms by the slot that they hold from. */
  readonly terms: ZoneTerms[];
  /** Everything that the chain has said of prices. */
  readonly said = new Map<number, string>();
  state: TariffState;
  slot = S;
  closedThrough = S - 6;
  newest = S - 1;
  readonly touched = new Set<number>();

  private constructor(
    market: TestMarket,
    meters: readonly TestMeter[],
    queue: EnergyQueueMock,
    state: TariffState,
    terms: ZoneTerms,
  ) {
    this.market = market;
    this.meters = meters;
    this.queue = queue;
    this.state = state;
    this.terms = [terms];
    for (const { address } of meters) this.lastRead.set(address, S - 1);
  }

  static async begin(market: TestMarket): Promise<Walk> {
    const meters = [
      await market.addMeter({ kind: "consumer", balanceTicks: 10n ** 16n }),
      await market.addMeter({ kind: "prosumer", bonded: false, balanceTicks: 10n ** 16n }),
      await market.addMeter({ kind: "prosumer", bonded: false, balanceTicks: 10n ** 16n }),
    ];
    const queue = await mockQueue(market);
    await market.exchange.passOver(1, S - 6);
    const info = await market.exchange.zoneInfo(1);
    const state = { through: Number(info.tariffThrough), referencePrice: Number(info.referencePrice) };
    return new Walk(market, meters, queue, state, { ...TERMS, slopePpm: 700_000, rule: "midpoint" });
  }

  count(what: string, times = 1): void {
    this.reached.set(what, (this.reached.get(what) ?? 0) + times);
  }

  termsOf(slot: number): ZoneTerms {
    const terms = this.terms.filter(({ fromSlot }) => fromSlot <= slot).at(-1);
    if (terms === undefined) throw new Error("no terms");
    return terms;
  }

  /** Hear what a transaction says of prices, and hold it to the twin. */
  async hear(sent: ContractTransactionResponse): Promise<void> {
    const receipt = await sent.wait();
    const fixed: string[] = [];
    let through = this.state.through;
    for (const log of receipt?.logs ?? []) {
      const event = this.market.exchange.interface.parseLog(log);
      if (event?.name === "SlotOpened") {
        this.touched.add(Number(event.args[1]));
        this.newestAfter = Math.max(this.newestAfter, Number(event.args[1]));
      }
      if (event?.name !== "TariffFixed") continue;
      through = Number(event.args[1]);
      fixed.push(event.args.slice(1).join("/"));
    }
    const twin = fixTariffs(this.state, through, {
      limits: LIMITS,
      termsAt: (slot) => this.termsOf(slot),
      figuresOf: (slot) => this.figures.get(slot),
      queuedWh: (slot) => this.queued.get(slot) ?? 0,
      newestSlot: this.newest,
    });
    const announced = twin.fixed.filter(({ announced: is }) => is);
    expect(fixed).to.deep.equal(announced.map(asText));
    this.state = twin.state;
    this.newest = this.newestAfter;
    if (announced.length < twin.fixed.length) this.count("skipped");
    this.count("moved", announced.filter(({ scarcityPpm }) => scarcityPpm !== 0).length);
    this.count("queued", announced.filter(({ queuedWh }) => queuedWh > 0).length);
  }

  newestAfter = S - 1;

  /** One slot of market time: what happens in it comes in any order. */
  async step(): Promise<void> {
    const { choices, market } = this;
    if (choices.chance(0.02)) await this.pause();
    const acts = [
      () => this.read(),
      () => this.read(),
      () => this.lateReading(),
      () => this.fixAhead(),
      () => this.touchAhead(),
      () => this.close(),
      () => this.queueMore(),
      () => this.newTerms(),
    ];
    this.slot += 1;
    let seconds = 20;
    const order = acts.map((act) => ({ act, key: choices.whole(0, 1_000_000) })).sort((a, b) => a.key - b.key);
    for (const { act } of order) {
      await market.at(this.slot, (seconds += 20));
      await act();
    }
  }

  /** Nobody does anything for hours or days. */
  async pause(): Promise<void> {
    this.count("pause");
    this.slot += this.choices.of([20, 100, 200, 400]);
    await this.market.at(this.slot, 5);
    await this.closeAll();
  }

  /** Some meters report a slot that has just ended, or one of the three before it. */
  async read(): Promise<void> {
    const { choices } = this;
    const slot = this.slot - choices.of([1, 1, 1, 2, 3, 4]);
    if (slot <= this.closedThrough) return;
    const chosen = this.meters.filter(
      ({ address }) => (this.lastRead.get(address) ?? 0) === slot - 1 && choices.chance(0.9),
    );
    if (chosen.length === 0) {
      this.count("nobody read");
      return;
    }
    await this.readInTime(slot, chosen);
  }

  async readInTime(slot: number, meters: readonly TestMeter[]): Promise<void> {
    const { choices } = this;
    const energy = () => choices.of([0, choices.whole(0, 2_560), choices.whole(0, 2_560)]);
    const flows = meters.map((meter) => ({
      meter,
      importWh: choices.chance(0.6) ? energy() : 0,
      exportWh: meter === this.meters[0] ? 0 : energy(),
    }));
    await this.hear(await this.market.settleFlows(slot, flows));
    const known = this.figures.get(slot) ?? { importWh: 0, exportWh: 0 };
    this.figures.set(slot, {
      importWh: flows.reduce((sum, { importWh }) => sum + importWh, known.importWh),
      exportWh: flows.reduce((sum, { exportWh }) => sum + exportWh, known.exportWh),
    });
    for (const { address } of meters) this.lastRead.set(address, slot);
    this.count("read");
  }

  /** A meter that fell behind catches up with a reading that counts for nothing, and perhaps with some in time. */
  async lateReading(): Promise<void> {
    const { choices } = this;
    const meter = this.meters.find(({ address }) => (this.lastRead.get(address) ?? 0) < this.slot - 5);
    if (meter === undefined || !choices.chance(0.6)) return;
    const target = this.slot - 5;
    await this.hear(await this.market.settleFlows(target, [{ meter, importWh: choices.whole(0, 900) }]));
    this.lastRead.set(meter.address, target);
    this.count("gap");
    for (let slot = target + 1; slot < this.slot && choices.chance(0.9); ++slot) {
      if (slot > this.closedThrough) await this.readInTime(slot, [meter]);
    }
  }

  async fixAhead(): Promise<void> {
    if (!this.choices.chance(0.2)) return;
    await this.hear(await this.market.exchange.fixTariffs(1, this.slot + this.choices.whole(-3, 8)));
    this.count("fixed ahead");
  }

  async touchAhead(): Promise<void> {
    if (!this.choices.chance(0.2)) return;
    const [meter] = this.meters;
    const slot = this.slot + this.choices.whole(2, 8);
    if (meter === undefined) return;
    await this.hear(await this.market.exchange.connect(meter.owner).cancelOrder(slot, meter.address));
    this.count("touched ahead");
  }

  async close(): Promise<void> {
    if (this.choices.chance(0.7)) return;
    await this.closeAll();
  }

  /** Close what is past its deadline, slot by slot or in one go where nobody touched them. */
  async closeAll(): Promise<void> {
    const { exchange } = this.market;
    const last = this.slot - 5;
    while (this.closedThrough < last) {
      const open = [...this.touched].filter((slot) => slot > this.closedThrough && slot <= last);
      const next = open.length === 0 ? last : Math.min(...open);
      if (open.length === 0) {
        await this.hear(await exchange.passOver(1, last));
        this.count("passed over");
      } else {
        await this.hear(await exchange.close(1, next, []));
        this.count("closed");
      }
      this.closedThrough = next;
    }
  }

  /** Jobs are queued for slots whose gates are not open: the others' answers never change. */
  async queueMore(): Promise<void> {
    const { choices } = this;
    if (!choices.chance(0.3)) return;
    const first = this.slot + choices.whole(9, 60);
    const amounts = Array.from({ length: choices.whole(1, 30) }, () => choices.of([0, 5, choices.whole(0, 3_000)]));
    await this.queue.set(1, first, amounts);
    for (const [index, amount] of amounts.entries()) this.queued.set(first + index, amount);
  }

  async newTerms(): Promise<void> {
    const { choices, market } = this;
    const pending = this.terms.length > 1 ? this.terms.at(-1) : undefined;
    const stands = pending !== undefined && pending.fromSlot < this.slot + 9;
    if (!choices.chance(0.05) || (stands && pending.fromSlot + RING > this.slot)) return;
    const terms = {
      ...randomTerms(choices, { ...LIMITS, lossPpm: 0, toleranceWh: 0 }, this.slot + choices.whole(9, 30)),
    };
    const sent = await market.exchange.connect(market.governor).setZoneTerms(1, encoded(terms));
    await this.hear(sent);
    if (pending !== undefined && !stands) this.terms.pop();
    this.terms.push(terms);
    this.count("terms");
  }

  async end(): Promise<void> {
    this.slot += 1;
    await this.market.at(this.slot, 5);
    await this.hear(await this.market.exchange.fixTariffs(1, this.slot + 8));
    expect(this.state.through).to.equal(this.slot + 8);
  }
}
