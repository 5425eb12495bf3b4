import type { ConnectedExchange } from "../chain/exchange.ts";
import { blockCall } from "../chain/calls.ts";
import { JouleworkError } from "../errors.ts";
import { slotOf } from "../units.ts";
import { MAX_HORIZON } from "./checkHistory.ts";
import { fetchZoneForecast } from "./fetchZoneForecast.ts";
import type { ZoneForecast } from "./forecastZone.ts";

/** Forecasts of the next day for whoever asks a service. */
export interface Forecasts {
  zone(zone: number): Promise<ZoneForecast>;
}

/** Reads the chain and learns once a slot and zone, however many ask, because nothing new is settled in between. */
export function openForecasts(
  exchange: Pick<ConnectedExchange, "events" | "rpc">,
  zones: readonly number[],
): Forecasts {
  const held = new Map<number, { readonly slot: number; readonly forecast: Promise<ZoneForecast> }>();
  return {
    async zone(zone) {
      if (!zones.includes(zone)) throw notServed(zone, zones);
      const block = await exchange.rpc.call(blockCall("latest"));
      const slot = slotOf(block?.timestamp ?? 0);
      const known = held.get(zone);
      if (known?.slot === slot) return known.forecast;
      const forecast = fetchZoneForecast(exchange, zone, MAX_HORIZON);
      held.set(zone, { slot, forecast });
      // What failed is tried again by the next who asks.
      forecast.catch(() => {
        if (held.get(zone)?.forecast === forecast) held.delete(zone);
      });
      return forecast;
    },
  };
}

function notServed(zone: number, zones: readonly number[]): JouleworkError {
  return new JouleworkError({
    code: "ZONE_NOT_SERVED",
    what: "Nothing is forecast here for the zone",
    values: { zone, served: zones.join(", ") },
    hint: "Ask the zone's own matcher.",
  });
}
