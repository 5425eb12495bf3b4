import { purchaseTicks } from "../market/fees.ts";
import { NOTHING_DUE, type Due } from "../market/gridLeg.ts";
import { dueForGap, dueForSlot, dueForUnread, type Flow, type SlotPrices } from "../market/settlement.ts";
import type { Lane } from "../market/meterWord.ts";
import { noiseWord } from "../simulation/noise.ts";
import { gainOf, mean, plannedGain } from "./gain.ts";
import { honestOrder } from "./levers/orders.ts";
import type { DeviationGain, DeviationParameters } from "./measureDeviations.ts";
import { SlotGame, worthOfUse } from "./slotGame.ts";
import type { MarketPrices, Trader } from "./types.ts";

/** What somebody does whose reading of a traded slot comes too late, so that closing settles its position and a gap reading its flow. */
const WITHHELD = [
  { name: "withheld, delivered as traded", share: 1 },
  { name: "withheld, half delivered", share: 0.5 },
  { name: "withheld, nothing delivered", share: 0 },
] as const;

/** The clearing rules that settle by readings. */
export const READING_RULES = ["midpoint", "sbba"] as const;

/**
 * Measures what a trader gains that trades honestly, and then keeps its reading back past the deadline. Its next reading, a slot
 * later in which nothing flows, is a gap reading. The sums are the exchange's own.
 */
export function measureWithheldReadings({
  population,
  kind,
  size,
  rules,
  markets,
  seed,
}: Omit<DeviationParameters, "levers">): DeviationGain[] {
  const game = new SlotGame(population.prices);
  return READING_RULES.filter((rule) => rules.includes(rule)).map((rule) => {
    const bases: number[] = [];
    const energiesWh: number[] = [];
    const gains = WITHHELD.map((): number[] => []);
    for (let index = 0; index < markets; ++index) {
      const { traders, focal } = population.draw(kind, size, noiseWord(seed, size, index));
      const trader = traders[focal];
      if (trader === undefined) continue;
      const slot = game.play(
        rule,
        traders,
        traders.map((one) => [honestOrder(one)]),
      );
      const filledWh = slot.filledWh[focal] ?? 0;
      const prices: SlotPrices = { ...population.prices, clearingPrice: trader.buys ? slot.bidPrice : slot.offerPrice };
      const honest = readPayoff(trader, filledWh, prices, population.prices);
      bases.push(honest);
      energiesWh.push(trader.energyWh);
      WITHHELD.forEach(({ share }, place) => {
        const flowWh = Math.floor(filledWh * share);
        gains[place]?.push(withheldPayoff(trader, filledWh, flowWh, prices, population.prices) - honest);
      });
    }
    const best = bases.map((_, market) => Math.max(0, ...gains.map((of) => of[market] ?? 0)));
    return {
      ...{ rule, lever: "reading", kind, size },
      planned: plannedGain({ names: WITHHELD.map(({ name }) => name), gains, bases, energiesWh }),
      informed: gainOf(best, bases, energiesWh),
      exposed: best.filter((gain) => gain > population.prices.importPrice).length / markets,
      honestTicks: mean(bases),
    };
  });
}

/** Against not trading at all, ticks: delivered as traded, read in time. */
export function readPayoff(trader: Trader, filledWh: number, prices: SlotPrices, market: MarketPrices): number {
  const lane = laneOf(trader, filledWh);
  return (
    atHand(trader, filledWh, filledWh, prices, market) +
    settled(dueForSlot(lane, true, flowOf(trader, filledWh), prices))
  );
}

/** The same without a reading in time, where `flowWh` flowed. */
export function withheldPayoff(
  trader: Trader,
  filledWh: number,
  flowWh: number,
  prices: SlotPrices,
  market: MarketPrices,
): number {
  const lane = laneOf(trader, filledWh);
  const closed = lane === null ? NOTHING_DUE : dueForUnread(lane, prices);
  const late = dueForGap(true, flowOf(trader, flowWh), market, prices);
  return atHand(trader, filledWh, flowWh, prices, market) + settled(closed) + settled(late);
}

/** What is not settled after the slot: worth of the energy, and what a buyer paid at clearing. */
function atHand(
  { buys, value }: Trader,
  filledWh: number,
  flowWh: number,
  { clearingPrice }: SlotPrices,
  market: MarketPrices,
): number {
  if (!buys) return -flowWh * value;
  const { costTicks, feeTicks } = purchaseTicks(filledWh, clearingPrice, market.feePpm);
  return flowWh * worthOfUse(value, market) - Number(costTicks + feeTicks);
}

function laneOf({ buys }: Trader, energyWh: number): Lane | null {
  return energyWh === 0 ? null : { side: buys ? "bid" : "offer", energyWh };
}

function flowOf({ buys }: Trader, wh: number): Flow {
  return buys ? { importedWh: wh, exportedWh: 0 } : { importedWh: 0, exportedWh: wh };
}

function settled({ proceedsTicks, mintTicks, burnTicks, networkTicks, levyTicks }: Due): number {
  return Number(proceedsTicks + mintTicks - burnTicks - networkTicks - levyTicks);
}
