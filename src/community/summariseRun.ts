import type { ExchangeEvent } from "../chain/exchange.ts";
import { decodeMeterWord } from "../market/meterWord.ts";
import { decodeFill, decodeLine } from "../market/packed.ts";
import type { Member } from "./members.ts";

/** Whoever has a meter. */
export interface Metered {
  readonly key: { readonly address: string };
}

/** What a meter traded, used and paid over a run. Energies in Wh, money in ticks. */
export interface MeterTotals<M extends Metered = Member> {
  readonly member: M;
  importWh: number;
  exportWh: number;
  boughtWh: number;
  soldWh: number;
  /** Paid to sellers, and received from buyers, at the clearing prices. */
  boughtTicks: bigint;
  soldTicks: bigint;
  feeTicks: bigint;
  /** Value of long and of short imbalances, settled with the grid. */
  mintedTicks: bigint;
  burnedTicks: bigint;
  networkTicks: bigint;
  levyTicks: bigint;
}

/** One slot of the community, over its zones. */
export interface SlotTotals {
  readonly slot: number;
  matchedWh: number;
  tradedTicks: bigint;
  importWh: number;
  exportWh: number;
  feederWh: number;
  /** What came in through those feeders that took energy in. */
  gridImportWh: number;
  /** Middle between the published import and export price, rounded down, of each zone in turn. Ticks per Wh. */
  readonly referencePrices: number[];
  flagged: boolean;
}

export interface RunSummary<M extends Metered = Member> {
  readonly meters: readonly MeterTotals<M>[];
  readonly slots: readonly SlotTotals[];
  readonly skippedOrders: number;
  readonly skippedReadings: number;
}

/** Sums up these slots of a run from the events of the exchange alone; what came before them sets the registers only. */
export function summariseRun<M extends Metered = Member>(
  events: readonly ExchangeEvent[],
  members: readonly M[],
  firstSlot: number,
  slots: number,
): RunSummary<M> {
  const meters = new Map(members.map((member) => [member.key.address, emptyMeter(member)]));
  const bySlot = Array.from({ length: slots }, (_, index) => emptySlot(firstSlot + index));
  const prices = new Map<string, number>();
  const fills = new Map<string, { meter: string; sold: boolean; filledWh: number; feeTicks: bigint }[]>();
  const registers = new Map<string, { importWh: number; exportWh: number }>();
  let skippedOrders = 0;
  let skippedReadings = 0;
  const isCounted = (slot: number): boolean => slot >= firstSlot && slot < firstSlot + slots;
  for (const event of events) {
    // The other events move no energy and no price.
    // eslint-disable-next-line @typescript-eslint/switch-exhaustiveness-check
    switch (event.name) {
      case "OrderCleared": {
        const { zone, slot, side, filledWh, feeTicks } = decodeFill(event.args.fill);
        const key = `${String(zone)}/${String(slot)}`;
        const list = fills.get(key) ?? [];
        list.push({ meter: event.args.meter, sold: side === "offer", filledWh, feeTicks });
        fills.set(key, list);
        break;
      }
      case "SlotCleared": {
        const { zone, slot, clearingPrice, matchedWh } = event.args;
        const price = clearingPrice;
        const totals = bySlot[slot - firstSlot];
        if (totals !== undefined) {
          totals.matchedWh += matchedWh;
          totals.tradedTicks += BigInt(matchedWh) * BigInt(clearingPrice);
        }
        const key = `${String(zone)}/${String(slot)}`;
        prices.set(key, price);
        for (const { meter, sold, filledWh, feeTicks } of fills.get(key) ?? []) {
          const of = meters.get(meter);
          if (of === undefined || !isCounted(slot)) continue;
          const value = BigInt(filledWh) * BigInt(price);
          if (sold) {
            of.soldWh += filledWh;
            of.soldTicks += value;
          } else {
            of.boughtWh += filledWh;
            of.boughtTicks += value;
            of.feeTicks += feeTicks;
          }
        }
        break;
      }
      case "ReadingSettled": {
        const of = meters.get(event.args.meter);
        if (of === undefined) break;
        const { importWh, exportWh, lastSlot } = decodeMeterWord(event.args.word);
        const before = registers.get(event.args.meter) ?? { importWh: 0, exportWh: 0 };
        registers.set(event.args.meter, { importWh, exportWh });
        if (!isCounted(lastSlot)) break;
        of.importWh += importWh - before.importWh;
        of.exportWh += exportWh - before.exportWh;
        addLine(of, event.args.line);
        break;
      }
      case "PositionClosed": {
        const of = meters.get(event.args.meter);
        if (of !== undefined && isCounted(event.args.slot)) addLine(of, event.args.line);
        break;
      }
      case "SlotOpened": {
        const { importPrice, exportPrice } = event.args.terms;
        bySlot[event.args.slot - firstSlot]?.referencePrices.push(Math.floor((importPrice + exportPrice) / 2));
        break;
      }
      case "SlotClosed": {
        const totals = bySlot[event.args.slot - firstSlot];
        if (totals === undefined) break;
        totals.importWh += event.args.importWh;
        totals.exportWh += event.args.exportWh;
        totals.feederWh += event.args.feederWh;
        totals.gridImportWh += Math.max(0, event.args.feederWh);
        totals.flagged ||= event.args.flagged;
        break;
      }
      case "OrderSkipped":
        if (isCounted(event.args.slot)) ++skippedOrders;
        break;
      case "ReadingSkipped":
        if (isCounted(event.args.slot)) ++skippedReadings;
        break;
      default:
    }
  }
  return { meters: [...meters.values()], slots: bySlot, skippedOrders, skippedReadings };
}

/** What a meter paid in all, less what it got. */
export function netCostTicks(of: Omit<MeterTotals, "member">): bigint {
  const paid = of.boughtTicks + of.burnedTicks + of.feeTicks + of.networkTicks + of.levyTicks;
  return paid - of.soldTicks - of.mintedTicks;
}

function addLine(of: Omit<MeterTotals, "member">, line: bigint): void {
  const { mintedTicks, burnedTicks, networkTicks, levyTicks } = decodeLine(line);
  of.mintedTicks += mintedTicks;
  of.burnedTicks += burnedTicks;
  of.networkTicks += networkTicks;
  of.levyTicks += levyTicks;
}

function emptyMeter<M extends Metered>(member: M): MeterTotals<M> {
  return {
    member,
    importWh: 0,
    exportWh: 0,
    boughtWh: 0,
    soldWh: 0,
    boughtTicks: 0n,
    soldTicks: 0n,
    feeTicks: 0n,
    mintedTicks: 0n,
    burnedTicks: 0n,
    networkTicks: 0n,
    levyTicks: 0n,
  };
}

function emptySlot(slot: number): SlotTotals {
  return {
    slot,
    matchedWh: 0,
    tradedTicks: 0n,
    importWh: 0,
    exportWh: 0,
    feederWh: 0,
    gridImportWh: 0,
    referencePrices: [],
    flagged: false,
  };
}
