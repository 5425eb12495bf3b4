import asciichart from "asciichart";
import { renewableShare } from "../../src/community/renewableShare.ts";
import type { RunSummary, SlotTotals } from "../../src/community/summariseRun.ts";
import { mean } from "../../src/community/statistics.ts";
import { formatSlot, SLOTS_PER_DAY } from "../../src/units.ts";

const HEIGHT = 8;
const WIDTH = 96;
const SHARES = 10;
const SHARE_WIDTH = 9;
const LABEL = 9;
const TIME_MARKS = 8;
const WH_PER_KWH = 1_000;
const SLOTS_PER_HOUR = 4;
/** Ticks per Wh of one credit per kWh. */
const UNIT_PRICE = 1_000_000;

/** Price and net load over the run, and price against the renewable share, for a terminal. */
export function charts({ slots }: RunSummary): string {
  const every = Math.max(1, Math.ceil(slots.length / WIDTH));
  const rows = slots.filter((_, index) => index % every === 0);
  const netLoad = rows.map(({ feederWh }) => (feederWh * SLOTS_PER_HOUR) / WH_PER_KWH);
  const time = timeAxis(rows);
  return [
    `Published price, middle of import and export, credits per kWh\n${plot(rows.map(publishedPrice), 3)}\n${time}`,
    `Mean clearing price between neighbours, credits per kWh\n${plot(clearingPrices(rows), 3)}\n${time}`,
    `Net load at the feeders, kW\n${plot(netLoad, 1)}\n${time}`,
    `Published price by the renewable share of what was supplied, credits per kWh\n${priceByShare(slots)}`,
  ].join("\n\n");
}

/** Hour of the day, universal time, under every eighth of the chart; over several days with the day of the month. */
export function timeAxis(rows: readonly Pick<SlotTotals, "slot">[]): string {
  const [first, last] = [rows[0]?.slot ?? 0, rows.at(-1)?.slot ?? 0];
  const step = Math.max(1, Math.ceil(rows.length / TIME_MARKS));
  const labels = rows.flatMap(({ slot }, place) => {
    if (place % step !== 0) return [];
    const text = formatSlot(slot);
    return [last - first < SLOTS_PER_DAY ? text.slice(11, 16) : `${text.slice(8, 10)}. ${text.slice(11, 13)}h`];
  });
  return `${" ".repeat(LABEL + 2)}${labels.map((text) => text.padEnd(step)).join("")}`.trimEnd();
}

function publishedPrice({ referencePrices }: SlotTotals): number {
  return mean(referencePrices) / UNIT_PRICE;
}

/** Where nobody traded, the price of the slot before stands. */
function clearingPrices(rows: readonly SlotTotals[]): number[] {
  let last = 0;
  return rows.map(({ matchedWh, tradedTicks }) => {
    if (matchedWh > 0) last = Number(tradedTicks) / matchedWh / UNIT_PRICE;
    return last;
  });
}

/** The mean price of the slots whose share lies in each tenth that has any. */
function priceByShare(slots: readonly SlotTotals[]): string {
  const prices = Array.from({ length: SHARES }, (): number[] => []);
  for (const slot of slots) {
    const share = renewableShare(slot);
    if (share === undefined) continue;
    prices[Math.min(SHARES - 1, Math.floor(share * SHARES))]?.push(publishedPrice(slot));
  }
  const filled = prices.map((list, tenth) => ({ list, tenth })).filter(({ list }) => list.length > 0);
  const points = filled.flatMap(({ list }) => Array.from({ length: SHARE_WIDTH }, () => mean(list)));
  const labels = filled.map(({ tenth }) => `${String(tenth * SHARES)}-${String((tenth + 1) * SHARES)} %`);
  return `${plot(points, 3)}\n${" ".repeat(LABEL + 2)}${labels.map((text) => text.padEnd(SHARE_WIDTH)).join("")}`;
}

function plot(values: readonly number[], digits: number): string {
  if (values.length === 0) return "(none)";
  const format = (value: number): string => value.toFixed(digits).padStart(LABEL);
  return asciichart.plot([...values], { height: HEIGHT, format });
}
