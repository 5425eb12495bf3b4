import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { expect } from "chai";

const run = promisify(execFile);
const ROOT = resolve(import.meta.dirname, "../..");
const command = (...args: string[]) =>
  run(process.execPath, ["--import", "./scripts/quiet.mjs", "scripts/federated.ts", ...args], { cwd: ROOT });

describe("the federated command", () => {
  it("prints losses and scores, the same ones every time", async () => {
    const small = [
      "--rounds",
      "2",
      "--workers",
      "2",
      "--width",
      "16",
      "--batch",
      "4",
      "--local-steps",
      "10",
      "--attacks",
    ];
    const [first, second] = [await command(...small), await command(...small)];
    expect(second.stdout).to.equal(first.stdout);
    expect(first.stderr).to.equal("");
    expect(first.stdout.match(/^round \d: validation loss/gm)).to.have.length(2);
    for (const name of ["worker 1", "worker 2", "copier", "poisoner"]) expect(first.stdout).to.include(name);
    expect(first.stdout).to.match(/poisoner [^\n]* 0\.0 %/);
  });

  it("says what is wrong with its arguments", async () => {
    for (const args of [
      ["--rounds", "0"],
      ["--learning-rate", "-1"],
      ["--aggregation", "sum"],
      ["--corpus", "/nowhere"],
    ]) {
      const failed = await command(...args).then(
        () => undefined,
        (error: unknown) => error as { code: number; stderr: string },
      );
      expect(failed?.code, args.join(" ")).to.equal(1);
      expect(failed?.stderr).to.match(/^(error: option|Error [A-Z_]+:)/);
    }
  });
});
