import { valueTicks } from "../../../../src/units.ts";
import type { MeterWord } from "../../../../src/market/meterWord.ts";
import type { Fill } from "../../../../src/market/packed.ts";
import { readingDeadline } from "../../../../src/market/timeline.ts";
import type { Store } from "../../../store/store.ts";
import { eventsOf, positionOf, type IndexedEvent } from "./events.ts";
import { fillOf, lineOf, meterWordOf } from "./words.ts";

/** A reading, or the closing of a position whose meter was not read. */
export type SettledEvent = IndexedEvent<"EnergyExchange", "ReadingSettled" | "PositionClosed">;

/** What a meter took, gave, traded and paid in a slot. Positive money is in the meter's favour, charges are negative. */
export interface Settled {
  readonly event: SettledEvent;
  readonly slot: number;
  readonly kind: "ordinary" | "gap" | "unread";
  readonly word: MeterWord;
  readonly importWh: number;
  readonly exportWh: number;
  /** Bought is positive, sold negative. */
  readonly positionWh: number;
  readonly clearingPrice: number | null;
  /** Metered net less position: positive is short. */
  readonly imbalanceWh: number;
  readonly imbalanceTicks: bigint;
  readonly tradeTicks: bigint;
  readonly feeTicks: bigint;
  readonly networkTicks: bigint;
  readonly levyTicks: bigint;
}

/** What the settling of an event depends on. */
export interface SettledFacts {
  /** The meter's word before. */
  readonly before: MeterWord;
  /** What the meter traded in the slot. */
  readonly fill: Fill | undefined;
  readonly clearingPrice: number | null;
  /** Value that the line does not carry: claims are long energy not paid yet, debts short energy not paid. */
  readonly claimTicks: bigint;
  readonly debtTicks: bigint;
  readonly repaidTicks: bigint;
}

/** Slot of a settled event. */
export function slotOfSettled(event: SettledEvent): number {
  return event.name === "PositionClosed" ? event.args.slot : meterWordOf(event.args.word).lastSlot;
}

/** Takes an event apart. */
export function settle(event: SettledEvent, facts: SettledFacts): Settled {
  const { before, fill, clearingPrice } = facts;
  const word = meterWordOf(event.args.word);
  const line = lineOf(event.args.line);
  const slot = slotOfSettled(event);
  const unread = event.name === "PositionClosed";
  const gap = !unread && (slot !== before.lastSlot + 1 || event.time >= readingDeadline(slot));
  const importWh = unread ? 0 : word.importWh - before.importWh;
  const exportWh = unread ? 0 : word.exportWh - before.exportWh;
  // The positions of a gap reading were closed on their own before it.
  const traded = gap || fill === undefined || clearingPrice === null ? undefined : fill;
  const sign = traded?.side === "offer" ? -1 : 1;
  const positionWh = traded === undefined ? 0 : sign * traded.filledWh;
  return {
    event,
    slot,
    kind: unread ? "unread" : gap ? "gap" : "ordinary",
    word,
    importWh,
    exportWh,
    positionWh,
    clearingPrice: traded === undefined ? null : clearingPrice,
    imbalanceWh: importWh - exportWh - positionWh,
    imbalanceTicks: line.mintedTicks + facts.claimTicks - (line.burnedTicks - facts.repaidTicks + facts.debtTicks),
    tradeTicks: valueTicks(-positionWh, clearingPrice ?? 0),
    feeTicks: traded === undefined ? 0n : -traded.feeTicks,
    networkTicks: -line.networkTicks,
    levyTicks: -line.levyTicks,
  };
}

/** The meter's word before an event: registers and last slot as its reading before, or its registration, left them. */
export async function wordBefore(store: Store, meter: string, event: SettledEvent): Promise<MeterWord> {
  const [last] = await eventsOf(
    store,
    "EnergyExchange",
    ["ReadingSettled", "MeterRegistered", "MeterReplaced"],
    { key: { kind: "party", value: meter } },
    { limit: 1, after: positionOf(event) },
  );
  return meterWordOf(last === undefined ? "0" : wordIn(last, meter));
}

function wordIn(
  event: IndexedEvent<"EnergyExchange", "ReadingSettled" | "MeterRegistered" | "MeterReplaced">,
  meter: string,
): string {
  if (event.name !== "MeterReplaced") return event.args.word;
  return event.args.newMeter === meter ? event.args.newWord : event.args.oldWord;
}

/** The fills of a meter, by slot. */
export function fillsBySlot(events: readonly IndexedEvent<"EnergyExchange", "OrderCleared">[]): Map<number, Fill> {
  return new Map(
    events.map(({ args }) => {
      const fill = fillOf(args.fill);
      return [fill.slot, fill] as const;
    }),
  );
}

export type AsideEvent = IndexedEvent<"EnergyExchange", "ClaimGranted" | "DebtIncurred" | "DebtRepaid">;

/** Value that went beside the balance, announced in the same transaction between the meter's last settled event and this one. */
export function asideOf(
  asides: readonly AsideEvent[],
  { event, meter, after }: { readonly event: SettledEvent; readonly meter: string; readonly after: number },
): Pick<SettledFacts, "claimTicks" | "debtTicks" | "repaidTicks"> {
  const own = asides.filter(
    (one) =>
      one.transactionHash === event.transactionHash &&
      one.args.meter === meter &&
      one.logIndex > after &&
      one.logIndex < event.logIndex,
  );
  const sum = (name: AsideEvent["name"], field: (one: AsideEvent) => string): bigint =>
    own.reduce((total, one) => (one.name === name ? total + BigInt(field(one)) : total), 0n);
  return {
    claimTicks: sum("ClaimGranted", (one) => (one.name === "ClaimGranted" ? one.args.amountTicks : "0")),
    debtTicks: sum("DebtIncurred", (one) => (one.name === "DebtIncurred" ? one.args.addedTicks : "0")),
    repaidTicks: sum("DebtRepaid", (one) => (one.name === "DebtRepaid" ? one.args.amountTicks : "0")),
  };
}
