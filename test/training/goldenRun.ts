import { hashWeights } from "../../src/training/hashWeights.ts";
import { openTrainer } from "../../src/training/openTrainer.ts";
import type { ModelConfig } from "../../src/training/types.ts";

export const DEFAULT_MODEL: ModelConfig = { layers: 2, width: 64, heads: 4, context: 64 };

/** Sentences with some order in them, the same on every machine. */
export function exampleText(sentences = 400): Uint8Array {
  const verbs = ["sells", "buys", "stores", "reports"];
  const lines = Array.from({ length: sentences }, (_, index) => {
    const verb = verbs[(index * 7) % verbs.length] ?? "";
    return `Home ${String((index * 37) % 64)} ${verb} ${String((index * index * 13) % 997)} Wh in slot ${String(index)}.`;
  });
  return new TextEncoder().encode(lines.join("\n"));
}

/** Hash of the weights after 50 steps of the default model. */
export async function goldenHash(threads: number): Promise<string> {
  const trainer = await openTrainer(DEFAULT_MODEL, { threads });
  const { weights } = await trainer.train({
    weights: trainer.initialWeights(2026),
    corpus: exampleText(),
    seed: 7,
    firstStep: 0,
    steps: 50,
    batch: 4,
    optimizer: { kind: "adam", learningRate: 0.003 },
  });
  await trainer.close();
  return hashWeights(weights);
}
