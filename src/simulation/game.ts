import { pointPrice as highestPointPrice, concludedPoints } from "../game/points.ts";
import { NEW_REPUTATION, reputationScore, syncReputation, type SiteReputation } from "../game/reputation.ts";
import { addWork, NO_WORK, type NotedRegisters } from "../game/samples.ts";
import { shareSeason } from "../game/seasonRewards.ts";
import { DEFAULT_TIER_RULES } from "../game/tiers.ts";
import { decodeTierDiscounts, encodeTierDiscounts, shareFee, tierFeePpm } from "../market/fees.ts";
import { MAX_RELIABILITY, NEUTRAL_RELIABILITY } from "../market/meterWord.ts";
import { SCARCITY_STEP_PPM } from "../market/tariffRule.ts";
import { BASE_UNITS_PER_TICK, PPM, SLOTS_PER_DAY } from "../units.ts";
import { cautionOf } from "./caution.ts";
import { CONDUCTS, storesOf, type Fleet } from "./fleet.ts";
import type { DaySync, Simulation } from "./run.ts";
import { zoneTerms } from "./scenario.ts";
import type { Scenario } from "./scenarioSchema.ts";
import { feeUp, type SimulatedPrices } from "./settle.ts";
import type { LateReading } from "./withheld.ts";

const TICKS_PER_CREDIT = 1_000_000_000n;
/** As in `withDelivery` of the market. */
const RELIABILITY_PACE = 32;
const LIGHT_TRADE = 16;
/** Mean scarcity, of either sign, that an agent expects of the slots in which it moves energy. */
const USUAL_SCARCITY = 0.5;

/** What reputation and seasons came to. */
export interface GameResult {
  /** Of each agent: rewards and rebates of all seasons, ticks; whole points; and the score of its last day, ppm. */
  readonly rewardTicks: Float64Array;
  readonly points: Float64Array;
  readonly scorePpm: Int32Array;
  readonly tier: Uint8Array;
  /** What the pool got, and what is left in it, ticks. */
  readonly pooledTicks: number;
  readonly leftTicks: number;
}

/**
 * Reputation and seasons of a run, by the arithmetic of `src/game`: every agent is a site with one meter, is enrolled in every season and proves all its readings
 * in time, and is synced at the end of every day.
 */
export class Game {
  /** Who weighs points: 1 where the season's points so far and what the agent's storage and training may still earn are not below zero. */
  readonly playing: Uint8Array;
  readonly tier: Uint8Array;
  /** Of the book that is settled: it was cleared in the slot before. */
  readonly #feeTier: Uint8Array;
  /** What a point is expected to pay, ticks: at first its bound, later what the season before paid. */
  pointValue: number;
  /** A meter's delivery against its trades, 0 to 4,095. */
  readonly #reliability: Int32Array;
  /** Signed points of the season, in units of 100 ppm: exact below 2^53. */
  readonly #steps: Float64Array;
  readonly #unprovedWh: Float64Array;
  readonly #importWh: Float64Array;
  /** What an agent may still earn by moving energy, points a slot. */
  readonly #reach: Float64Array;
  readonly #sites: SiteReputation[];
  readonly #noted: ReadonlyMap<string, NotedRegisters>[];
  readonly #storage: readonly StorageMeter[];
  /** Training energy when an agent was synced last, for those that train. */
  readonly #trained = new Map<number, { readonly row: number; usedWh: number }>();
  readonly #rewardTicks: Float64Array;
  readonly #points: Float64Array;
  readonly #scorePpm: Int32Array;
  readonly #feeByTier: readonly number[];
  readonly #pointPrice: number;
  readonly #fleet: Fleet;
  readonly #scenario: Scenario;
  #poolTicks = 0n;
  #pooledTicks = 0n;
  readonly #onSync: ((sync: DaySync) => void) | undefined;
  #rebateShare = 1;

  constructor(run: Pick<Simulation, "scenario" | "fleet" | "takenWh" | "givenWh">, onSync?: (sync: DaySync) => void) {
    const { scenario, fleet } = run;
    const { count } = fleet;
    this.#onSync = onSync;
    const terms = zoneTerms(scenario);
    this.#fleet = fleet;
    this.#scenario = scenario;
    this.#pointPrice = highestPointPrice([terms], scenario.constants.pointShares);
    this.pointValue = this.#pointPrice;
    this.playing = new Uint8Array(count).fill(1);
    this.tier = new Uint8Array(count);
    this.#feeTier = new Uint8Array(count);
    this.#reliability = new Int32Array(count).fill(NEUTRAL_RELIABILITY);
    this.#steps = new Float64Array(count);
    this.#unprovedWh = new Float64Array(count);
    this.#importWh = new Float64Array(count);
    this.#reach = reachOf(fleet);
    this.#sites = new Array<SiteReputation>(count).fill(NEW_REPUTATION);
    this.#noted = new Array<ReadonlyMap<string, NotedRegisters>>(count).fill(new Map());
    this.#storage = storageMeters(run);
    fleet.training.agent.forEach((agent, row) => this.#trained.set(agent, { row, usedWh: 0 }));
    this.#rewardTicks = new Float64Array(count);
    this.#points = new Float64Array(count);
    this.#scorePpm = new Int32Array(count).fill(reputationScore(NEW_REPUTATION));
    const discounts = decodeTierDiscounts(encodeTierDiscounts(scenario.game.feeDiscountsPpm));
    this.#feeByTier = discounts.map((_, tier) => tierFeePpm(terms.feePpm, discounts, tier));
    this.#beCautious(0, count);
  }

  /** The trading fee that an agent pays for the slot at hand, ppm. */
  feePpmOf(agent: number): number {
    return this.#feeByTier[this.#feeTier[agent] ?? 0] ?? 0;
  }

  /** From the next slot on agents of a zone pay the fee of their tier: the books cleared since they were synced. */
  renewFees(from: number, to: number): void {
    this.#feeTier.set(this.tier.subarray(from, to), from);
  }

  /** Begins a season: its pool gets the gift. */
  beginSeason(): void {
    const gift = BigInt(this.#scenario.game.giftCredits) * TICKS_PER_CREDIT;
    this.#poolTicks += gift;
    this.#pooledTicks += gift;
  }

  /** Points, delivery and the pool's part of the fees, from the readings of a slot that were in time. */
  noteSlot(
    range: { readonly from: number; readonly to: number; readonly slotsLeft: number },
    netWh: Int32Array,
    positionWh: Int32Array,
    prices: SimulatedPrices,
    scarcityPpm: number,
  ): void {
    const steps = scarcityPpm / SCARCITY_STEP_PPM;
    let feeTicks = 0;
    for (let agent = range.from; agent < range.to; ++agent) {
      const net = netWh[agent] ?? 0;
      const points = (this.#steps[agent] ?? 0) - steps * net;
      this.#steps[agent] = points;
      if (net > 0) this.#importWh[agent] = (this.#importWh[agent] ?? 0) + net;
      this.playing[agent] = points * SCARCITY_STEP_PPM + (this.#reach[agent] ?? 0) * range.slotsLeft >= 0 ? 1 : 0;
      const position = positionWh[agent] ?? 0;
      if (position === 0) continue;
      if (position > 0) feeTicks += feeUp(position * prices.clearingPrice, this.feePpmOf(agent));
      const inDirection = position > 0 ? net : -net;
      this.#deliver(agent, Math.abs(position), inDirection > 0 ? inDirection : 0);
    }
    this.#pool(feeTicks);
  }

  /** A reading that was not in time: its trade was not delivered, and its energy counts as the worst that it could have been. */
  noteLate({ agent, positionWh, gapWh }: LateReading, { clearingPrice }: SimulatedPrices): void {
    if (positionWh > 0) this.#pool(feeUp(positionWh * clearingPrice, this.feePpmOf(agent)));
    if (positionWh !== 0) this.#deliver(agent, Math.abs(positionWh), 0);
    this.#unprovedWh[agent] = (this.#unprovedWh[agent] ?? 0) + gapWh;
  }

  /** Syncs the agents of a zone at the end of a day (slot / 96). */
  endDay(day: number, from: number, to: number): void {
    for (let agent = from; agent < to; ++agent) {
      const storage = this.#storage[agent];
      const meter = {
        meter: METER,
        reliability: this.#reliability[agent] ?? NEUTRAL_RELIABILITY,
        slotLimitWh: this.#fleet.limitWh[agent] ?? 0,
        ...(storage === undefined ? {} : { storage: storage() }),
      };
      const work = this.#workOf(agent);
      const { after, noted } = syncReputation({
        ...{ before: this.#sites[agent] ?? NEW_REPUTATION, day, faults: 0, meters: [meter] },
        ...{ noted: this.#noted[agent] ?? new Map(), rules: DEFAULT_TIER_RULES, work },
        halfLifeDays: this.#scenario.constants.halfLifeDays,
      });
      this.#onSync?.({ agent, day, after, work });
      this.#sites[agent] = after;
      this.#noted[agent] = noted;
      this.tier[agent] = after.tier;
      this.#scorePpm[agent] = reputationScore(after);
      this.#reliability[agent] = NEUTRAL_RELIABILITY;
    }
    this.#beCautious(from, to);
  }

  /** Concludes a season for all agents and divides its pool. */
  endSeason(): void {
    const { rebatePrices } = this.#scenario.game;
    const last = rebatePrices.length - 1;
    let wantedTicks = 0;
    const sites = Array.from(this.#steps, (steps, site) => {
      const sums = { pointsPpm: BigInt(steps) * BigInt(SCARCITY_STEP_PPM), unprovedWh: this.#unprovedWh[site] ?? 0 };
      const points = concludedPoints(sums);
      const rebatePrice = Math.min(rebatePrices[Math.min(last, this.tier[site] ?? 0)] ?? 0, this.#pointPrice);
      const importWh = this.#importWh[site] ?? 0;
      wantedTicks += importWh * rebatePrice;
      return { site, points, importWh, pointPrice: this.#pointPrice, rebatePrice };
    });
    const { shares, rebates } = shareSeason(this.#poolTicks * BASE_UNITS_PER_TICK, sites);
    let rewards = 0n;
    let points = 0n;
    shares.forEach(({ site, reward, rebate }, place) => {
      // Payments are counted down to whole ticks; the rest stays in the pool.
      const ticks = (reward + rebate) / BASE_UNITS_PER_TICK;
      this.#poolTicks -= ticks;
      this.#rewardTicks[site] = (this.#rewardTicks[site] ?? 0) + Number(ticks);
      const earned = sites[place]?.points ?? 0n;
      this.#points[site] = (this.#points[site] ?? 0) + Number(earned);
      const before = this.#sites[site] ?? NEW_REPUTATION;
      this.#sites[site] = { ...before, flexibleWh: before.flexibleWh + Number(earned) };
      rewards += reward;
      points += earned;
    });
    if (points > 0n) this.pointValue = Number(rewards / points) / Number(BASE_UNITS_PER_TICK);
    if (wantedTicks > 0) this.#rebateShare = Number(rebates / BASE_UNITS_PER_TICK) / wantedTicks;
    this.#steps.fill(0);
    this.#unprovedWh.fill(0);
    this.#importWh.fill(0);
    this.playing.fill(1);
  }

  result(): GameResult {
    return {
      rewardTicks: this.#rewardTicks,
      points: this.#points,
      scorePpm: this.#scorePpm,
      tier: this.tier,
      pooledTicks: Number(this.#pooledTicks),
      leftTicks: Number(this.#poolTicks),
    };
  }

  #pool(feeTicks: number): void {
    const { seasonTicks } = shareFee(BigInt(feeTicks));
    this.#poolTicks += seasonTicks;
    this.#pooledTicks += seasonTicks;
  }

  /** The reliability of a meter after a trade, as `withDelivery` has it. */
  #deliver(agent: number, positionWh: number, meteredWh: number): void {
    const light = Math.floor((this.#fleet.limitWh[agent] ?? 0) / LIGHT_TRADE);
    const before = this.#reliability[agent] ?? NEUTRAL_RELIABILITY;
    const pull = Math.min(positionWh, meteredWh) * MAX_RELIABILITY - positionWh * before;
    const weight = Math.max(positionWh, meteredWh, light) * RELIABILITY_PACE;
    this.#reliability[agent] = before + Math.trunc(pull / weight);
  }

  /** The day's training as the job contracts report it: honest work at full quality, a copy as worth nothing. */
  #workOf(agent: number): typeof NO_WORK {
    const trained = this.#trained.get(agent);
    if (trained === undefined) return NO_WORK;
    if (this.#fleet.conduct[agent] === CONDUCTS.copying) return addWork(NO_WORK, 0, undefined);
    const used = this.#fleet.training.usedWh[trained.row] ?? 0;
    const worked = used > trained.usedWh;
    trained.usedWh = used;
    return worked ? addWork(NO_WORK, PPM, undefined) : NO_WORK;
  }

  /** What an undelivered Wh costs an agent in standing decides how carefully it orders. */
  #beCautious(from: number, to: number): void {
    const { group, caution } = this.#fleet;
    const { agents, market, game } = this.#scenario;
    const band = market.importPrice - market.exportPrice;
    const known = new Map<number, number>();
    for (let agent = from; agent < to; ++agent) {
      const key = (group[agent] ?? 0) * 8 + (this.tier[agent] ?? 0);
      let value = known.get(key);
      if (value === undefined) {
        const rebates = game.rebatePrices.map((price) => Math.min(price, this.#pointPrice) * this.#rebateShare);
        value = cautionOf(agents[group[agent] ?? 0]?.standingPrice ?? 0, this.tier[agent] ?? 0, rebates, band);
        known.set(key, value);
      }
      caution[agent] = value;
    }
  }
}

const METER = "meter";

/** Reads the registers of an agent's storage. */
type StorageMeter =
  | (() => {
      readonly importWh: number;
      readonly exportWh: number;
      readonly capacityWh: number;
      readonly bestEfficiencyPpm: number;
    })
  | undefined;

function storageMeters({
  scenario,
  fleet,
  takenWh,
  givenWh,
}: Pick<Simulation, "scenario" | "fleet" | "takenWh" | "givenWh">): StorageMeter[] {
  const meters = new Array<StorageMeter>(fleet.count).fill(undefined);
  for (const stores of storesOf(fleet)) {
    // What a vehicle drives never comes back, so its registers say nothing of its efficiency.
    if (stores === fleet.vehicles) continue;
    const own = stores === fleet.zoneBatteries;
    if (!own && scenario.game.storageMeters === "own") continue;
    stores.agent.forEach((agent, row) => {
      meters[agent] = () => ({
        importWh: (own ? takenWh[agent] : stores.takenWh[row]) ?? 0,
        exportWh: (own ? givenWh[agent] : stores.givenWh[row]) ?? 0,
        capacityWh: stores.capacityWh[row] ?? 0,
        bestEfficiencyPpm: stores.roundTripPpm[row] ?? PPM,
      });
    });
  }
  return meters;
}

/** Points a slot, ppm: storage that is filled once a day gives at either end, training at one. */
function reachOf(fleet: Fleet): Float64Array {
  const reach = new Float64Array(fleet.count);
  const add = (agent: number, dailyWh: number): void => {
    reach[agent] = (reach[agent] ?? 0) + (dailyWh * USUAL_SCARCITY * PPM) / SLOTS_PER_DAY;
  };
  for (const { agent, capacityWh } of storesOf(fleet))
    agent.forEach((who, row) => add(who, 2 * (capacityWh[row] ?? 0)));
  fleet.training.agent.forEach((who, row) => add(who, fleet.training.dailyWh[row] ?? 0));
  return reach;
}
