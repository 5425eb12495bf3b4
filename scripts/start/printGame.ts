import type { GameOutcome, GameReport } from "../../src/community/gameReport.ts";
import { formatCredits, formatPrice, formatSlot } from "../../src/units.ts";

const DECIMALS = 4;

export interface GameTextInput {
  readonly game: GameOutcome;
  /** Number of each site on chain, by its name. */
  readonly sites: ReadonlyMap<string, number>;
}

/** Tiers, penalties and the range of prices, for people. */
export function gameText({ game, sites }: GameTextInput): string {
  const names = new Map([...sites].map(([name, site]) => [site, name]));
  const nameOf = (site: number): string => names.get(site) ?? `site ${String(site)}`;
  const tiers = game.tiers.map(({ site, from, to }) => `  ${nameOf(site)}: ${String(from)} to ${String(to)}`);
  const faults = game.faults.map(
    ({ site, slot, cutTicks, rewardTicks }) =>
      `  ${nameOf(site)} signed two readings of ${formatSlot(slot)}: its bond lost ${formatCredits(cutTicks, DECIMALS)} credits, ` +
      `${formatCredits(rewardTicks, DECIMALS)} of them to the watcher`,
  );
  return [
    `Tiers\n${tiers.length === 0 ? "  no site changed its tier" : tiers.join("\n")}`,
    `Penalties\n${faults.length === 0 ? "  none" : faults.join("\n")}`,
    prices(game.report),
  ].join("\n\n");
}

function prices({ priceMin, priceMax, priceSpread, priceRenewableCorrelation }: GameReport): string {
  const range = `Published price ${formatPrice(priceMin)} to ${formatPrice(priceMax)} credits a kWh`;
  const spread = `${formatPrice(priceSpread)} between the cheapest and the dearest slot`;
  return `${range}, ${spread}; correlation with the renewable share ${priceRenewableCorrelation.toFixed(3)}`;
}
