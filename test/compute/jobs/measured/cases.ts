import { id } from "ethers";
import { tableQuestions } from "../../../../src/training/federated/scoreFromTable.ts";
import type { Move } from "../../../../src/training/federated/measureMoves.ts";
import type { MeasuredProgram } from "../../../../src/training/reproducible/scoring/measurementPrograms.ts";
import { bytesTree } from "../../../../src/training/reproducible/chunkTree.ts";
import { encodeSelection } from "../../../../src/training/reproducible/scoring/index.ts";
import { floatBits } from "../../../../src/training/reproducible/tapeBuilder.ts";
import { SLICES, TERMS } from "../world.ts";
import {
  AGGREGATE,
  hexOf,
  leafOf,
  measuredTensors,
  NO_LEAF,
  placesOf,
  productsTree,
  PROGRAMS,
  readTensors,
  rootOver,
  RULE,
  seatsOf,
  TREES,
  TRUTH,
  updateRoots,
  type Measured,
  type Showing,
} from "./measuredWorld.ts";
import { PART } from "./tables.ts";

/** A lie in one part of a table, and what is true of it. */
export interface Case {
  readonly name: string;
  readonly part: bigint;
  readonly position: number;
  readonly lie: Measured;
  /** What an honest claim shows. */
  readonly truth: Showing;
  /** What is measured, if the honest side has to prove. */
  readonly program: MeasuredProgram;
  readonly dataset: string;
}

const LIE = id("a lie");
const OTHER = id("another model 1");
const UPDATE = TREES.updates[2] ?? TREES.slice;
const roots = [...updateRoots().values()];

function questionMove(part: bigint, position: number): Move {
  const asked = tableQuestions(TRUTH, RULE, seatsOf()).map(({ question }) => question);
  const losses = asked.flatMap((question) => (question.kind === "loss" ? [question.move] : []));
  // The model moves by the outer step, whose loss is the last but one.
  const loss = part === PART.moved ? losses.at(-2) : losses[position];
  if ((part === PART.loss || part === PART.moved) && loss !== undefined) return loss;
  const kind = part === PART.product ? "products" : "squares";
  const players = asked.flatMap((question) => (question.kind === kind ? question.players : []));
  return { rule: { kind: "mean" }, players, present: new Set(players), step: "averaging" };
}

function measuredDataset(part: bigint, position = 0): string {
  const move = questionMove(part, position);
  const places = placesOf();
  const hashes = places.map((seat) => roots[seat] ?? "");
  const selection = hexOf(bytesTree(encodeSelection(move, hashes, RULE.outer)).root);
  return rootOver([TRUTH.slice, ...places.map((seat) => TRUTH.updates[seat] ?? ""), selection, TRUTH.model]);
}

function changed<T>(list: readonly T[], at: number, value: T): T[] {
  return list.map((old, index) => (index === at ? value : old));
}

const byMean = PROGRAMS.mean.at(-1) ?? PROGRAMS.readState;
const byRule = PROGRAMS.sorted.at(-1) ?? PROGRAMS.readState;

/** Lies that change nothing else have another aggregate, since a result is what is challenged. */
export const CASES: readonly Case[] = [
  {
    ...{ name: "the model's bytes", part: PART.model, position: 0 },
    lie: { table: { ...TRUTH, model: LIE }, aggregate: OTHER },
    truth: { tensors: [TERMS.modelRoot], leaf: leafOf(TREES.model, 239), tree: TREES.model },
    ...{ program: PROGRAMS.stateAddress, dataset: TRUTH.model },
  },
  {
    ...{ name: "the slice's bytes", part: PART.slice, position: 0 },
    lie: { table: { ...TRUTH, slice: LIE }, aggregate: OTHER },
    truth: { tensors: [SLICES[0] ?? ""], leaf: leafOf(TREES.slice, 2), tree: TREES.slice },
    ...{ program: PROGRAMS.sliceAddress, dataset: TRUTH.slice },
  },
  {
    ...{ name: "an update's bytes", part: PART.update, position: 2 },
    lie: { table: { ...TRUTH, updates: changed(TRUTH.updates, 2, LIE) }, aggregate: OTHER },
    truth: { tensors: [roots[2] ?? ""], leaf: leafOf(UPDATE, 31), tree: UPDATE },
    ...{ program: PROGRAMS.updateAddress, dataset: TRUTH.updates[2] ?? "" },
  },
  {
    ...{ name: "a scalar product", part: PART.product, position: 11 },
    lie: { table: { ...TRUTH, products: changed(TRUTH.products, 11, floatBits(0.5)) }, aggregate: OTHER },
    truth: { tensors: measuredTensors(), leaf: leafOf(productsTree(TRUTH.products), 1) },
    ...{ program: byMean, dataset: measuredDataset(PART.product) },
  },
  {
    ...{ name: "a square", part: PART.square, position: 1 },
    lie: { table: { ...TRUTH, squares: changed(TRUTH.squares, 1, floatBits(0.5)) }, aggregate: OTHER },
    truth: { tensors: measuredTensors(), leaf: leafOf(productsTree(TRUTH.products), 0) },
    ...{ program: byMean, dataset: measuredDataset(PART.square) },
  },
  {
    ...{ name: "the loss of one alone", part: PART.loss, position: 2 },
    lie: { table: { ...TRUTH, losses: changed(TRUTH.losses, 2, 911n) }, aggregate: OTHER },
    truth: { tensors: measuredTensors(910n), leaf: NO_LEAF },
    ...{ program: byMean, dataset: measuredDataset(PART.loss, 2) },
  },
  {
    ...{ name: "the loss without one", part: PART.loss, position: 8 },
    lie: { table: { ...TRUTH, losses: changed(TRUTH.losses, 8, 641n) }, aggregate: AGGREGATE },
    truth: { tensors: measuredTensors(640n), leaf: NO_LEAF },
    ...{ program: byRule, dataset: measuredDataset(PART.loss, 8) },
  },
  {
    ...{ name: "where the model moves", part: PART.moved, position: 0 },
    lie: { table: { ...TRUTH, moved: LIE }, aggregate: OTHER },
    truth: { tensors: measuredTensors(550n), leaf: NO_LEAF },
    ...{ program: byRule, dataset: measuredDataset(PART.moved) },
  },
  {
    ...{ name: "the bytes of the next state", part: PART.next, position: 0 },
    lie: { table: { ...TRUTH, next: LIE }, aggregate: OTHER },
    truth: { tensors: readTensors(), leaf: NO_LEAF, tree: TREES.next },
    ...{ program: PROGRAMS.readState, dataset: rootOver([TRUTH.model, TRUTH.next]) },
  },
  {
    ...{ name: "nothing but the aggregate", part: PART.next, position: 0 },
    lie: { table: TRUTH, aggregate: OTHER },
    truth: { tensors: readTensors(), leaf: NO_LEAF, tree: TREES.next },
    ...{ program: PROGRAMS.readState, dataset: rootOver([TRUTH.model, TRUTH.next]) },
  },
];
