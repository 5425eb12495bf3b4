import type { Scenario } from "../../src/simulation/scenario.ts";
import type { ChainSeason, SeasonFigures } from "../../src/tuning/season/index.ts";
import { formatSlot } from "../../src/units.ts";
import { percent } from "./percent.ts";

/** What was read of a season, and what could not be. */
export function seasonText(
  { season, firstSlot, days, dayBefore, zones, meters, unreadSlots, preferences, standing }: ChainSeason,
  { agents }: Scenario,
): string {
  const orders = [...preferences.values()].reduce((sum, one) => sum + one.orders, 0);
  const tiers = standing.sitesByTier.flatMap((sites, tier) =>
    sites === 0 ? [] : [`${String(sites)} of tier ${String(tier)}`],
  );
  const kinds = agents.map(({ name, count, reluctance, forecastError }) => {
    const limits = reluctance.map((share) => percent(share)).join(" to ");
    return `  ${String(count).padStart(3)} ${name.padEnd(14)} limits ${limits} of the band from the backstop, orders off by ${percent(forecastError)}`;
  });
  return [
    `Season ${String(season)}: ${String(days)} whole ${days === 1 ? "day" : "days"} read from ${formatSlot(firstSlot)} on, zones ${zones.map(({ zone }) => String(zone)).join(", ")}, ` +
      `${String(meters.length)} meters, ${String(orders)} orders, mean score ${percent(standing.meanScorePpm / 1e6)}; sites: ${tiers.join(", ")}.`,
    ...kinds,
    dayBefore
      ? "The day before was read too: the first day's prices look back at it."
      : "The day before was not read: the first day's prices stand at their base.",
    ...(unreadSlots === 0 ? [] : [`${String(unreadSlots)} slots of meters have no reading and count as nothing.`]),
    "A chain does not tell which load could have waited or what a battery would have done at another price: energy stays as it was measured.",
  ].join("\n");
}

/** How far the simulator is from the chain where both know the answer. */
export function modelText(measured: SeasonFigures, modelled: SeasonFigures): string {
  const figure = ({ costCredits, peakW }: SeasonFigures) =>
    `${costCredits.toFixed(2)} credits with a peak of ${(peakW / 1_000).toFixed(1)} kW`;
  return `Under its own rules the season cost ${figure(measured)}; the simulator says ${figure(modelled)}.`;
}
