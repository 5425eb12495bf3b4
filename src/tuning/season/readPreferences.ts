import type { ExchangeEvent } from "../../chain/exchange.ts";
import { decodeFill } from "../../market/packed.ts";
import { SLOTS_PER_DAY } from "../../units.ts";
import type { MeteredDays } from "./seasonMeters.ts";

/** What a meter's orders say of it. */
export interface Preference {
  readonly orders: number;
  /** Mean distance of its limits from the backstop price, as a share of the band between both. */
  readonly reluctance: number;
  /** Sums of squares of what it ordered less what flowed, and of what flowed, Wh^2. */
  readonly errorSquares: number;
  readonly flowSquares: number;
}

/** Limits and forecast errors of every meter that ordered in these days, from the orders that took part in the clearing of their slots. */
export function readPreferences(
  events: readonly ExchangeEvent[],
  { firstSlot, days, dayBefore, meters }: MeteredDays,
): Map<string, Preference> {
  const bands = new Map<string, { readonly importPrice: number; readonly exportPrice: number }>();
  for (const { name, args } of events) if (name === "TariffFixed") bands.set(placeOf(args), args);
  const energies = new Map(meters.map((meter) => [meter.meter, meter]));
  const eve = dayBefore ? SLOTS_PER_DAY : 0;
  const sums = new Map<string, { orders: number; distance: number; errorSquares: number; flowSquares: number }>();
  for (const { name, args } of events) {
    if (name !== "OrderCleared") continue;
    const { zone, slot, side, energyWh, limitPrice } = decodeFill(args.fill);
    const place = slot - firstSlot;
    const energy = energies.get(args.meter);
    const band = bands.get(placeOf({ zone, slot }));
    if (place < 0 || place >= days * SLOTS_PER_DAY || energy === undefined || band === undefined) continue;
    const own = sums.get(args.meter) ?? { orders: 0, distance: 0, errorSquares: 0, flowSquares: 0 };
    const { importPrice, exportPrice } = band;
    const distance = side === "bid" ? importPrice - limitPrice : limitPrice - exportPrice;
    const flow = (energy.importWh[place + eve] ?? 0) - (energy.exportWh[place + eve] ?? 0);
    const ordered = side === "bid" ? energyWh : -energyWh;
    own.orders += 1;
    own.distance += importPrice === exportPrice ? 0 : distance / (importPrice - exportPrice);
    own.errorSquares += (ordered - flow) ** 2;
    own.flowSquares += flow ** 2;
    sums.set(args.meter, own);
  }
  return new Map(
    [...sums].map(([meter, { distance, ...own }]) => [meter, { ...own, reluctance: distance / own.orders }]),
  );
}

function placeOf({ zone, slot }: { readonly zone: number; readonly slot: number }): string {
  return `${String(zone)}/${String(slot)}`;
}
