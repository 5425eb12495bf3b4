import { normalOfSlot } from "./noise.ts";
import { STRATEGIES, type Fleet } from "./fleet.ts";
import type { OrderSide } from "./orders.ts";
import { chooseMargin, reinforce } from "./rothErev.ts";
import type { SimulatedPrices } from "./settle.ts";

/** How fast a ZIP agent gives up margin where nothing trades. */
const IDLE_STEP = 0.05;

/** The agents [from, to) of a zone in a slot. */
interface Bidders {
  readonly from: number;
  readonly to: number;
  readonly seed: number;
  readonly slot: number;
}

/** What a zone's agents expect of a slot: their net energy with the error of a forecast, less their caution. Is written to `foreseenWh`. */
export function foresee(fleet: Fleet, { from, to, slot }: Bidders, netWh: Int32Array, foreseenWh: Float64Array): void {
  const { forecastError, noiseWord, caution } = fleet;
  for (let agent = from; agent < to; ++agent) {
    const noise = normalOfSlot(noiseWord[agent] ?? 0, slot) - (caution[agent] ?? 0);
    foreseenWh[agent] = (netWh[agent] ?? 0) * (1 + (forecastError[agent] ?? 0) * noise);
  }
}

/**
 * The orders of a zone's agents for a slot: what they foresee, within their ratings, at the limit prices that their strategies make of their reluctance. Limit
 * prices lie within the slot's band, as the exchange demands.
 */
export function placeOrders(
  fleet: Fleet,
  { from, to, seed, slot }: Bidders,
  foreseenWh: Float64Array,
  { importPrice, exportPrice }: SimulatedPrices,
  bids: OrderSide,
  offers: OrderSide,
): void {
  const { limitWh, reluctance, strategy, parameter, margin, overstatement, rothErev } = fleet;
  const band = importPrice - exportPrice;
  bids.clear();
  offers.clear();
  for (let agent = from; agent < to; ++agent) {
    const foreseen = foreseenWh[agent] ?? 0;
    const meant = foreseen > 0 ? foreseen : -foreseen * (overstatement[agent] ?? 1);
    const energy = Math.min(Math.round(meant), limitWh[agent] ?? 0);
    if (energy === 0) continue;
    let distance = reluctance[agent] ?? 0;
    const kind = strategy[agent];
    if (kind === STRATEGIES.shading) distance += parameter[agent] ?? 0;
    else if (kind === STRATEGIES.zip) distance += margin[agent] ?? 0;
    else if (kind === STRATEGIES["roth-erev"]) distance += chooseMargin(rothErev, agent, seed, slot);
    const away = Math.floor(band * (distance < 1 ? distance : 1));
    if (foreseen > 0) bids.add(agent, energy, importPrice - away);
    else offers.add(agent, energy, exportPrice + away);
  }
}

/** What those who learn make of a cleared side. */
export function learn(
  fleet: Fleet,
  side: OrderSide,
  buying: boolean,
  clearingPrice: number,
  { importPrice, exportPrice }: Pick<SimulatedPrices, "importPrice" | "exportPrice">,
): void {
  const band = importPrice - exportPrice;
  if (band === 0) return;
  for (let row = 0; row < side.count; ++row) {
    const agent = side.agent[row] ?? 0;
    const kind = fleet.strategy[agent];
    if (kind === STRATEGIES.zip) {
      const limit = side.limitPrice[row] ?? 0;
      const gain = buying ? limit - clearingPrice : clearingPrice - limit;
      moveMargin(fleet, agent, clearingPrice === 0 ? -IDLE_STEP : gain / band);
    } else if (kind === STRATEGIES["roth-erev"]) {
      const gain = buying ? importPrice - clearingPrice : clearingPrice - exportPrice;
      const traded = (side.fillsWh[row] ?? 0) / (side.energyWh[row] ?? 1);
      reinforce(fleet.rothErev, agent, fleet.parameter[agent] ?? 0, (traded * gain) / band);
    }
  }
}

/**
 * ZIP traders move their margin so that their limit price goes a step towards the price that cleared, and give up margin where
 * nothing cleared (Cliff, Minimal-intelligence agents for bargaining behaviours in market-based environments, HP Labs 1997).
 */
function moveMargin({ margin, parameter }: Fleet, agent: number, step: number): void {
  const after = (margin[agent] ?? 0) + (parameter[agent] ?? 0) * step;
  margin[agent] = Math.min(1, Math.max(0, after));
}
