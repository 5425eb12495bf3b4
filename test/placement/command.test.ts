import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect } from "chai";
import type { BqmDocument, MethodResult } from "../../src/placement/index.ts";
import { runQasm } from "./qasmInterpreter.ts";

const ROOT = resolve(import.meta.dirname, "../..");

describe("npm run place", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "joulework-place-"));
  });
  after(() => rmSync(folder, { recursive: true }));

  function place(...words: string[]) {
    const script = ["--import", "./scripts/quiet.mjs", "scripts/place.ts", ...words];
    return spawnSync(process.execPath, script, { cwd: ROOT, encoding: "utf8" });
  }

  it("compares, and writes figures, circuit and model of the same problem", () => {
    const at = (name: string): string => join(folder, name);
    const drawn = ["--jobs", "4", "--slots", "3", "--seed", "1"];
    const { status, stdout } = place(...drawn, "--json", at("f.json"), "--qasm", at("c.qasm"), "--bqm", at("m.json"));
    expect(status).to.equal(0);
    expect(stdout).to.include("mixed-integer programme").and.to.include("random guesses");
    const figures = JSON.parse(readFileSync(at("f.json"), "utf8")) as {
      variables: number;
      results: readonly MethodResult[];
    };
    const model = JSON.parse(readFileSync(at("m.json"), "utf8")) as BqmDocument;
    const chances = runQasm(readFileSync(at("c.qasm"), "utf8"));
    expect(figures.results).to.have.length(5);
    expect(model.num_variables).to.equal(figures.variables);
    expect(Math.log2(chances.length)).to.equal(figures.variables);
  });

  it("says what is wrong, and exits with 1", () => {
    const bad = join(folder, "bad.yaml");
    writeFileSync(bad, "name: bad\njobs: [{ name: a, slots: 1, energyWh: 0, priceLimit: 1 }]\ndataCentres: []\n");
    for (const [words, message] of [
      [[bad], /PLACEMENT_INVALID.*field = "jobs\.0\.energyWh"/],
      [[join(folder, "none.yaml")], /PLACEMENT_INVALID.*cannot be read/],
      [["--jobs", "0"], /OPTION_INVALID.*--jobs/],
      [[bad, "--jobs", "3"], /OPTION_INVALID.*either read or drawn/],
    ] as const) {
      const { status, stderr } = place(...words);
      expect(status).to.equal(1);
      expect(stderr).to.match(message);
    }
  });
});
