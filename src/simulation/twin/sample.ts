import { SLOTS_PER_DAY } from "../../units.ts";
import { netSeries, type NetSeries } from "../netSeries.ts";
import type { AgentGroup, Scenario } from "../scenario.ts";

/** What a local chain bears beside its agents: two zones show what one does not. */
const MOST_ZONES = 2;

/** The part of a scenario that is played on a chain. */
export interface Sample {
  readonly scenario: Scenario;
  readonly series: NetSeries;
  /** Whether the scenario has more agents or zones than the sample. */
  readonly smaller: boolean;
}

/**
 * A day of a scenario, with the day before it where there is one, since prices look back a day; at most `agents` agents of all groups in
 * proportion, at least one of each as far as they go, in at most two zones. Which agents these are, their loads and the weather follow from
 * the scenario's seed, as always. Meters are all read in time: who keeps readings back in the scenario does not here.
 *
 * @param day From 1 on.
 */
export function sampleDay(scenario: Scenario, day: number, agents: number): Sample {
  const eve = day > 1 ? 1 : 0;
  const counts = sampleCounts(
    scenario.agents.map(({ count }) => count),
    agents,
  );
  // Agents of a group are dealt out over the zones in turn: of single ones the second zone would have none.
  const zones = Math.min(scenario.zones, MOST_ZONES, Math.max(...counts));
  const few = {
    ...scenario,
    ...{ days: day, zones },
    agents: scenario.agents.flatMap((group, place) => {
      const count = counts[place] ?? 0;
      return count === 0 ? [] : [{ ...inTime(group), count, ...placed(group, zones) }];
    }),
  };
  const from = (day - 1 - eve) * SLOTS_PER_DAY;
  const series = windowOf(netSeries(few), from);
  const whole = scenario.agents.reduce((sum, { count }) => sum + count, 0);
  const taken = counts.reduce((sum, count) => sum + count, 0);
  return { scenario: { ...few, days: 1 + eve }, series, smaller: taken < whole || zones < scenario.zones };
}

/** Parts of `most` in proportion to the counts, one at least as far as they go; all of them where they fit. */
export function sampleCounts(counts: readonly number[], most: number): number[] {
  const whole = counts.reduce((sum, count) => sum + count, 0);
  if (whole <= most) return [...counts];
  const taken = counts.map((_, place): number => (place < most ? 1 : 0));
  let left = most - taken.reduce((sum, count) => sum + count, 0);
  while (left > 0) {
    // Who has the least of its share so far is next: with ties the first.
    let next = -1;
    let lack = 0;
    counts.forEach((count, place) => {
      const missing = (count * most) / whole - (taken[place] ?? 0);
      if ((taken[place] ?? 0) < count && (next === -1 || missing > lack)) [next, lack] = [place, missing];
    });
    taken[next] = (taken[next] ?? 0) + 1;
    left -= 1;
  }
  return taken;
}

/** A group that is in one zone is in one of those that are played. */
function placed({ zone }: AgentGroup, zones: number): Pick<AgentGroup, "zone"> {
  return zone === undefined ? {} : { zone: ((zone - 1) % zones) + 1 };
}

function inTime({ dishonest, ...group }: AgentGroup): AgentGroup {
  return dishonest === undefined || dishonest.kind === "withholding" ? group : { ...group, dishonest };
}

/** The slots from this place of the window on. */
function windowOf({ firstSlot, slots, netWh, shapes }: NetSeries, from: number): NetSeries {
  const kept = slots - from;
  const drawn = netWh.length / slots;
  const part = new Int32Array(drawn * kept);
  for (let shape = 0; shape < drawn; ++shape) {
    part.set(netWh.subarray(shape * slots + from, (shape + 1) * slots), shape * kept);
  }
  return { firstSlot: firstSlot + from, slots: kept, netWh: part, shapes };
}
