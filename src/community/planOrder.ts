import type { Order } from "../market/messages.ts";
import { powerClassFor, slotLimitWh } from "../market/powerClass.ts";
import type { Tariff } from "../market/tariff.ts";
import { randomStream } from "../meters/profiles/randomStream.ts";
import type { Member } from "./members.ts";

export interface PlanOrderInput {
  readonly member: Member;
  readonly slot: number;
  readonly seed: number;
  /** What the meter will take and give in the slot; the plan sees it through a forecast error. */
  readonly importWh: number;
  readonly exportWh: number;
  readonly tariff: Tariff;
}

/**
 * What a meter orders for a slot: its forecast net energy, at a limit price between both backstop prices. A buyer goes
 * down from the retail price and a seller up from the feed-in price, each by the share of the band it prefers.
 */
export function planOrder({ member, slot, seed, importWh, exportWh, tariff }: PlanOrderInput): Order | undefined {
  const { zone, kind, preference, name, spec } = member;
  if (kind === "feeder") return undefined;
  const error = preference.forecastError * randomStream(seed, "forecast", name, slot).normal();
  const netWh = (importWh - exportWh) * (1 + error);
  const most = slotLimitWh(powerClassFor(spec.ratedPowerW));
  const energyWh = Math.min(most, Math.round(Math.abs(netWh)));
  if (energyWh === 0) return undefined;
  const band = tariff.importPrice - tariff.exportPrice;
  return netWh > 0
    ? { zone, slot, side: "bid", energyWh, limitPrice: tariff.importPrice - Math.floor(band * preference.bidMarkdown) }
    : {
        zone,
        slot,
        side: "offer",
        energyWh,
        limitPrice: tariff.exportPrice + Math.floor(band * preference.offerMarkup),
      };
}
