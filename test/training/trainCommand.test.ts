import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { expect } from "chai";
import { splitCorpus } from "../../src/training/corpus.ts";
import { openTrainer } from "../../src/training/openTrainer.ts";
import { sentences } from "./support/texts.ts";

const run = promisify(execFile);
const ROOT = resolve(import.meta.dirname, "../..");
const MODEL = { layers: 1, width: 16, heads: 2, context: 32 };
const [STEPS, BATCH, SEED] = [3, 2, 5];
const TEXT = sentences("train command", 8_000);

describe("the train command", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "joulework-train-"));
    writeFileSync(join(folder, "corpus.txt"), TEXT);
  });
  after(() => rmSync(folder, { recursive: true }));

  async function train(out: string): Promise<string> {
    const options = { ...MODEL, steps: STEPS, batch: BATCH, seed: SEED, corpus: join(folder, "corpus.txt"), out };
    const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
    const { stdout } = await run(process.execPath, ["--import", "./scripts/quiet.mjs", "scripts/train.ts", ...args], {
      cwd: ROOT,
    });
    return stdout;
  }

  it("writes the weights that training gives, whose hash it prints, over what was there", async () => {
    const out = join(folder, "weights.bin");
    writeFileSync(out, "older weights, longer than the new ones".repeat(10_000));
    const printed = await train(out);

    const bytes = readFileSync(out);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const written = Float32Array.from({ length: bytes.length / 4 }, (_, i) => view.getFloat32(4 * i, true));
    expect(/^weights (0x[0-9a-f]{64})$/m.exec(printed)?.[1]).to.equal(
      `0x${createHash("sha256").update(bytes).digest("hex")}`,
    );

    const trainer = await openTrainer(MODEL);
    const weights = trainer.initialWeights(SEED);
    const { training } = splitCorpus(TEXT);
    const optimizer = { kind: "adam", learningRate: 0.003 } as const;
    const input = { weights, corpus: training, seed: SEED, firstStep: 0, steps: STEPS, batch: BATCH, optimizer };
    const expected = (await trainer.train(input)).weights;
    await trainer.close();
    expect(written).to.deep.equal(expected);
    expect(written).to.not.deep.equal(weights);
  });

  it("refuses a place that it cannot write to before it trains", async () => {
    const out = join(folder, "missing", "weights.bin");
    const failed = await train(out).then(
      () => undefined,
      (error: unknown) => error as { code: number; stdout: string; stderr: string },
    );
    expect(failed?.code).to.equal(1);
    expect(failed?.stderr).to.match(/^Error OPTION_INVALID: The weights cannot be written there/);
    expect(failed?.stdout).to.equal("");
    expect(existsSync(out)).to.equal(false);
  });
});
