import { orderDigest, orderHash, type MarketDomain, type Order } from "../../market/messages.ts";
import type { Side } from "../../market/side.ts";
import type { OrderSide } from "../orders.ts";
import type { SimulatedPrices } from "../settle.ts";
import { simulate, type DaySync, type SettledSlot, type Simulation } from "../simulate.ts";
import type { Sample } from "./sample.ts";

/** What the simulator says of a slot of a zone. */
export interface RecordedSlot {
  /** On chain, from 1. */
  readonly zone: number;
  readonly slot: number;
  readonly prices: SimulatedPrices;
  readonly scarcityPpm: number;
  readonly queuedWh: number;
  /** Of the agents [from, from + netWh.length). */
  readonly from: number;
  readonly netWh: Int32Array;
  readonly positionWh: Int32Array;
  /** Trading fee of each agent's tier. */
  readonly feePpm: Int32Array;
  readonly orders: ReadonlyMap<number, RecordedOrder>;
}

export interface RecordedOrder {
  readonly side: Side;
  readonly energyWh: number;
  readonly limitPrice: number;
  readonly filledWh: number;
}

export interface RecordedRun {
  readonly run: Simulation;
  /** Zone by zone, from the first slot to the last. */
  readonly zones: readonly (readonly RecordedSlot[])[];
  /** Zone by zone, day by day. */
  readonly syncs: readonly DaySync[];
}

/**
 * Plays a sample with reputation and a season of its length, and keeps every slot of it. Orders of one price clear in the order of their hashes, as the chain
 * has it: they are the hashes that the meters' orders will have in this domain. Storage behind a meter has no meter of its own, so that reputation does not see it.
 *
 * @param meters Addresses of the agents' meters in the order of the agents.
 */
export function recordRun({ scenario, series }: Sample, domain: MarketDomain, meters: readonly string[]): RecordedRun {
  const zones = Array.from({ length: scenario.zones }, (): RecordedSlot[] => []);
  const syncs: DaySync[] = [];
  const game = { ...scenario.game, seasonSlots: series.slots, storageMeters: "own" as const };
  const run = simulate({ ...scenario, game }, "reputation and seasons", series, {
    placed(zone, slot, bids, offers) {
      const hashOf = (side: Side) => (agent: number, energyWh: number, limitPrice: number) => {
        const order: Order = { zone: zone + 1, slot, side, energyWh, limitPrice };
        return orderHash(orderDigest(domain, order), meters[agent] ?? "");
      };
      arrange(bids, hashOf("bid"));
      arrange(offers, hashOf("offer"));
    },
    settled(settled) {
      zones[settled.zone]?.push(recordSlot(settled));
    },
    synced(sync) {
      syncs.push(sync);
    },
  });
  return { run, zones, syncs };
}

/** Puts the orders of a side in the order of their hashes; sorting by price keeps it where prices are the same. */
function arrange(side: OrderSide, hashOf: (agent: number, energyWh: number, limitPrice: number) => string): void {
  const rows = rowsOf(side).map(({ agent, energyWh, limitPrice }) => ({
    ...{ agent, energyWh, limitPrice },
    hash: hashOf(agent, energyWh, limitPrice),
  }));
  rows.sort((a, b) => (a.hash < b.hash ? -1 : 1));
  side.clear();
  for (const { agent, energyWh, limitPrice } of rows) side.add(agent, energyWh, limitPrice);
}

function recordSlot({ zone, from, to, bids, offers, netWh, positionWh, prices, ...facts }: SettledSlot): RecordedSlot {
  const orders = new Map<number, RecordedOrder>();
  for (const [side, list] of [
    ["bid", bids],
    ["offer", offers],
  ] as const) {
    for (const { agent, ...order } of list === undefined ? [] : rowsOf(list)) orders.set(agent, { side, ...order });
  }
  const feePpm = Int32Array.from({ length: to - from }, (_, index) => facts.feePpmOf(from + index));
  return {
    ...{ zone: zone + 1, slot: facts.slot, scarcityPpm: facts.scarcityPpm, queuedWh: facts.queuedWh },
    ...{
      from,
      orders,
      feePpm,
      prices: { ...prices },
      netWh: netWh.slice(from, to),
      positionWh: positionWh.slice(from, to),
    },
  };
}

function rowsOf(side: OrderSide): { agent: number; energyWh: number; limitPrice: number; filledWh: number }[] {
  return Array.from({ length: side.count }, (_, row) => ({
    agent: side.agent[row] ?? 0,
    energyWh: side.energyWh[row] ?? 0,
    limitPrice: side.limitPrice[row] ?? 0,
    filledWh: side.fillsWh[row] ?? 0,
  }));
}
