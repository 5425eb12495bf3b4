import type { NetworkConnection } from "hardhat/types/network";
import type { PlacedOrder } from "../../src/market/book.ts";
import { selectorOf, type ItemError } from "../../src/market/itemErrors.ts";
import { SLOT_SECONDS } from "../../src/units.ts";
import { deployTestMarket, FIRST_SLOT, type TestMarket, type TestMeter } from "../support/testMarket.ts";

/** The slot under way when a test begins; its meters were last read for the one before. */
export const S = FIRST_SLOT;
/** The first slot that a meter registered in S may trade. */
export const T = FIRST_SLOT + 1;

/** A market with a generator, a home with solar power, a consumer and the zone's feeder. */
export interface Community {
  readonly market: TestMarket;
  readonly seller: TestMeter;
  readonly home: TestMeter;
  readonly buyer: TestMeter;
  readonly feeder: TestMeter;
}

/** Every meter is its own site, prepaid with 1,000 credits, and bonded where it exports. */
export async function community(connection: NetworkConnection): Promise<Community> {
  const market = await deployTestMarket(connection);
  const seller = await market.addMeter({ kind: "producer", source: "solar" });
  const home = await market.addMeter({ kind: "prosumer" });
  const buyer = await market.addMeter({ kind: "consumer" });
  const feeder = await market.addMeter({ kind: "feeder", balanceTicks: 0n });
  return { market, seller, home, buyer, feeder };
}

/** A second zone beside the first, with a bonded matcher of its own; its orders are cleared by it. */
export async function addZone(market: TestMarket, zone: number, matcherIndex: number) {
  const { LIMITS, TERMS } = await import("../support/testMarket.ts");
  const matcher = account(market, matcherIndex);
  const accounts = {
    network: account(market, 15).address,
    levy: account(market, 16).address,
    fee: account(market, 17).address,
    season: account(market, 18).address,
  };
  await market.exchange.connect(market.registrar).createZone(zone, LIMITS, TERMS, accounts);
  await market.exchange.connect(market.governor).setMatcher(zone, matcher.address, S + 9);
  await market.fund(matcher, 200_000_000_000n);
  await market.exchange.connect(matcher).postMatcherBond(matcher.address, 200_000_000_000n);
  return matcher;
}

/** Hardhat's account of this number. */
export function account(market: TestMarket, index: number) {
  const found = market.signers[index];
  if (found === undefined) throw new Error(`the test chain has no account ${String(index)}`);
  return found;
}

/** What a skip event says about one item of a batch. */
export function skipped(meter: TestMeter | string, slot: number, reason: ItemError, zone = 1) {
  return [typeof meter === "string" ? meter : meter.address, zone, slot, selectorOf(reason)] as const;
}

/** Unix time in seconds, `seconds` after the start of `slot`. */
export function time(slot: number, seconds = 0): number {
  return slot * SLOT_SECONDS + seconds;
}

/** The slot's list of orders placed on chain, as the library wants it. */
export async function placedList(market: TestMarket, slot: number, zone = 1): Promise<PlacedOrder[]> {
  const list = await market.exchange.placedOrders(zone, slot);
  return list.map(({ meter, energyWh, limitPrice, side }) => ({
    meter,
    side: side === 2n ? "offer" : "bid",
    energyWh: Number(energyWh),
    limitPrice: Number(limitPrice),
  }));
}

/** Owe the grid: the meter's site gets a debt, which flags its meters. The meter must be read up to `slot` - 1. */
export async function incurDebt(market: TestMarket, meter: TestMeter, slot: number, importWh: number) {
  await market.at(slot + 1, 20);
  await market.settleFlows(slot, [{ meter, importWh }], meter.zone);
  const { debtTicks } = await market.exchange.siteInfo(meter.site);
  if (debtTicks === 0n) throw new Error("the meter could pay");
}

/** Both slots' readings with nothing flowing, so that the meters may trade the slot after the next one. */
export async function readIdle(market: TestMarket, slot: number, meters: readonly TestMeter[], zone = 1) {
  await market.at(slot + 1, 10);
  return market.settleFlows(
    slot,
    meters.map((meter) => ({ meter })),
    zone,
  );
}
