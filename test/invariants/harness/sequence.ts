import fc from "fast-check";
import { faultHandlers } from "../handlers/faults.ts";
import type { Choices, Handler } from "../handlers/handler.ts";
import { everybodyLeaves } from "../handlers/leaving.ts";
import { moneyHandlers } from "../handlers/money.ts";
import { readingHandlers } from "../handlers/readings.ts";
import { registryHandlers } from "../handlers/registry.ts";
import { tradeHandlers } from "../handlers/trade.ts";
import type { Arena } from "./arena.ts";
import { Run, type Summary } from "./run.ts";

export const HANDLERS: Readonly<Record<string, Handler>> = {
  ...tradeHandlers,
  ...readingHandlers,
  ...moneyHandlers,
  ...registryHandlers,
  ...faultHandlers,
};

/** One step of a sequence as a failure prints it and a regression test repeats it. */
export type Step = readonly [handler: string, ...choices: number[]];

/** Sequences of up to `length` steps. */
export function steps(length: number): fc.Arbitrary<Step[]> {
  const choice = fc.nat(999);
  const one = Object.entries(HANDLERS).map(([name, { weight }]) => ({
    weight,
    arbitrary: fc.tuple(fc.constant(name), choice, choice, choice, choice, choice),
  }));
  return fc.array(fc.oneof(...one), { maxLength: length, minLength: 1, size: "max" });
}

/** Take the steps of a sequence on a chain and its ghost. */
export async function proceed(run: Run, sequence: readonly Step[]): Promise<void> {
  for (const [index, [name, a = 0, b = 0, c = 0, d = 0, e = 0]] of sequence.entries()) {
    const handler = HANDLERS[name];
    if (handler === undefined) throw new Error(`there is no handler ${name}`);
    const choices: Choices = [a, b, c, d, e];
    try {
      await handler.act(run, choices);
    } catch (problem) {
      throw new Error(`step ${index}, ${name}: ${problem instanceof Error ? problem.message : String(problem)}`, {
        cause: problem,
      });
    }
  }
}

/** A whole sequence on the chain as it stands; everybody leaves at its end. */
export async function play(arena: Arena, summary: Summary, sequence: readonly Step[]): Promise<void> {
  const run = await Run.begin(arena, summary);
  await proceed(run, sequence);
  await everybodyLeaves(run);
}

/** The summary as lines of text, a verb a line. */
export function describeSummary(summary: Summary): string {
  return [...summary]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, results]) => `${name}: ${[...results].map(([result, times]) => `${result} ${times}`).join(", ")}`)
    .join("\n");
}
