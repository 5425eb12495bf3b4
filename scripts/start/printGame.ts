import Table from "cli-table3";
import type { GameOutcome, GameReport } from "../../src/community/gameReport.ts";
import type { SeasonResult } from "../../src/community/playSeason.ts";
import { formatCredits, formatPrice, formatSlot } from "../../src/units.ts";

const DECIMALS = 4;
const LEADERS = 10;
const WIDTH = 100;
const BASE_UNITS_PER_CREDIT = 1e18;

export interface GameTextInput {
  readonly game: GameOutcome;
  readonly season: SeasonResult;
  /** Number of each site on chain, by its name. */
  readonly sites: ReadonlyMap<string, number>;
}

/** Leaderboard, tiers, penalties and the range of prices, for people. */
export function gameText({ game, season, sites }: GameTextInput): string {
  const names = new Map([...sites].map(([name, site]) => [site, name]));
  const nameOf = (site: number): string => names.get(site) ?? `site ${String(site)}`;
  const moves = new Map<string, string[]>();
  for (const { site, from, to } of game.tiers) {
    const move = `${String(from)} to ${String(to)}`;
    moves.set(move, [...(moves.get(move) ?? []), nameOf(site)]);
  }
  const tiers = [...moves].map(([move, sites]) => wrapped(`  from ${move}: `, sites));
  const faults = game.faults.map(
    ({ site, slot, cutTicks, rewardTicks }) =>
      `  ${nameOf(site)} signed two readings of ${formatSlot(slot)}: its bond lost ${formatCredits(cutTicks, DECIMALS)} credits, ` +
      `${formatCredits(rewardTicks, DECIMALS)} of them to the watcher`,
  );
  return [
    `Season: ${credits(season.paid)} credits paid of a pool of ${credits(season.pool)}\n${leaderboard(season, nameOf)}`,
    `Tiers\n${tiers.length === 0 ? "  no site changed its tier" : tiers.join("\n")}`,
    `Penalties\n${faults.length === 0 ? "  none" : faults.join("\n")}`,
    prices(game.report),
  ].join("\n\n");
}

/** Names after a heading, in lines of a width that any terminal has. */
function wrapped(heading: string, names: readonly string[]): string {
  const lines: string[] = [];
  let line = heading;
  for (const [place, name] of names.entries()) {
    const text = place === names.length - 1 ? name : `${name}, `;
    if (line.length + text.trimEnd().length > WIDTH) {
      lines.push(line.trimEnd());
      line = " ".repeat(heading.length);
    }
    line += text;
  }
  return [...lines, line].join("\n");
}

function credits(baseUnits: bigint): string {
  return (Number(baseUnits) / BASE_UNITS_PER_CREDIT).toFixed(DECIMALS);
}

function leaderboard({ leaderboard: entries }: SeasonResult, nameOf: (site: number) => string): string {
  const table = new Table({
    head: ["rank", "site", "points", "tier"],
    colAligns: ["right", "left", "right", "right"],
    style: { head: [], border: [], compact: true },
  });
  for (const { rank, site, points, tier } of entries.slice(0, LEADERS)) {
    table.push([rank, nameOf(site), String(points), tier]);
  }
  return table.toString();
}

function prices({ priceMin, priceMax, priceSpread, priceRenewableCorrelation }: GameReport): string {
  const range = `Published price ${formatPrice(priceMin)} to ${formatPrice(priceMax)} credits a kWh`;
  const spread = `${formatPrice(priceSpread)} between the cheapest and the dearest slot`;
  return `${range}, ${spread}; correlation with the renewable share ${priceRenewableCorrelation.toFixed(3)}`;
}
