import { expect } from "chai";
import { parseEquilibriumFlags, type EquilibriumFlags } from "../../scripts/equilibrium/options.ts";
import { runStudy } from "../../scripts/equilibrium/runStudy.ts";
import { studyPage } from "../../scripts/equilibrium/studyPage.ts";
import { studyTables } from "../../scripts/equilibrium/tables.ts";
import { JouleworkError } from "../../src/errors.ts";
import { LEVERS, RULES } from "../../src/equilibrium/index.ts";
import { parseScenario } from "../../src/simulation/scenario.ts";

const FLAGS: EquilibriumFlags = { scenario: "a.yaml", sizes: "4,8", seeds: "8", seed: "1", game: true };
const scenario = parseScenario({
  ...{ name: "small", start: "2025-06-16", days: 1, latitudeDeg: 47, longitudeDeg: 8, zones: 1 },
  market: { importPrice: 300_000, exportPrice: 80_000 },
  agents: [
    { name: "homes", kind: "household", count: 10, ratedPowerW: 9_200 },
    { name: "solar homes", kind: "prosumer", count: 6, ratedPowerW: 11_000, solarPowerW: 6_000 },
  ],
});

describe("an equilibrium study", () => {
  it("is the same on one thread and on two, and its page shows every table", async () => {
    const options = { ...parseEquilibriumFlags(FLAGS), scenario };
    const seen: number[] = [];
    const one = await runStudy(options, 1, (done) => seen.push(done));
    const two = await runStudy(options, 2, () => undefined);
    expect(two).to.deep.equal(one);
    expect(seen).to.deep.equal(seen.map((_, place) => place));
    expect(new Set(one.gains.map(({ lever }) => lever))).to.deep.equal(new Set(LEVERS));
    expect(one.games.map(({ rule }) => rule)).to.deep.equal([...RULES, ...RULES]);
    const page = studyPage(parseEquilibriumFlags(FLAGS), one);
    for (const { title } of studyTables(one)) expect(page).to.include(title.replaceAll("'", "&#39;"));
    expect(page).to.include("<svg").and.not.include("NaN");
  });

  it("measures the chosen rules, levers and sizes alone", async () => {
    const flags = { ...FLAGS, rule: ["sbba"], lever: ["price"], sizes: "6", game: false };
    const { gains, games } = await runStudy({ ...parseEquilibriumFlags(flags), scenario }, 1, () => undefined);
    expect(games).to.be.empty;
    expect(new Set(gains.map(({ rule, lever, size }) => `${rule} ${lever} ${String(size)}`))).to.deep.equal(
      new Set(["sbba price 6"]),
    );
  });
});

describe("options of the equilibrium study", () => {
  it("are every rule and lever if none is named", () => {
    const { rules, levers, sizes, seeds } = parseEquilibriumFlags({ ...FLAGS, sizes: "16, 4,16" });
    expect([rules, levers, sizes, seeds]).to.deep.equal([RULES, LEVERS, [4, 16], 8]);
  });

  for (const [name, value] of [
    ["rule", ["lottery"]],
    ["lever", ["bribe"]],
    ["sizes", "4,,8"],
    ["sizes", "2"],
    ["seeds", "4"],
    ["seed", "x"],
    ["threads", "0"],
    ["scenario", ""],
  ] as const) {
    it(`refuse ${name} ${JSON.stringify(value)}, and say what it may be`, () => {
      expect(() => parseEquilibriumFlags({ ...FLAGS, [name]: value }))
        .to.throw(JouleworkError, `--${name}`)
        .with.property("code", "OPTION_INVALID");
    });
  }
});
