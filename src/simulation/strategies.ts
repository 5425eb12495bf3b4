import { normalNoise } from "./noise.ts";
import { STRATEGIES, type Fleet } from "./fleet.ts";
import type { OrderSide } from "./orders.ts";
import type { SimulatedPrices } from "./settle.ts";

/** How fast a ZIP agent gives up margin where nothing trades. */
const IDLE_STEP = 0.05;

/**
 * The orders of a zone's agents for a slot: their net energy with the error of a forecast, at the limit price that their
 * strategy makes of their reluctance. Limit prices lie within the slot's band, as the exchange demands.
 */
export function placeOrders(
  fleet: Fleet,
  range: { readonly from: number; readonly to: number; readonly seed: number; readonly slot: number },
  netWh: Int32Array,
  { importPrice, exportPrice }: SimulatedPrices,
  bids: OrderSide,
  offers: OrderSide,
): void {
  const { limitWh, reluctance, forecastError, strategy, parameter, margin } = fleet;
  const { from, to, seed, slot } = range;
  const band = importPrice - exportPrice;
  bids.clear();
  offers.clear();
  for (let agent = from; agent < to; ++agent) {
    const net = netWh[agent] ?? 0;
    if (net === 0) continue;
    const error = forecastError[agent] ?? 0;
    const foreseen = error === 0 ? net : net * (1 + error * normalNoise(seed, agent, slot));
    const energy = Math.min(Math.round(Math.abs(foreseen)), limitWh[agent] ?? 0);
    if (energy === 0) continue;
    let distance = reluctance[agent] ?? 0;
    const kind = strategy[agent];
    if (kind === STRATEGIES.shading) distance += parameter[agent] ?? 0;
    else if (kind === STRATEGIES.zip) distance += margin[agent] ?? 0;
    const away = Math.floor(band * (distance < 1 ? distance : 1));
    if (foreseen > 0) bids.add(agent, energy, importPrice - away);
    else offers.add(agent, energy, exportPrice + away);
  }
}

/**
 * ZIP traders move their margin so that their limit price goes a step towards the price that cleared, and give up margin where
 * nothing cleared (Cliff, Minimal-intelligence agents for bargaining behaviours in market-based environments, HP Labs 1997).
 */
export function learn(fleet: Fleet, side: OrderSide, buying: boolean, clearingPrice: number, band: number): void {
  if (band === 0) return;
  for (let row = 0; row < side.count; ++row) {
    const agent = side.agent[row] ?? 0;
    if (fleet.strategy[agent] !== STRATEGIES.zip) continue;
    const before = fleet.margin[agent] ?? 0;
    const limit = side.limitPrice[row] ?? 0;
    const gain = buying ? limit - clearingPrice : clearingPrice - limit;
    const step = clearingPrice === 0 ? -IDLE_STEP : gain / band;
    const after = before + (fleet.parameter[agent] ?? 0) * step;
    fleet.margin[agent] = Math.min(1, Math.max(0, after));
  }
}
