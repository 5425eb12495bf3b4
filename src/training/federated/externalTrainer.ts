import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { JouleworkError, type ErrorValue } from "../../errors.ts";
import type { LocalTrainer, LocalTrainInput } from "./localUpdate.ts";

export interface ExternalTrainerParameters {
  /** Started without a shell. */
  readonly command: string;
  readonly args?: readonly string[];
  /** The program and what it started are killed after this. */
  readonly timeoutMs?: number;
  /** Where its files go, in a folder that is removed afterwards. */
  readonly directory?: string;
}

const HINTS = {
  EXTERNAL_TRAINER_NOT_STARTED: "Check the command's path and that it may be run.",
  EXTERNAL_TRAINER_FAILED: "Read what the program wrote; it has to end with exit code 0.",
  EXTERNAL_TRAINER_TIMEOUT: "Give it more time, or fewer steps.",
  EXTERNAL_TRAINER_OUTPUT:
    "Write the trained weights to the path `output`: 4 bytes each, little-endian, in the order they came in, all finite.",
} as const;

const TOLD_CHARACTERS = 400;
const HOUR_MS = 3_600_000;

/**
 * Local training by another program, such as PyTorch on a graphics card. It gets one JSON object on its standard input:
 * `version` 1, the paths `weights`, `shard` and `output`, `parameters`, `seed`, `firstStep`, `steps`. It reads weights
 * (single precision, little-endian) and shard (bytes), writes the trained weights to `output`, and ends with exit code 0.
 *
 * @throws EXTERNAL_TRAINER_NOT_STARTED, EXTERNAL_TRAINER_FAILED, EXTERNAL_TRAINER_TIMEOUT, EXTERNAL_TRAINER_OUTPUT
 */
export function externalTrainer({
  command,
  args = [],
  timeoutMs = HOUR_MS,
  directory = tmpdir(),
}: ExternalTrainerParameters): LocalTrainer {
  return async (input) => {
    const folder = await mkdtemp(join(directory, "joulework-training-"));
    try {
      const request = await writeRequest(folder, input);
      await runProgram(command, args, JSON.stringify(request), timeoutMs);
      return await readWeights(request.output, input.weights.length);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };
}

async function writeRequest(folder: string, { weights, shard, seed, firstStep, steps }: LocalTrainInput) {
  const paths = {
    weights: join(folder, "weights.f32"),
    shard: join(folder, "shard.bin"),
    output: join(folder, "output.f32"),
  };
  const bytes = new Uint8Array(4 * weights.length);
  const view = new DataView(bytes.buffer);
  weights.forEach((value, i) => view.setFloat32(4 * i, value, true));
  await writeFile(paths.weights, bytes);
  await writeFile(paths.shard, shard, { mode: 0o600 });
  return { version: 1, ...paths, parameters: weights.length, seed, firstStep, steps };
}

async function runProgram(command: string, args: readonly string[], request: string, timeoutMs: number): Promise<void> {
  // A group of its own, so that what the program starts ends with it.
  const child = spawn(command, args, { stdio: ["pipe", "ignore", "pipe"], detached: process.platform !== "win32" });
  let told = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    told = (told + text).slice(-TOLD_CHARACTERS);
  });
  // A program that ends without reading its input is judged by its exit code.
  child.stdin.on("error", () => undefined);
  child.stdin.end(request);
  const clock = { late: false };
  const timer = setTimeout(() => {
    clock.late = true;
    killGroup(child.pid);
  }, timeoutMs);
  const ended = await new Promise<{ code: number | null; signal: string | null } | Error>((resolve) => {
    child.once("error", resolve);
    child.once("close", (code, signal) => resolve({ code, signal }));
  }).finally(() => clearTimeout(timer));

  if (ended instanceof Error) {
    const values = { command, problem: ended.message };
    throw failure("EXTERNAL_TRAINER_NOT_STARTED", "The training program cannot be started", values, ended);
  }
  if (clock.late)
    throw failure("EXTERNAL_TRAINER_TIMEOUT", "The training program took too long", { command, timeoutMs });
  if (ended.code !== 0) {
    throw failure("EXTERNAL_TRAINER_FAILED", "The training program failed", {
      command,
      exitCode: ended.code,
      signal: ended.signal,
      told: told.trim(),
    });
  }
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === "win32" ? pid : -pid, "SIGKILL");
  } catch (error) {
    // It ended between the timer and the signal.
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

async function readWeights(path: string, parameters: number): Promise<Float32Array> {
  const refuse = (what: string, values: Readonly<Record<string, ErrorValue>>) =>
    failure("EXTERNAL_TRAINER_OUTPUT", what, values);
  // Its length before its content: a file of any size may be there.
  const size = await stat(path).then(
    (found) => found.size,
    () => undefined,
  );
  if (size === undefined) throw refuse("The training program wrote no weights", { path });
  if (size !== 4 * parameters) {
    throw refuse("The training program wrote another number of weights", { bytes: size, expected: 4 * parameters });
  }
  const bytes = await readFile(path);
  const weights = Float32Array.from({ length: parameters }, (_, i) => bytes.readFloatLE(4 * i));
  const at = weights.findIndex((value) => !Number.isFinite(value));
  if (at >= 0) throw refuse("A trained weight is not finite", { parameter: at, value: String(weights[at]) });
  return weights;
}

function failure(
  code: keyof typeof HINTS,
  what: string,
  values: Readonly<Record<string, ErrorValue>>,
  cause?: unknown,
): JouleworkError {
  return new JouleworkError({ code, what, values, hint: HINTS[code], ...(cause === undefined ? {} : { cause }) });
}
