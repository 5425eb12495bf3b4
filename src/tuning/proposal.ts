import type { ProposedCall } from "../chain/proposals.ts";
import { packRebatePrices } from "../game/seasonRewards.ts";
import type { ZoneTerms } from "../market/tariff.ts";
import type { Scenario } from "../simulation/scenario.ts";
import { OBJECTIVES, type Objectives } from "./objectives.ts";
import { TUNABLES, withSettings } from "./tunables.ts";
import type { Judged } from "./tune.ts";

export interface TuningProposal {
  /** As `joulework:propose --calls` takes them. */
  readonly calls: readonly ProposedCall[];
  /** The reason, for those who vote. */
  readonly description: string;
}

export interface ProposalInput {
  readonly scenario: Scenario;
  readonly present: Judged;
  readonly chosen: Judged;
  /** Terms that hold now, by zone; what is not tuned stays as it is. */
  readonly terms: ReadonlyMap<number, ZoneTerms>;
  /** First slot of the new terms: beyond voting and the timelock's delay. */
  readonly fromSlot: number;
  readonly heldOutSeeds: number;
  /** What voters have to know of the scenario, in a sentence. */
  readonly caveat?: string;
}

const WORDS: Readonly<Record<keyof Objectives, string>> = {
  peak: "peak power",
  cost: "cost of all members",
  idleTraining: "training energy left undone",
  cheating: "largest gain from cheating",
};

/** What a tuning found, as calls that change it and a reason that can be read and checked. */
export function tuningProposal(input: ProposalInput): TuningProposal {
  const { scenario, chosen, present, terms, fromSlot } = input;
  const { market, game } = withSettings(scenario, chosen.settings);
  const { importPrice, exportPrice, slopePpm } = market;
  const calls = [...terms].map(([zone, now]): ProposedCall => ({
    target: "EnergyExchange",
    call: "setZoneTerms",
    args: [zone, { ...now, rule: now.rule === "sbba" ? 1 : 0, importPrice, exportPrice, slopePpm, fromSlot }],
  }));
  if (chosen.settings.rebatePpm !== present.settings.rebatePpm) {
    const lanes = packRebatePrices([...game.rebatePrices, ...sameAsLast(game.rebatePrices)]);
    calls.push({ target: "Seasons", call: "setRebatePrices", args: [String(lanes)] });
  }
  return { calls, description: describe(input, { importPrice, exportPrice, slopePpm }) };
}

/** A scenario's last rebate holds for all further tiers; the contract has a lane for each of eight. */
function sameAsLast(prices: readonly number[]): number[] {
  return new Array<number>(8 - prices.length).fill(prices.at(-1) ?? 0);
}

function describe(
  { scenario, present, chosen, fromSlot, heldOutSeeds, caveat }: ProposalInput,
  prices: Readonly<Record<"importPrice" | "exportPrice" | "slopePpm", number>>,
): string {
  const changed = TUNABLES.filter(({ name }) => chosen.settings[name] !== present.settings[name]);
  const settings = changed.map(
    ({ name }) => `${name} ${String(present.settings[name])} -> ${String(chosen.settings[name])}`,
  );
  const effects = OBJECTIVES.map((name) => {
    const percent = ((chosen.heldOut[name] - present.heldOut[name]) * 100).toFixed(2);
    return `${WORDS[name]} ${percent.startsWith("-") ? "" : "+"}${percent}`;
  });
  return [
    `Tune the tariff from slot ${String(fromSlot)}: ${settings.join(", ")}`,
    `(import ${String(prices.importPrice)}, export ${String(prices.exportPrice)} ticks per Wh).`,
    `Expected by simulation of "${scenario.name}" over ${String(heldOutSeeds)} seeds that the search did not see,`,
    `in percentage points of the community without control: ${effects.join(", ")}.`,
    ...(caveat === undefined ? [] : [caveat]),
  ].join(" ");
}
