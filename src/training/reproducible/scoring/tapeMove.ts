import { UPDATE_LAYOUT, updateBlocks, updateBytes } from "../../federated/updateLayout.ts";
import type { Parameters } from "../../parameters.ts";
import type { Quad } from "../primitives.ts";
import type { OperandParts, TapeBuilder } from "../tapeBuilder.ts";
import type { MeasurementConfig, StateTensors } from "./measurementTypes.ts";
import { mergeExchange } from "./mergeExchange.ts";
import { selectionLayout } from "./selection.ts";

/** What a move is composed with. */
export interface MoveContext {
  readonly builder: TapeBuilder;
  readonly config: MeasurementConfig;
  readonly parameters: Parameters;
  /** Byte strings that the program reads. */
  readonly strings: number;
  /** The state that moves. */
  readonly before: StateTensors;
}

/** The moved state, and the players' scalar products. */
export interface MovedTensors extends StateTensors {
  readonly products: number;
}

/** A tensor of one row, or a row of one of many. */
type Row = Pick<OperandParts, "tensor" | "offset">;

const EACH: Quad = [0, 0, 0, 1];
const INFINITE = Infinity;

/** From the updates' bytes to the weights that the move leads to. */
export function tapeMove(context: MoveContext): MovedTensors {
  const words = selectedWords(context);
  const moves = playersMoves(context, words);
  const products = productsOf(context, moves);
  const { aggregation } = context.config;
  const total = aggregation === "mean" ? totalOfAll(context, moves) : totalOfMiddle(context, words, moves);
  const gradient = context.builder.add({
    name: "gradient",
    kind: "ratio",
    sizes: [1, 1, 1, length(context)],
    operands: [{ tensor: total, strides: EACH }, { tensor: words("divisor") }],
  });
  return { products, ...step(context, words, gradient) };
}

type SelectedWords = (part: "members" | "players" | "ranks" | "sizes" | "factors" | Scalar) => number;
type Scalar = "divisor" | "rate" | "mu" | "keep";

/** Parts of the selection as tensors, each read when it is first asked for. */
function selectedWords({ builder, config: { updates }, strings }: MoveContext): SelectedWords {
  const layout = selectionLayout(updates);
  const read = new Map<string, number>();
  const sizes: Readonly<Record<string, Quad>> = {
    members: [1, 1, updates, updates],
    ...Object.fromEntries(["divisor", "rate", "mu", "keep"].map((scalar) => [scalar, [1, 1, 1, 1]])),
  };
  return (part) => {
    const known = read.get(part);
    if (known !== undefined) return known;
    const size = sizes[part] ?? [1, 1, updates, 1];
    const place = { tensor: updates + 1, offset: 4 * layout[part], strides: [0, 0, 4 * size[3], 4] as const };
    const tensor = builder.strings(`selection.${part}`, "word", size, place, [strings, 4 * layout.words]);
    read.set(part, tensor);
    return tensor;
  };
}

/** A row for each player: the mean of its members times its factor. */
function playersMoves(context: MoveContext, words: SelectedWords): number {
  const { builder, config, parameters, strings } = context;
  const { updates } = config;
  const blocks = updateBlocks(parameters.count);
  const constants = [strings, updateBytes(parameters.count)];
  const { blockSize, headerBytes } = UPDATE_LAYOUT;
  const scales = builder.strings(
    "updates.scales",
    "word",
    [updates, 1, 1, blocks],
    { tensor: 1, offset: headerBytes, strides: [0, 0, 0, 4] },
    constants,
  );
  const perBlock: Quad = [updates, 1, blocks, blockSize];
  const steps = builder.strings(
    "updates.steps",
    "octet",
    perBlock,
    { tensor: 1, offset: headerBytes + 4 * blocks, strides: [0, 0, blockSize, 1] },
    constants,
  );
  const values = builder.add({
    name: "updates.values",
    kind: "dequantised",
    sizes: perBlock,
    operands: [
      { tensor: steps, strides: [blocks * blockSize, 0, blockSize, 1] },
      { tensor: scales, strides: [blocks, 0, 1, 0] },
    ],
  });
  const row = length(context);
  const sizes: Quad = [1, 1, updates, row];
  const perPlayer: Quad = [0, 0, 1, 0];
  const sums = builder.add({
    name: "players.sums",
    kind: "chosenTotal",
    sizes,
    operands: [
      { tensor: words("members"), strides: [0, 0, updates, 0], term: 1 },
      { tensor: values, strides: EACH, term: row },
    ],
    reduction: { count: updates },
  });
  const means = builder.add({
    name: "players.means",
    kind: "ratio",
    sizes,
    operands: [
      { tensor: sums, strides: [0, 0, row, 1] },
      { tensor: words("sizes"), strides: perPlayer },
    ],
  });
  return builder.add({
    name: "players.moves",
    kind: "product",
    sizes,
    operands: [
      { tensor: means, strides: [0, 0, row, 1] },
      { tensor: words("factors"), strides: perPlayer },
    ],
  });
}

/** The players' scalar products, by which near-copies are told and lengths compared. */
function productsOf(context: MoveContext, moves: number): number {
  const { builder, config } = context;
  const row = length(context);
  return builder.add({
    name: "players.products",
    kind: "dot",
    sizes: [1, 1, config.updates, config.updates],
    operands: [
      { tensor: moves, strides: [0, 0, row, 0], term: 1 },
      { tensor: moves, strides: [0, 0, 0, row], term: 1 },
    ],
    reduction: { count: row },
  });
}

/** Where there is no player, or one that did not move, a zero is added, which changes nothing. */
function totalOfAll(context: MoveContext, moves: number): number {
  const row = length(context);
  return context.builder.add({
    name: "total",
    kind: "total",
    sizes: [1, 1, 1, row],
    operands: [{ tensor: moves, strides: EACH, term: row }],
    reduction: { count: context.config.updates },
  });
}

/** Values of each coordinate are sorted, places without a player last, and those of the chosen ranks added, lowest first. */
function totalOfMiddle(context: MoveContext, words: SelectedWords, moves: number): number {
  const { builder, config } = context;
  const { updates } = config;
  const row = length(context);
  const present = builder.add({
    name: "players.present",
    kind: "chosen",
    sizes: [1, 1, updates, row],
    operands: [
      { tensor: words("players"), strides: [0, 0, 1, 0] },
      { tensor: moves, strides: [0, 0, row, 1] },
    ],
    constants: [INFINITE],
  });
  const rows = Array.from({ length: updates }, (_, place): Row => ({ tensor: present, offset: place * row }));
  const compare = (kind: "lower" | "higher", [a, b]: readonly [number, number]): Row => ({
    tensor: builder.add({
      name: `sorted.${kind}.${String(a)}.${String(b)}`,
      kind,
      sizes: [1, 1, 1, row],
      operands: [rowAt(rows, a), rowAt(rows, b)].map((operand) => ({ ...operand, strides: EACH })),
    }),
  });
  for (const pair of mergeExchange(updates)) {
    const exchanged = [compare("lower", pair), compare("higher", pair)] as const;
    pair.forEach((place, index) => (rows[place] = rowAt(exchanged, index)));
  }
  const ranks = words("ranks");
  return (
    rows.reduce<number | undefined>((before, operand, rank) => {
      const start = before === undefined ? [] : [{ tensor: before, strides: EACH }];
      return builder.add({
        name: `sorted.total.${String(rank)}`,
        kind: "chosenTotal",
        sizes: [1, 1, 1, row],
        operands: [{ tensor: ranks, offset: rank }, { ...operand, strides: EACH }, ...start],
        reduction: { count: 1, start: before === undefined ? "zero" : "operand" },
      });
    }, undefined) ?? moves
  );
}

/** momentum' = mu x momentum + gradient; weights' = weights - rate x (gradient + mu x momentum'). */
function step({ builder, parameters, before }: MoveContext, words: SelectedWords, gradient: number): StateTensors {
  const [rate, mu, keep] = [words("rate"), words("mu"), words("keep")];
  const moved = parameters.all.map(({ name, offset, rows, columns }, index) => {
    const sizes: Quad = [1, 1, 1, rows * columns];
    const each = (tensor: number, from = 0): OperandParts => ({ tensor, offset: from, strides: EACH });
    const add = (what: string, kind: "product" | "productSum" | "difference" | "chosen", operands: OperandParts[]) =>
      builder.add({ name: `${what}.${name}`, kind, sizes, operands, constants: [0] });
    const own = each(gradient, offset);
    const old = each(before.momentum[index] ?? 0);
    const momentum = add("accumulated", "productSum", [{ tensor: mu }, old, own]);
    const direction = add("direction", "productSum", [{ tensor: mu }, each(momentum), own]);
    const way = add("way", "product", [{ tensor: rate }, each(direction)]);
    return {
      weights: add("moved", "difference", [each(before.weights[index] ?? 0), each(way)]),
      momentum: add("kept", "chosen", [{ tensor: keep }, each(momentum)]),
    };
  });
  return { weights: moved.map(({ weights }) => weights), momentum: moved.map(({ momentum }) => momentum) };
}

/** Of a row of updates' values: whole blocks, zero beyond the last parameter. */
function length({ parameters }: MoveContext): number {
  return updateBlocks(parameters.count) * UPDATE_LAYOUT.blockSize;
}

function rowAt(rows: readonly Row[], place: number): Row {
  const row = rows[place];
  if (row === undefined) throw new RangeError(`there is no row ${String(place)}`);
  return row;
}
