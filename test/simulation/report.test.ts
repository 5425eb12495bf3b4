import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { comparisonFigures, comparisonPage } from "../../scripts/simulate/report/comparisonReport.ts";
import { gainBins } from "../../scripts/simulate/report/gains.ts";
import { writeWhole } from "../../scripts/simulate/report/writeWhole.ts";
import { sweepCsv, sweepPage, sweepTable, type Sweep } from "../../scripts/simulate/sweepReport.ts";
import { JouleworkError } from "../../src/errors.ts";
import { compareSteps, parseScenario, simulate, STEPS } from "../../src/simulation/index.ts";
import { combinationsOf, runSweep } from "../../src/simulation/sweep/index.ts";
import { near } from "../meters/profiles/near.ts";

const HOSTILE = `<img src=x onerror="alert('1')">&`;
const scenario = parseScenario({
  ...{ name: HOSTILE, start: "2025-06-16", days: 2, latitudeDeg: 47, longitudeDeg: 8, zones: 2 },
  market: { rule: "sbba", importPrice: 300_000, exportPrice: 80_000 },
  agents: [
    { name: `homes ${HOSTILE}`, kind: "household", count: 4, ratedPowerW: 9_200, flexibleShare: 0.2 },
    { name: "solar", kind: "prosumer", count: 4, ratedPowerW: 11_000, solarPowerW: 6_000 },
    {
      ...{ name: "centre", kind: "data centre", count: 1, ratedPowerW: 40_000 },
      training: { dailyWh: 90_000, powerW: 12_000 },
    },
  ],
});
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

function expectSelfContained(page: string): void {
  for (const found of page.match(/<(?:script|link|img|iframe|object|image|use)\b|@import|https?:|\bon\w+="/g) ?? []) {
    expect.fail(`the page has ${found}`);
  }
  for (const url of page.match(/url\([^)]*\)/g) ?? []) expect(url).to.match(/^url\(#plot\d+-/);
  expect(page).to.contain("default-src 'none'");
  expect(page).to.not.match(/NaN|undefined|Infinity/);
}

describe("the report of a comparison", () => {
  const figures = comparisonFigures(scenario);
  const page = comparisonPage(scenario, `name: ${HOSTILE}`, figures);

  it("needs nothing from anywhere, and whatever the scenario says stays text", () => {
    expectSelfContained(page);
    expect(page).to.not.contain(HOSTILE);
    expect(page).to.contain("&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;");
  });

  it("is the same to the byte for the same scenario, and another for another seed", () => {
    expect(comparisonPage(scenario, `name: ${HOSTILE}`, comparisonFigures(scenario))).to.equal(page);
    const other = { ...scenario, seed: 2 };
    expect(comparisonPage(other, "", comparisonFigures(other))).to.not.equal(page);
  });

  it("names every drawing for who cannot see it, and gives no two of them the same ids", () => {
    const drawings = page.split("<figure>").slice(1);
    expect(drawings).to.have.lengthOf(9);
    for (const drawing of drawings) expect(drawing).to.match(/^<svg role="img" viewBox="[^"]+"><title>[^<]+<\/title>/);
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(ids.length).to.be.greaterThan(0);
    expect(new Set(ids).size).to.equal(ids.length);
  });

  it("has the measures of the comparison, and curves whose energy is theirs", () => {
    expect(figures.steps).to.deep.equal(compareSteps(scenario).steps);
    expect(figures.figures.map(({ step }) => step)).to.deep.equal([...STEPS]);
    figures.steps.forEach(({ measures }, place) => {
      const { day, time, trainingKw, mix } = figures.figures[place] ?? expect.fail("no figures");
      const net = (measures.gridImportWh - measures.gridExportWh) / 1_000;
      // A quarter of an hour at each power; the mean day counts for two.
      expect(sum(day.netKw) * 2 * 0.25).to.satisfy(near(net, 1e-6));
      expect(sum(time.netKw) * time.slotsAPoint * 0.25).to.satisfy(near(net, 1e-6));
      expect(sum(trainingKw) * 2 * 0.25).to.satisfy(near(measures.trainingWh / 1_000, 1e-6));
      expect(sum(mix.map(({ takenKwh }) => takenKwh))).to.satisfy(near(measures.importWh / 1_000, 1e-6));
      expect(sum(mix.map(({ givenKwh }) => givenKwh))).to.satisfy(near(measures.exportWh / 1_000, 1e-6));
    });
    for (const { counts } of figures.gains) expect(sum(counts)).to.equal(9);
    const [nothing, trading] = [simulate(scenario, "nothing"), simulate(scenario, "trading")];
    const gained = nothing.costTicks.filter((ticks, agent) => ticks > (trading.costTicks[agent] ?? 0)).length;
    const [{ from, width, counts } = expect.fail("no gains")] = figures.gains;
    expect(sum(counts.filter((_, bin) => from + bin * width >= 0))).to.be.at.least(gained);
  });
});

describe("bins of gains", () => {
  it("are of a round width, hold everybody and lie around zero", () => {
    expect(gainBins([[-1, 0, 0.4, 11], []])).to.deep.equal([
      { from: -1, width: 0.5, counts: [1, 0, 2, ...new Array<number>(21).fill(0), 1] },
      { from: -1, width: 0.5, counts: new Array<number>(25).fill(0) },
    ]);
    expect(gainBins([[0, 0]])).to.deep.equal([{ from: 0, width: 1, counts: [2] }]);
  });
});

describe("the report of a sweep", () => {
  it("has a row a run as CSV, a row a combination and step as a table, and a page like the others", async () => {
    const combinations = combinationsOf(scenario, [{ path: "market.feePpm", values: [0, 20_000] }]);
    const swept = await runSweep({ combinations, seeds: [1, 2], threads: 2 });
    const sweep: Sweep = { scenario: { name: scenario.name, days: 2 }, seeds: [1, 2], combinations: swept };
    const csv = sweepCsv(sweep).trimEnd().split("\n");
    expect(csv).to.have.lengthOf(1 + 2 * 2 * STEPS.length);
    expect(csv[0]).to.match(/^market\.feePpm,seed,step,importWh,/);
    expect(csv[1]).to.match(/^0,1,nothing,\d+,/);
    expect(
      sweepTable(sweep)
        .split("\n")
        .filter((line) => line.includes("±")).length,
    ).to.be.at.least(2 * STEPS.length);
    const page = sweepPage(scenario, HOSTILE, sweep);
    expectSelfContained(page);
    expect(page).to.not.contain(HOSTILE);
    expect(sweepPage(scenario, HOSTILE, sweep)).to.equal(page);
  });
});

describe("a report's file", () => {
  it("is whole or as it was, and leaves nothing beside it", async () => {
    const folder = await mkdtemp(join(tmpdir(), "joulework-report-"));
    try {
      const file = join(folder, "report.html");
      await writeFile(file, "old");
      await writeWhole(file, "new");
      expect(await readFile(file, "utf8")).to.equal("new");
      // A folder cannot be replaced by a file: the writing fails at its last step.
      let failed: unknown;
      try {
        await writeWhole(folder, "lost");
      } catch (error) {
        failed = error;
      }
      expect(failed).to.be.instanceOf(JouleworkError);
      expect(failed).to.include({ code: "REPORT_UNWRITABLE" });
      expect(await readdir(folder)).to.deep.equal(["report.html"]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
