import { expect } from "chai";
import hre from "hardhat";
import { mayExport, type RegisteredKind } from "../../src/market/codes.ts";
import { beginLedger, requiredBondTicks, type GridState, type SiteAccount } from "../../src/market/gridLeg.ts";
import { selectorOf } from "../../src/market/itemErrors.ts";
import {
  BALANCE_CEILING_TICKS,
  decodeMeterWord,
  encodeMeterWord,
  meterSlotLimitWh,
  type MeterWord,
} from "../../src/market/meterWord.ts";
import { encodeLine } from "../../src/market/packed.ts";
import { settleReading, readingTimes } from "../../src/market/settleReading.ts";
import type { StorageFacts } from "../../src/market/storagePhysics.ts";
import { closePosition, type SlotPrices } from "../../src/market/settlement.ts";
import { slotStart, ticksToBaseUnits } from "../../src/units.ts";
import { deployTestMarket, FIRST_SLOT, LIMITS, TERMS, type TestMarket, type TestMeter } from "../support/testMarket.ts";
import { eventsOf, type ExchangeEvent } from "../exchange/events.ts";
import { Choices, fuzzRuns } from "./random.ts";

const S = FIRST_SLOT;
const SLOTS = fuzzRuns(50);

interface Twin {
  readonly meter: TestMeter;
  readonly kind: RegisteredKind;
  readonly storage?: StorageFacts;
  claimTicks: bigint;
}

/** The market beside its twin: claims and sites live in the twin alone, words come from the chain before each step. */
class Pair {
  readonly market: TestMarket;
  readonly twins: Twin[];
  readonly sites = new Map<number, SiteAccount>();
  readonly choices = new Choices("debts and claims");
  readonly reached = new Map<string, number>();
  closedThrough = S - 6;

  constructor(market: TestMarket, twins: Twin[]) {
    this.market = market;
    this.twins = twins;
  }

  count(what: string): void {
    this.reached.set(what, (this.reached.get(what) ?? 0) + 1);
  }

  site(id: number): SiteAccount {
    const site = this.sites.get(id);
    if (site === undefined) throw new Error(`no site ${String(id)}`);
    return site;
  }

  async pricesOf(slot: number): Promise<SlotPrices> {
    const record = await this.market.exchange.slotRecord(1, slot);
    return {
      importPrice: Number(record.importPrice),
      exportPrice: Number(record.exportPrice),
      clearingPrice: Number(record.clearingPrice),
      networkLocalPrice: Number(record.networkLocalPrice),
      networkGridPrice: Number(record.networkGridPrice),
      levyPrice: Number(record.levyPrice),
    };
  }

  async words(): Promise<Map<string, MeterWord>> {
    const words = await Promise.all(
      this.twins.map(async ({ meter }) => [meter.address, await this.market.word(meter)] as const),
    );
    return new Map(words);
  }

  /** Claims and sites as the chain has them must be those that the twin has worked out. */
  async expectSameMoney(): Promise<void> {
    for (const { meter, claimTicks } of this.twins) {
      expect((await this.market.exchange.meterConfig(meter.address)).claimTicks).to.equal(claimTicks);
      const site = await this.market.exchange.siteInfo(meter.site);
      const twin = this.site(meter.site);
      expect([site.bondTicks, site.debtTicks, site.requiredBondTicks]).to.deep.equal([
        twin.bondTicks,
        twin.debtTicks,
        twin.requiredTicks,
      ]);
    }
  }
}

/** Twelve meters of all kinds, poor and rich ones, some sharing a site. */
async function twelveMeters(market: TestMarket): Promise<Pair> {
  const storage = { storageCapacityWh: 2_000, bestEfficiencyPpm: 900_000 };
  const plans: { kind: RegisteredKind; balanceTicks: bigint; bonded?: boolean; shared?: boolean }[] = [
    { kind: "consumer", balanceTicks: 10n ** 12n },
    { kind: "consumer", balanceTicks: 150_000_000n },
    { kind: "consumer", balanceTicks: 0n },
    { kind: "prosumer", balanceTicks: 10n ** 12n },
    { kind: "prosumer", balanceTicks: 10n ** 12n, bonded: false },
    { kind: "prosumer", balanceTicks: 50_000_000n },
    { kind: "producer", balanceTicks: 10n ** 12n },
    { kind: "producer", balanceTicks: 0n },
    { kind: "producer", balanceTicks: BALANCE_CEILING_TICKS - 90_000_000n },
    { kind: "storage", balanceTicks: 10n ** 12n },
    { kind: "consumer", balanceTicks: 5_000_000n, shared: true },
    { kind: "feeder", balanceTicks: 0n },
  ];
  const twins: Twin[] = [];
  for (const plan of plans) {
    const site = plan.shared ? twins[5]?.meter.site : undefined;
    const meter = await market.addMeter({
      kind: plan.kind,
      balanceTicks: plan.balanceTicks,
      ...(plan.bonded === undefined ? {} : { bonded: plan.bonded }),
      ...(site === undefined ? {} : { site }),
      ...(plan.kind === "storage" ? { source: "storage" as const, ...storage } : {}),
    });
    const facts: StorageFacts = { firstImportWh: 0, firstExportWh: 0, allowanceWh: 2_000, bestEfficiencyPpm: 900_000 };
    twins.push({ meter, kind: plan.kind, claimTicks: 0n, ...(plan.kind === "storage" ? { storage: facts } : {}) });
  }
  const pair = new Pair(market, twins);
  for (const { meter } of twins) {
    const info = await market.exchange.siteInfo(meter.site);
    const members = twins.filter((twin) => twin.meter.site === meter.site);
    const requiredTicks = requiredBondTicks(
      LIMITS,
      members.map(({ kind }) => ({ kind, powerClass: 0x34 })),
    );
    pair.sites.set(meter.site, { bondTicks: info.bondTicks, debtTicks: 0n, unbondingTicks: 0n, requiredTicks });
  }
  return pair;
}

/** Somebody poor gets money, and now and then its site pays its debt, so that it trades and owes again. */
async function topUp(pair: Pair): Promise<void> {
  const { market, twins, choices } = pair;
  const { meter } = choices.of([1, 1, 2, 2, 10].flatMap((index) => twins[index] ?? []));
  const exchange = market.exchange.connect(meter.owner);
  const ticks = BigInt(choices.whole(20_000_000, 400_000_000));
  await market.fund(meter.owner, ticks);
  await exchange.deposit(meter.address, ticks);
  const site = pair.site(meter.site);
  if (site.debtTicks === 0n || choices.chance(0.1)) return;
  await market.fund(meter.owner, site.debtTicks);
  await exchange.payDebt(meter.site, site.debtTicks);
  pair.sites.set(meter.site, { ...site, debtTicks: 0n });
}

/** Orders of whoever likes; clearing skips those that may not trade. */
async function randomTrade({ market, twins, choices }: Pair, slot: number): Promise<void> {
  const orders = twins.flatMap(({ meter, kind }) => {
    if (kind === "feeder" || !choices.chance(0.7)) return [];
    const side = mayExport(kind) && choices.chance(0.7) ? "offer" : "bid";
    const limitPrice = side === "bid" ? choices.whole(150_000, 300_000) : choices.whole(100_000, 250_000);
    return [market.order(meter, slot, side, choices.whole(1, choices.of([10, 500, 1_500])), limitPrice)];
  });
  await market.clear(slot, orders);
}

/** Registers that a meter may report, sound and unsound ones. */
function randomRegisters({ choices }: Pair, word: MeterWord): { importWh: number; exportWh: number } {
  const limitWh = meterSlotLimitWh(word);
  const flow = () => choices.of([0, 0, choices.whole(0, 40), choices.whole(0, 1_500), limitWh]);
  const registers = { importWh: word.importWh + flow(), exportWh: word.exportWh + flow() };
  if (choices.chance(0.02)) registers.importWh = word.importWh + 20 * limitWh;
  if (choices.chance(0.02)) registers.exportWh = Math.max(0, word.exportWh - 1);
  return registers;
}

/** Settle a batch on chain and in the twin, and hold each reading's event to what the twin says. */
async function settleBoth(pair: Pair, slot: number, now: number, shareRead: number, seconds: number): Promise<void> {
  const { market, twins, choices } = pair;
  const words = await pair.words();
  const chosen = twins.filter(() => choices.chance(shareRead));
  if (choices.chance(0.2) && chosen[0] !== undefined) chosen.push(chosen[0]);
  if (chosen.length === 0) return;
  const registers = chosen.map(({ meter }) => {
    const word = words.get(meter.address);
    if (word === undefined) throw new Error("no word");
    return { meter, ...randomRegisters(pair, word) };
  });
  const headroom = choices.of([0n, 5_000_000n, 10n ** 15n]);
  const slack = ticksToBaseUnits(headroom) + (await market.credit.totalSupply()) - (await market.desk.backing());
  await market.desk.connect(market.grid).setCreditLine((await market.desk.creditLine()) + slack);
  const supply = await market.credit.totalSupply();

  await market.at(now, seconds);
  const sent = await market.exchange.connect(market.worker).settle(1, slot, market.readings(slot, registers));
  const said = (await eventsOf(market, sent)).filter(({ name }) =>
    ["ReadingSettled", "ReadingSkipped", "PositionClosed"].includes(name),
  );

  const times = readingTimes(slot, slotStart(now) + seconds, slot <= pair.closedThrough);
  const record = await market.exchange.slotRecord(1, slot).catch(() => undefined);
  const prices: SlotPrices = record === undefined ? { ...TERMS, clearingPrice: 0 } : await pair.pricesOf(slot);
  const older = new Map<number, SlotPrices>();
  for (const word of words.values()) {
    for (const lane of [word.lastSlot + 1, word.lastSlot + 2]) {
      if (lane <= slot && !older.has(lane)) {
        const known = await pair.pricesOf(lane).catch(() => undefined);
        if (known !== undefined) older.set(lane, known);
      }
    }
  }
  let ledger = beginLedger(headroom);
  const expected: ExchangeEvent[] = [];
  for (const { meter, importWh, exportWh } of registers) {
    const twin = twins.find((known) => known.meter.address === meter.address);
    const word = words.get(meter.address);
    if (twin === undefined || word === undefined) throw new Error("no twin");
    const state: GridState = {
      meter: { word, kind: twin.kind, claimTicks: twin.claimTicks },
      site: pair.site(meter.site),
      ledger,
    };
    const result = settleReading(
      state,
      { zone: 1, slot, importWh, exportWh },
      {
        ...times,
        prices,
        limits: LIMITS,
        pricesOf: (asked) => {
          const known = older.get(asked);
          if (known === undefined) throw new Error(`no prices of slot ${String(asked)}`);
          return known;
        },
        ...(twin.storage === undefined ? {} : { storage: twin.storage }),
      },
    );
    if (result.problem !== undefined) {
      expected.push({ name: "ReadingSkipped", args: [meter.address, 1n, BigInt(slot), selectorOf(result.problem)] });
      pair.count(result.problem);
      continue;
    }
    for (const closed of result.closed) {
      const args = [
        meter.address,
        BigInt(closed.slot),
        encodeMeterWord(closed.outcome.meter.word),
        encodeLine(closed.outcome.line),
      ];
      expected.push({ name: "PositionClosed", args });
      pair.count("gap closes a position");
    }
    expected.push({
      name: "ReadingSettled",
      args: [meter.address, encodeMeterWord(result.meter.word), encodeLine(result.line)],
    });
    pair.count(result.gap ? "gap" : "in time");
    for (const [name, ticks] of Object.entries(result.outcome ?? {})) {
      if (typeof ticks === "bigint" && ticks > 0n) pair.count(name);
    }
    words.set(meter.address, result.meter.word);
    twin.claimTicks = result.meter.claimTicks;
    pair.sites.set(meter.site, result.site);
    ledger = result.ledger;
  }
  expect(said, `batch of slot ${String(slot)}`).to.deep.equal(expected);
  const change = (await market.credit.totalSupply()) - supply;
  expect(change).to.equal(ticksToBaseUnits(ledger.mintedTicks - ledger.burnedTicks));
}

/** Close a slot at its deadline on chain and in the twin. */
async function closeBoth(pair: Pair, slot: number): Promise<void> {
  const { market, twins } = pair;
  const words = await pair.words();
  const headroom = await market.desk.headroomTicks();
  const addresses = twins.map(({ meter }) => meter.address);
  const sent = await market.exchange.connect(market.worker).close(1, slot, addresses);
  const said = (await eventsOf(market, sent)).filter(({ name }) => name === "PositionClosed");
  const prices = await pair.pricesOf(slot);
  let ledger = beginLedger(headroom);
  const expected: ExchangeEvent[] = [];
  for (const twin of twins) {
    const { meter } = twin;
    const word = words.get(meter.address);
    if (word === undefined) throw new Error("no word");
    const state = {
      meter: { word, kind: twin.kind, claimTicks: twin.claimTicks },
      site: pair.site(meter.site),
      ledger,
    };
    const outcome = closePosition(state, slot, prices);
    if (outcome === undefined) continue;
    expected.push({
      name: "PositionClosed",
      args: [meter.address, BigInt(slot), encodeMeterWord(outcome.meter.word), encodeLine(outcome.line)],
    });
    twin.claimTicks = outcome.meter.claimTicks;
    pair.sites.set(meter.site, outcome.site);
    ledger = outcome.ledger;
    pair.count("closed");
    if (outcome.debtRepaidTicks > 0n) pair.count("debtRepaidTicks");
  }
  expect(said, `closing slot ${String(slot)}`).to.deep.equal(expected);
  pair.closedThrough = slot;
}

describe("settlement on chain and its TypeScript twin", () => {
  it(`agree event by event over ${String(SLOTS)} slots of random positions, flows, gaps, debts and claims`, async function () {
    this.timeout(0);
    const market = await deployTestMarket(await hre.network.create());
    const pair = await twelveMeters(market);
    const { choices } = pair;
    await market.exchange.passOver(1, pair.closedThrough);
    // Nothing but the stated credit line backs what is minted, so that it alone sets the headroom.
    await market.desk.connect(market.grid).setCreditLine(10n ** 36n);
    await market.desk.connect(market.grid).withdrawPledge(market.grid.address, await market.desk.funds());
    // From the ninth slot on prices move to another base, and in a long run with the readings of the day before.
    const terms = { ...TERMS, fromSlot: S + 9, importPrice: 590_000, slopePpm: 600_000 };
    await market.exchange.connect(market.governor).setZoneTerms(1, terms);
    for (let slot = S; slot < S + SLOTS; ++slot) {
      await topUp(pair);
      await randomTrade(pair, slot + 1);
      // Who missed a slot catches up once it is past its deadline: three slots late as a gap, then slot by slot.
      // For a third of the time nobody does, so that closing settles what was left.
      const catchesUp = slot % 12 < 8 && choices.chance(0.4);
      const late = catchesUp ? [slot - choices.whole(4, 7), slot - 3, slot - 2, slot - 1] : [];
      for (const [place, read] of [...late, slot].entries()) {
        await settleBoth(pair, read, slot + 1, read === slot ? 0.93 : 0.85, 30 + 30 * place);
      }
      if (slot > S + 5 && choices.chance(0.8)) {
        while (pair.closedThrough < slot - 5) await closeBoth(pair, pair.closedThrough + 1);
      }
      if (slot % 10 === 0) await pair.expectSameMoney();
    }
    await pair.expectSameMoney();
    // Fuzzing proves nothing about what it never reached.
    const wanted = [
      ...["in time", "gap", "gap closes a position", "closed"],
      ...["ReadingTooOld", "EarlierSlotOpen", "RegisterDecreased", "EnergyBeyondRatedPower"],
      ...["claimGrantedTicks", "debtAddedTicks", "bondBurnedTicks", "debtRepaidTicks", "lapsedNetworkTicks"],
    ];
    expect(
      wanted.filter((what) => !pair.reached.has(what)),
      JSON.stringify([...pair.reached]),
    ).to.deep.equal([]);
  });

  it("read a word back as it was written", () => {
    const word = decodeMeterWord((1n << 256n) - 1n - (3n << 129n) - (3n << 156n) + (1n << 129n) + (2n << 156n));
    expect(decodeMeterWord(encodeMeterWord(word))).to.deep.equal(word);
  });
});
