import type { DeviationGain, EmpiricalGame, Gain, StudyResult } from "../../src/equilibrium/index.ts";

export interface StudyTable {
  readonly title: string;
  readonly text: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A gain that is more than this many times what honest play brings is told in ticks for each Wh. */
const MOST_SHARE = 10;
/** Beyond it the exact figure says nothing: hardly any welfare is left. */
const MOST_ANARCHY = 100;
const UNIT = /^(buyer|seller) of /;

/** A study as tables: for the terminal and for the page alike. */
export function studyTables(result: StudyResult): StudyTable[] {
  const traded = result.gains.filter(({ size, lever }) => size > 1 && lever !== "training");
  const others = result.gains.filter((gain) => !traded.includes(gain));
  return [
    ...kindTables(traded),
    ...sizeTables(traded),
    ...(others.length === 0 ? [] : [othersTable(others)]),
    ...(result.games.length === 0 ? [] : [gamesTable(result.games)]),
  ];
}

/** What everybody gets against everybody, a table a game. */
export function matrixTables({ games }: StudyResult): StudyTable[] {
  return games.map(({ rule, population, players, strategies, matrix }) => ({
    title: `${rule}, ${population}: payoffs of ${String(players)} players`,
    text: "One player plays the row, all others the column; for each Wh that it has, in percent of the band between the backstop prices.",
    head: ["", ...strategies],
    rows: strategies.map((name, row) => [name, ...(matrix[row] ?? []).map((payoff) => percent(payoff))]),
  }));
}

/** Of each rule, at the middle one of the sizes: kinds by levers. */
function kindTables(gains: readonly DeviationGain[]): StudyTable[] {
  const sizes = unique(gains.map(({ size }) => size)).sort((a, b) => a - b);
  const middle = sizes[Math.floor((sizes.length - 1) / 2)];
  const here = gains.filter(({ size }) => size === middle);
  return unique(here.map(({ rule }) => rule)).map((rule) => {
    const ofRule = here.filter((gain) => gain.rule === rule);
    const levers = unique(ofRule.map(({ lever }) => lever));
    return {
      title: `${rule}, ${String(middle)} traders: best planned deviation`,
      text: "Chosen on half of the markets, measured on the other half: gain as a share of honest play with its 95 % interval; ticks for each Wh of the trader where honest play brings less than a tenth of that, or a loss.",
      head: ["", ...levers],
      rows: unique(ofRule.map(({ kind }) => kind)).map((kind) => [
        kind,
        ...levers.map((lever) => {
          const found = ofRule.find((gain) => gain.kind === kind && gain.lever === lever);
          return found === undefined ? "" : gainText(found.planned);
        }),
      ]),
    };
  });
}

/** How the gains of whoever sees the book fall with the size of the market. */
function sizeTables(gains: readonly DeviationGain[]): StudyTable[] {
  const sizes = unique(gains.map(({ size }) => size)).sort((a, b) => a - b);
  const groups = [
    { name: "units of one size", of: gains.filter(({ kind }) => UNIT.test(kind) && !kind.endsWith(" of 1 Wh")) },
    { name: "the scenario's traders", of: gains.filter(({ kind }) => !UNIT.test(kind)) },
  ];
  return groups.flatMap(({ name, of }): StudyTable[] => {
    const pairs = unique(of.map(({ rule, lever }) => `${rule}, ${lever}`));
    if (pairs.length === 0) return [];
    return [
      {
        title: `${name}, by number of traders: best deviation of whoever sees the book`,
        text: "The kind with the largest: mean of the best of the grid, or nothing, in each market.",
        head: ["", ...sizes.map(String)],
        rows: pairs.map((pair) => [
          pair,
          ...sizes.map((size) => {
            const found = of.filter((gain) => `${gain.rule}, ${gain.lever}` === pair && gain.size === size);
            return found.length === 0 ? "" : largestText(found);
          }),
        ]),
      },
    ];
  });
}

function othersTable(gains: readonly DeviationGain[]): StudyTable {
  return {
    title: "levers that are not orders",
    text: "Shares are of what honest play brings.",
    head: ["", "size", "best planned", "gains", "best in hindsight"],
    rows: gains.map(({ lever, kind, size, planned, informed }) => [
      `${lever}, ${kind}`,
      String(size),
      planned.strategy,
      gainText(planned),
      shareText(informed),
    ]),
  };
}

function gamesTable(games: readonly EmpiricalGame[]): StudyTable {
  return {
    title: "empirical games",
    text: "Where the replicator dynamics rest. Regret: what the best strategy gains on the mixture, in the matrix and with all players on fresh markets. Efficiency: welfare of the best by the linear programme.",
    head: ["", "equilibrium", "matrix regret", "best reply", "its gain", "efficiency", "truthful", "price of anarchy"],
    rows: games.flatMap(({ rule, population, strategies, equilibria, truthfulEfficiency, priceOfAnarchy }) =>
      equilibria.map(({ mixture, matrixRegret, gameRegret, efficiency }, place) => [
        `${rule}, ${population}`,
        mixtureText(mixture, strategies),
        percent(matrixRegret),
        gameRegret.strategy,
        gainText(gameRegret),
        percent(efficiency),
        place === 0 ? percent(truthfulEfficiency) : "",
        place === 0 ? anarchyText(priceOfAnarchy) : "",
      ]),
    ),
  };
}

function anarchyText(price: number | null): string {
  if (price === null) return "none";
  return price > MOST_ANARCHY ? `> ${String(MOST_ANARCHY)}` : price.toFixed(3);
}

function mixtureText(mixture: readonly number[], strategies: readonly string[]): string {
  return mixture
    .map((share, place) => ({ share, name: strategies[place] ?? "" }))
    .filter(({ share }) => share >= 0.01)
    .sort((a, b) => b.share - a.share)
    .map(({ share, name }) => (share >= 0.995 ? name : `${name} ${share.toFixed(2)}`))
    .join(", ");
}

function gainText(gain: Gain): string {
  const { share, low, high } = gain;
  if (share === null || Math.abs(share) > MOST_SHARE) return shareText(gain);
  return `${percent(share)} [${bare(low)}, ${bare(high)}]`;
}

function shareText({ share, ticksPerWh }: Gain): string {
  return share === null || Math.abs(share) > MOST_SHARE
    ? `${(Math.round(ticksPerWh) + 0).toLocaleString("en")} ticks/Wh`
    : percent(share);
}

function largestText(gains: readonly DeviationGain[]): string {
  const [best] = [...gains].sort(({ informed: a }, { informed: b }) =>
    a.share === null || b.share === null ? b.ticksPerWh - a.ticksPerWh : b.share - a.share,
  );
  if (best === undefined) return "";
  const text = shareText(best.informed);
  return /^0(\.0)? /.test(text) ? text : `${text} (${best.kind})`;
}

function bare(share: number | null): string {
  // A rounded zero has no sign.
  return share === null ? "-" : (share * 100).toFixed(1).replace(/^-(0\.0)$/, "$1");
}

function percent(share: number): string {
  return `${bare(share)} %`;
}

function unique<Value>(values: readonly Value[]): Value[] {
  return [...new Set(values)];
}
