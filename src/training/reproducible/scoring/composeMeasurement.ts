import { layOutParameters } from "../../parameters.ts";
import { requireWhole } from "../../trainingErrors.ts";
import { TapeBuilder, tensorSizes } from "../tapeBuilder.ts";
import { tapeLosses } from "../tapeForward.ts";
import { requireSliceBytes } from "../tapeErrors.ts";
import type { MeasurementConfig, MeasurementTape } from "./measurementTypes.ts";
import { stateWords, vectorNames } from "./stateWords.ts";
import { tapeMove } from "./tapeMove.ts";

/** A loss is two words of 32 bits. */
export const LOSS_WORDS = 2;

/** A pure function of its configuration: the same one gives the same operations in the same order. */
export function composeMeasurement(config: MeasurementConfig): MeasurementTape {
  const { model, updates, sliceBytes } = config;
  const parameters = layOutParameters(model);
  requireWhole("updates", updates, 1);
  requireSliceBytes(sliceBytes);
  const vectors = vectorNames(parameters);
  const state = ["loss", "products", ...vectors];
  const counts = parameters.all.map(({ rows, columns }) => rows * columns);
  const builder = new TapeBuilder(state.length, true);
  // The slice, the updates, the selection, and the model.
  const strings = updates + 3;
  const before = stateWords({ builder, parameters, string: updates + 2, strings, prefix: "model." });
  const moved = tapeMove({ builder, config, parameters, strings, before });

  const { context } = model;
  const predicted = sliceBytes - 1;
  const batch = Math.ceil(predicted / context);
  const rows = batch * context;
  const bytes = (name: string, offset: number): number =>
    builder.strings(name, "octet", [1, 1, batch, context], { tensor: 0, offset, strides: [0, 0, context, 1] }, [
      strings,
      sliceBytes,
    ]);
  const weight = new Map(parameters.all.map((parameter, index) => [parameter, moved.weights[index] ?? 0]));
  const inputs = bytes("inputs", 0);
  const { loss } = tapeLosses(
    {
      ...{ builder, parameters, rows, headWidth: model.width / model.heads, config: { model, batch } },
      weight: (parameter) => weight.get(parameter) ?? 0,
    },
    inputs,
    bytes("targets", 1),
  );
  const parts = builder.microNats("loss.parts", loss.losses, predicted, rows);
  const sums = builder.add({
    name: "loss.sums.parts",
    kind: "integerTotal",
    sizes: [1, 1, 1, 4],
    operands: [{ tensor: parts, strides: [0, 0, 0, 1], term: 4 }],
    reduction: { count: rows },
  });
  // The state after the operations comes last.
  const measured = builder.add({
    name: "loss",
    kind: "wide",
    sizes: [1, 1, 1, LOSS_WORDS],
    operands: [0, 1, 2, 3].map((part) => ({ tensor: sums, offset: part })),
  });
  const keep = (name: string, tensor: number, elements: number): number =>
    builder.add({
      name,
      kind: "choice",
      sizes: [1, 1, 1, elements],
      operands: [{ tensor, strides: [0, 0, 0, 1] }],
    });
  keep("products", moved.products, updates * updates);
  [...moved.weights, ...moved.momentum].forEach((tensor, index) => {
    keep(vectors[index] ?? "", tensor, counts[index % counts.length] ?? 0);
  });
  const { primitives } = builder;
  const sizes = tensorSizes([LOSS_WORDS, updates * updates, ...counts, ...counts], primitives);
  return { config, parameters, state, primitives, sizes, loss: measured, products: moved.products };
}
