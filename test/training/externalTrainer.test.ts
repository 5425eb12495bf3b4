import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect } from "chai";
import { JouleworkError } from "../../src/errors.ts";
import { externalTrainer } from "../../src/training/federated/externalTrainer.ts";
import { localUpdate } from "../../src/training/federated/localUpdate.ts";
import { codeOf } from "./support/codes.ts";
import { score, SLICE, STATE, TRAINER } from "./support/scoringCase.ts";
import { sentences } from "./support/texts.ts";

const EXAMPLE = resolve(import.meta.dirname, "../../docs/examples/externalTrainer.mjs");
const INPUT = { weights: STATE.weights, shard: sentences("external", 3_000), seed: 1, firstStep: 0, steps: 6 };

describe("training by another program", () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "joulework-external-"));
  });
  afterEach(async () => {
    // Neither weights nor a worker's text stay behind, whatever happened.
    expect(await readdir(directory)).to.deep.equal([]);
    await rm(directory, { recursive: true });
  });

  /** A trainer that runs JavaScript with the request as `r` and node:fs as `fs`. */
  const running = (code: string, timeoutMs = 30_000) => {
    const program = `import fs from "node:fs"; const r = JSON.parse(fs.readFileSync(0, "utf8")); ${code}`;
    return externalTrainer({
      command: process.execPath,
      args: ["--input-type=module", "-e", program],
      directory,
      timeoutMs,
    });
  };

  it("runs the documented example, whose update is scored like any other", async () => {
    const train = externalTrainer({ command: process.execPath, args: [EXAMPLE], directory });
    const { weights, ...input } = INPUT;
    expect(Number(await TRAINER.evaluate(await train(INPUT), SLICE))).to.be.below(
      Number(await TRAINER.evaluate(weights, SLICE)),
    );
    const { bytes } = await localUpdate({ state: STATE, train, ...input });
    const { updates } = await score([bytes]);
    expect(updates.map(({ verdict }) => verdict)).to.deep.equal(["counted"]);
  });

  it("hands over weights, shard and figures as documented", async () => {
    const train = running(`
      const weights = fs.readFileSync(r.weights);
      const figures = [r.version, r.parameters, r.seed, r.firstStep, r.steps, fs.readFileSync(r.shard).length];
      figures.forEach((figure, i) => weights.writeFloatLE(figure, 4 * i));
      fs.writeFileSync(r.output, weights);`);
    const result = await train({ ...INPUT, seed: 7, firstStep: 30, steps: 10 });
    expect([...result.subarray(0, 6)]).to.deep.equal([1, 1024, 7, 30, 10, 3_000]);
    expect(result.subarray(6)).to.deep.equal(STATE.weights.subarray(6));
  });

  it("tells an exit code with what the program wrote", async () => {
    const failed = running(`process.stderr.write("out of memory"); process.exit(3);`)(INPUT);
    const error = await failed.catch((problem: unknown) => problem);
    expect(error).to.be.instanceOf(JouleworkError);
    const { code, values } = error as JouleworkError;
    expect([code, values.exitCode, values.told]).to.deep.equal(["EXTERNAL_TRAINER_FAILED", 3, "out of memory"]);
  });

  it("ends a program that takes too long, and what that one started", async () => {
    const started = Date.now();
    // The grandchild holds the pipe open: waiting for it would take a minute.
    const slow = running(
      `import("node:child_process").then((m) => m.spawnSync(process.execPath, ["-e", "setTimeout(() => {}, 60000)"], { stdio: "inherit" }));`,
      700,
    );
    expect(await codeOf(() => slow(INPUT))).to.equal("EXTERNAL_TRAINER_TIMEOUT");
    expect(Date.now() - started).to.be.below(30_000);
  });

  it("refuses no output, another length, and weights that are not finite", async () => {
    const bad = [
      "",
      "fs.writeFileSync(r.output, fs.readFileSync(r.weights).subarray(4));",
      "fs.writeFileSync(r.output, Buffer.alloc(4 * r.parameters + 4));",
      "const w = fs.readFileSync(r.weights); w.writeFloatLE(NaN, 8); fs.writeFileSync(r.output, w);",
      "const w = fs.readFileSync(r.weights); w.writeFloatLE(Infinity, 8); fs.writeFileSync(r.output, w);",
    ];
    for (const code of bad) {
      expect(await codeOf(() => running(code)(INPUT)), code).to.equal("EXTERNAL_TRAINER_OUTPUT");
    }
  });

  it("says that a command cannot be started", async () => {
    const train = externalTrainer({ command: join(directory, "nothing-here"), directory });
    expect(await codeOf(() => train(INPUT))).to.equal("EXTERNAL_TRAINER_NOT_STARTED");
  });
});
