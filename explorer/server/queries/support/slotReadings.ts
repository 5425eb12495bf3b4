import type { SlotReading } from "../../../api/slot.ts";
import type { MeterWord } from "../../../../src/market/meterWord.ts";
import type { Fill } from "../../../../src/market/packed.ts";
import type { Store } from "../../../store/store.ts";
import type { SlotEvent } from "../slot.ts";
import { sourceOf } from "./answers.ts";
import { allEventsOf, eventsOf } from "./events.ts";
import { asideOf, settle, wordBefore, type AsideEvent, type SettledEvent } from "./settled.ts";
import { fillOf, meterWordOf } from "./words.ts";

const MOST_READINGS = 8_000;
const MOST_ASIDE = 1_000;

export interface SlotReadingsInput {
  readonly zone: number;
  readonly slot: number;
  readonly settled: readonly SettledEvent[];
  /** Every event of the slot. */
  readonly told: readonly SlotEvent[];
}

/** The readings of a slot and the positions that were closed unread, in the chain's order. */
export async function slotReadings(
  store: Store,
  { zone, slot, settled, told }: SlotReadingsInput,
): Promise<SlotReading[]> {
  if (settled.length === 0) return [];
  const [earlier, asides] = await Promise.all([earlierWords(store, zone, slot), asidesOf(store, settled)]);
  const fills = new Map<string, Fill>();
  for (const event of told) if (event.name === "OrderCleared") fills.set(event.args.meter, fillOf(event.args.fill));
  const cleared = told.findLast((event) => event.name === "SlotCleared");
  const clearingPrice = cleared?.args.clearingPrice ?? null;
  /** Log of the settled event before, by meter and transaction. */
  const last = new Map<string, number>();
  return Promise.all(
    settled.map(async (event) => {
      const { meter } = event.args;
      const of = `${meter}/${event.transactionHash}`;
      const after = last.get(of) ?? -1;
      last.set(of, event.logIndex);
      const before = earlier.get(meter) ?? (await wordBefore(store, meter, event));
      const fill = fills.get(meter);
      const traded = fill === undefined || fill.filledWh === 0 ? undefined : fill;
      const aside = asideOf(asides, { event, meter, after });
      return reading(event, { before, fill: traded, clearingPrice, ...aside });
    }),
  );
}

/** Words after the readings of the slot before: where nearly every meter's registers stood. */
async function earlierWords(store: Store, zone: number, slot: number): Promise<ReadonlyMap<string, MeterWord>> {
  const key = { kind: "slot", value: `${zone}/${slot - 1}` } as const;
  const readings = await allEventsOf(store, "EnergyExchange", ["ReadingSettled"], { key }, MOST_READINGS);
  return new Map(readings.map(({ args }) => [args.meter, meterWordOf(args.word)]));
}

/** Claims and debts of the transactions that settled the slot. */
async function asidesOf(store: Store, settled: readonly SettledEvent[]): Promise<AsideEvent[]> {
  const blocks = [...new Set(settled.map(({ blockNumber }) => blockNumber))];
  const parts = await Promise.all(
    blocks.map((block) =>
      eventsOf(
        store,
        "EnergyExchange",
        ["ClaimGranted", "DebtIncurred", "DebtRepaid"],
        { fromBlock: block, toBlock: block },
        { limit: MOST_ASIDE },
      ),
    ),
  );
  return parts.flat();
}

function reading(event: SettledEvent, facts: Parameters<typeof settle>[1]): SlotReading {
  const settled = settle(event, facts);
  const { kind, importWh, exportWh, positionWh, imbalanceWh, word } = settled;
  return {
    ...{ meter: event.args.meter, kind, importWh, exportWh, positionWh, imbalanceWh },
    imbalanceTicks: String(settled.imbalanceTicks),
    tradeTicks: String(settled.tradeTicks),
    networkTicks: String(settled.networkTicks),
    levyTicks: String(settled.levyTicks),
    balanceTicks: String(word.balanceTicks),
    source: sourceOf(event),
  };
}
