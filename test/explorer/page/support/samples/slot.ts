import type { SlotAnswer, SlotOrder, SlotReading } from "../../../../../explorer/api/slot.ts";
import { clearBook } from "../../../../../src/market/clearing.ts";
import { addressOf, eventOf, FIRST_SLOT, hashOf, sourceOf, ZONE } from "./parts.ts";

export const SAMPLE_SLOT = FIRST_SLOT + 50;
const IMPORT_PRICE = 238_412;
const EXPORT_PRICE = 158_412;
const BLOCK = 4_021;

/** A slot whose book was cleared by the market's own rule. */
export function sampleSlot({ bids = 14, offers = 11 } = {}): SlotAnswer {
  const bidBook = book(bids, IMPORT_PRICE, -1);
  const offerBook = book(offers, EXPORT_PRICE, 1);
  const cleared = clearBook("midpoint", bidBook, offerBook);
  const orders = [
    ...ordersOf("bid", bidBook, cleared.bidFillsWh),
    ...ordersOf("offer", offerBook, cleared.offerFillsWh),
    {
      ...ordersOf("offer", [{ energyWh: 900, limitPrice: 180_000 }], [0])[0],
      meter: addressOf("meter in debt"),
      skipped: "SiteInDebt",
      reason: "The site owes the grid and may not trade until it has paid.",
    } as SlotOrder,
  ];
  const result = { clearingPrice: cleared.price, matchedWh: cleared.volumeWh };
  return {
    zone: ZONE,
    slot: SAMPLE_SLOT,
    start: SAMPLE_SLOT * 900,
    phase: "closed",
    tariff: {
      importPrice: IMPORT_PRICE,
      exportPrice: EXPORT_PRICE,
      scarcityPpm: -213_400,
      queuedWh: 1_200,
      source: sourceOf(BLOCK - 40),
    },
    clearing: { ...result, positions: 16, feeTicks: "41288000", workTicks: "10322000", source: sourceOf(BLOCK, 2) },
    book: {
      matcher: addressOf("matcher"),
      bookHash: hashOf("book"),
      orders: orders.length - 1,
      source: sourceOf(BLOCK - 1),
    },
    orders,
    recomputed: {
      equal: true,
      differences: [],
      rule: "midpoint",
      bookHash: hashOf("book"),
      computed: result,
      onChain: result,
    },
    readings: orders.slice(0, -1).map(readingOf),
    closing: {
      flagged: false,
      importWh: 6_812,
      exportWh: 5_430,
      feederWh: 1_401,
      readCount: orders.length - 1,
      source: sourceOf(BLOCK + 60),
    },
    certificates: [
      {
        tokenId: "8574985213",
        meter: addressOf("offer 0"),
        source: "solar",
        issuedWh: 1_240,
        tx: sourceOf(BLOCK + 70),
      },
    ],
    events: {
      events: [
        eventOf("SlotClosed", BLOCK + 60, { zone: ZONE, slot: SAMPLE_SLOT, flagged: false }),
        eventOf("SlotCleared", BLOCK, { zone: ZONE, slot: SAMPLE_SLOT, ...result }),
        eventOf("OrderCleared", BLOCK, { meter: addressOf("bid 0"), energyWh: 420, word: "92233720368547758080000" }),
      ],
    },
  };
}

/** Limits from `from` inward; the two books cross. */
function book(count: number, from: number, inward: 1 | -1): { energyWh: number; limitPrice: number }[] {
  return Array.from({ length: count }, (_, index) => ({
    energyWh: 240 + ((index * 397) % 620),
    limitPrice: from + inward * Math.floor(((index + 1) * 70_000) / count),
  }));
}

function ordersOf(
  side: "bid" | "offer",
  blocks: readonly { energyWh: number; limitPrice: number }[],
  fills: readonly number[],
): SlotOrder[] {
  return blocks.map((block, index) => ({
    ...block,
    meter: addressOf(`${side} ${String(index)}`),
    side,
    filledWh: fills[index] ?? 0,
    feeTicks: String((fills[index] ?? 0) * 1_984),
    placed: index % 5 === 4,
    skipped: null,
    reason: null,
    source: sourceOf(BLOCK, 5 + index),
  }));
}

function readingOf(order: SlotOrder, index: number): SlotReading {
  const positionWh = order.side === "bid" ? order.filledWh : -order.filledWh;
  const imbalanceWh = ((index * 97) % 181) - 90;
  const netWh = positionWh + imbalanceWh;
  return {
    meter: order.meter,
    kind: index === 7 ? "gap" : "ordinary",
    importWh: Math.max(0, netWh),
    exportWh: Math.max(0, -netWh),
    positionWh,
    imbalanceWh,
    imbalanceTicks: String(-imbalanceWh * (imbalanceWh > 0 ? IMPORT_PRICE : EXPORT_PRICE)),
    tradeTicks: order.side === "bid" ? "0" : String(order.filledWh * 198_000),
    networkTicks: String(-Math.max(0, netWh) * 40_000),
    levyTicks: String(-Math.max(0, netWh) * 10_000),
    balanceTicks: String(12_345_678_901 + index * 98_765_432),
    source: sourceOf(BLOCK + 40, 1 + index),
  };
}
