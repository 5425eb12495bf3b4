// A training program for externalTrainer({ command: "node", args: ["docs/examples/externalTrainer.mjs"] }).
//
// It shows the protocol with a model of its own: a table of logits, one row a symbol, that predicts the next symbol from the
// last one; symbols are bytes modulo the number of rows. Put your model in the place of `train`.
import { readFileSync, writeFileSync } from "node:fs";

const request = JSON.parse(readFileSync(0, "utf8"));
if (request.version !== 1) throw new Error(`unknown version ${request.version}`);

const file = readFileSync(request.weights);
const weights = Float32Array.from({ length: request.parameters }, (_, i) => file.readFloatLE(4 * i));
train(weights, readFileSync(request.shard), request.firstStep, request.steps);
weights.forEach((value, i) => file.writeFloatLE(value, 4 * i));
writeFileSync(request.output, file);

function train(table, text, firstStep, steps) {
  const rows = Math.sqrt(table.length);
  if (!Number.isInteger(rows)) throw new Error(`${table.length} weights are no square table`);
  for (let step = firstStep; step < firstStep + steps; ++step) {
    // Each step reads a stretch of the text, the next one from where the last one ended.
    for (let i = 0; i < 256; ++i) {
      const at = (256 * step + i) % (text.length - 1);
      const row = table.subarray((text[at] % rows) * rows).subarray(0, rows);
      const target = text[at + 1] % rows;
      const powers = Array.from(row, Math.exp);
      const sum = powers.reduce((a, b) => a + b);
      powers.forEach((power, symbol) => (row[symbol] -= 0.1 * (power / sum - (symbol === target ? 1 : 0))));
    }
  }
}
