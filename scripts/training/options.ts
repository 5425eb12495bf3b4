import { z } from "zod";
import { JouleworkError } from "../../src/errors.ts";
import type { ModelConfig } from "../../src/training/types.ts";

export type TrainFlags = Readonly<Record<string, string | undefined>>;

export interface TrainOptions {
  readonly model: ModelConfig;
  readonly corpus: string | undefined;
  readonly out: string | undefined;
  readonly steps: number;
  readonly batch: number;
  readonly seed: number;
  readonly threads: number;
  readonly learningRate: number;
}

const whole = (least: number, most: number) => z.coerce.number().int().min(least).max(most);

const schema = z.object({
  corpus: z.string().optional(),
  out: z.string().optional(),
  steps: whole(0, 10_000_000),
  layers: whole(1, 64),
  width: whole(4, 4096),
  heads: whole(1, 256),
  context: whole(1, 4096),
  batch: whole(1, 4096),
  seed: whole(0, Number.MAX_SAFE_INTEGER),
  threads: whole(1, 64),
  learningRate: z.coerce.number().positive(),
});

export function trainOptions(flags: TrainFlags): TrainOptions {
  const parsed = schema.safeParse(flags);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new JouleworkError({
      code: "OPTION_INVALID",
      what: `The option ${String(issue?.path[0])} does not make sense: ${issue?.message ?? ""}`,
      hint: "Run `npm run train -- --help` for all options.",
    });
  }
  const { layers, width, heads, context, corpus, out, ...others } = parsed.data;
  return { ...others, model: { layers, width, heads, context }, corpus, out };
}
