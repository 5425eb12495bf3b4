import { createHardhatRuntimeEnvironment } from "hardhat/hre";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { fileURLToPath } from "node:url";
import config from "../../hardhat.config.ts";

export interface TaskResult {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

/** The project's Hardhat with `--network localhost` at another address than the configured one, or with other keys. */
export function hardhatAt(url: string, keys?: readonly string[]): Promise<HardhatRuntimeEnvironment> {
  const accounts = keys === undefined ? {} : { accounts: [...keys] };
  const networks = { ...config.networks, localhost: { type: "http", chainType: "l1", url, ...accounts } } as const;
  const root = fileURLToPath(new URL("../..", import.meta.url));
  return createHardhatRuntimeEnvironment({ ...config, networks }, { network: "localhost" }, root);
}

/** A task of ours by its verb, or any by its whole name. */
export function taskOf({ tasks }: HardhatRuntimeEnvironment, verb: string) {
  return tasks.getTask(verb.includes(":") ? verb : `joulework:${verb}`);
}

/** Runs a task as the command line does, and gives back what it printed and its exit code. */
export async function runVerb(
  hre: HardhatRuntimeEnvironment,
  verb: string,
  taskArguments: Record<string, string | number | boolean>,
): Promise<TaskResult> {
  const [log, error, exitCode] = [console.log, console.error, process.exitCode];
  const printed = { out: [] as string[], err: [] as string[] };
  console.log = (text: string) => void printed.out.push(text);
  console.error = (text: string) => void printed.err.push(text);
  process.exitCode = 0;
  try {
    await taskOf(hre, verb).run(taskArguments);
    return { exitCode: process.exitCode, out: printed.out.join("\n"), err: printed.err.join("\n") };
  } finally {
    [console.log, console.error, process.exitCode] = [log, error, exitCode];
  }
}
