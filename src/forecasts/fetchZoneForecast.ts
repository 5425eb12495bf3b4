import type { ConnectedExchange } from "../chain/exchange.ts";
import { forecastZone, type ZoneForecast } from "./forecastZone.ts";
import { zoneSeries } from "./zoneSeries.ts";

const EVENTS = [
  "MeterRegistered",
  "MeterReplaced",
  "MeterStatusChanged",
  "ReadingSettled",
  "TariffFixed",
  "SlotCleared",
  "SlotClosed",
] as const;

/** Forecasts of a zone from its chain's own history, read anew. */
export async function fetchZoneForecast(
  exchange: Pick<ConnectedExchange, "events">,
  zone: number,
  horizon: number,
): Promise<ZoneForecast> {
  return forecastZone(zone, zoneSeries(await exchange.events({ names: EVENTS }), zone), horizon);
}
