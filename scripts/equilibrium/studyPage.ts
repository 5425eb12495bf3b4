import { RULES, type DeviationGain, type StudyResult } from "../../src/equilibrium/index.ts";
import { pageOf, type Section } from "../simulate/report/page.ts";
import type { Plot } from "../simulate/report/plot.ts";
import type { EquilibriumOptions } from "./options.ts";
import { matrixTables, studyTables, type StudyTable } from "./tables.ts";

/** A study as one page with plots. */
export function studyPage(options: EquilibriumOptions, result: StudyResult): string {
  const { scenario, seeds, seed } = options;
  const lead = `Markets of ${scenario} and of single units; ${String(seeds)} markets a measurement, seed ${String(seed)}.`;
  const sections: Section[] = [
    ...(result.games.length === 0 ? [] : [{ heading: "Welfare", plots: welfarePlots(result) }]),
    ...[...studyTables(result), ...matrixTables(result)].map(sectionOf),
    {
      heading: "Gains by size of the market",
      text: "Whiskers are as long as the 95 % interval; the tables have its ends, which are not always as far from the gain.",
      plots: sizePlots(result.gains),
    },
  ];
  return pageOf("Equilibrium study", lead, sections);
}

function sectionOf({ title, text, head, rows }: StudyTable): Section {
  return { heading: title, text, table: { head, rows } };
}

/** A plot for each lever and kind, a line a rule. */
function sizePlots(gains: readonly DeviationGain[]): Plot[] {
  const groups = new Map<string, DeviationGain[]>();
  for (const gain of gains) {
    const title = `${gain.kind}: ${gain.lever}`;
    const known = groups.get(title);
    if (known === undefined) groups.set(title, [gain]);
    else known.push(gain);
  }
  return [...groups].flatMap(([title, of]): Plot[] => {
    const sizes = [...new Set(of.map(({ size }) => size))].sort((a, b) => a - b);
    const rules = [...new Set(of.map(({ rule }) => rule))].filter((rule) =>
      of.some((gain) => gain.rule === rule && gain.planned.share !== null),
    );
    if (sizes.length < 2 || rules.length === 0) return [];
    const at = (rule: string, size: number): DeviationGain["planned"] | undefined =>
      of.find((gain) => gain.rule === rule && gain.size === size)?.planned;
    return [
      {
        title: `${title}, gain of the best planned deviation by number of traders or workers`,
        kind: "line",
        labels: sizes.map(String),
        unit: "% of honest play",
        series: rules.map((rule) => ({
          name: rule,
          // A rule has one colour in all plots.
          colour: colourOf(rule),
          values: sizes.map((size) => percentOrNull(at(rule, size)?.share)),
          halfWidths: sizes.map((size) => {
            const { low = null, high = null } = at(rule, size) ?? {};
            return low === null || high === null ? null : ((high - low) / 2) * 100;
          }),
        })),
      },
    ];
  });
}

function welfarePlots({ games }: StudyResult): Plot[] {
  return [...new Set(games.map(({ population }) => population))].map((population) => {
    const here = games.filter((game) => game.population === population);
    return {
      title: `${population}: welfare, percent of the best by the linear programme`,
      kind: "bar",
      labels: here.map(({ rule }) => rule),
      unit: "%",
      series: [
        { name: "all truthful", values: here.map(({ truthfulEfficiency }) => truthfulEfficiency * 100) },
        {
          name: "worst equilibrium found",
          values: here.map(({ equilibria }) => Math.min(...equilibria.map(({ efficiency }) => efficiency)) * 100),
        },
      ],
    };
  });
}

function colourOf(rule: string): number {
  const place = (RULES as readonly string[]).indexOf(rule);
  return place === -1 ? RULES.length : place;
}

function percentOrNull(share: number | null | undefined): number | null {
  return share === null || share === undefined ? null : share * 100;
}
