import type { MeasureRound, Move } from "../../federated/measureMoves.ts";
import type { GlobalState, OuterOptimizer } from "../../federated/types.ts";
import { contentAddress } from "../../store/contentAddress.ts";
import type { Parameters } from "../../parameters.ts";
import type { KernelFunctions } from "../evaluatePrimitive.ts";
import { runStep, stateAfter } from "../runStep.ts";
import { composeMeasurement } from "./composeMeasurement.ts";
import { measurementStrings, updatesOnTape } from "./measurementJob.ts";
import type { AggregationKind, MeasurementTape } from "./measurementTypes.ts";
import { zeroState } from "./stringsJob.ts";

/** The state's first tensors are the loss and the products. */
const MOVED_FROM = 2;

export interface MeasureOnTapeParameters {
  readonly state: GlobalState;
  readonly slice: Uint8Array;
  readonly outer: OuterOptimizer;
  readonly functions: KernelFunctions;
}

/** Measures moves operation by operation, as a dispute about them would: the losses are those of the trainer to the last digit. */
export function measureOnTape({ state, slice, outer, functions }: MeasureOnTapeParameters): MeasureRound {
  return (updates) => {
    const hashes = updates.map(contentAddress);
    const tapes = new Map<AggregationKind, MeasurementTape>();
    const tapeOf = (aggregation: AggregationKind): MeasurementTape => {
      const known = tapes.get(aggregation);
      if (known !== undefined) return known;
      const places = updatesOnTape(state, updates).length;
      const config = { model: state.model, updates: places, aggregation, sliceBytes: slice.length };
      const tape = composeMeasurement(config);
      tapes.set(aggregation, tape);
      return tape;
    };
    const run = (move: Move) => {
      const tape = tapeOf(move.rule.kind === "mean" ? "mean" : "sorted");
      const strings = measurementStrings({ state, slice, updates, outer }, move);
      return { tape, tensors: runStep(tape, zeroState(tape), { strings, functions }) };
    };
    return {
      products(players) {
        const move: Move = { rule: { kind: "mean" }, players, present: new Set(players), step: "averaging" };
        const { tape, tensors } = run(move);
        const products = tensors[tape.products] ?? new Float32Array();
        const places = players.map(({ hash }) => hashes.indexOf(hash));
        const rows = places.flatMap((a) => places.map((b) => products[a * hashes.length + b] ?? 0));
        return Promise.resolve(Float32Array.from(rows));
      },
      move(move) {
        const { tape, tensors } = run(move);
        const next = (): GlobalState => joinState(tape.parameters, state, stateAfter(tape, tensors));
        return Promise.resolve({ loss: lossOnTape(tape, tensors), next });
      },
    };
  };
}

/** The order in which updates have places in a measurement. */
export function inOrderOfHashes(updates: readonly Uint8Array[]): Uint8Array[] {
  const hashed = updates.map((bytes) => ({ bytes, hash: contentAddress(bytes) }));
  return hashed.sort((a, b) => (a.hash < b.hash ? -1 : 1)).map(({ bytes }) => bytes);
}

/** The loss that a measurement gave, micro-nats. */
export function lossOnTape({ loss }: MeasurementTape, tensors: readonly Float32Array[]): bigint {
  const [high = 0, low = 0] = new Uint32Array(tensors[loss]?.buffer ?? new ArrayBuffer());
  return (BigInt(high) << 32n) | BigInt(low);
}

/** The state after a round, of the tensors after a measurement. */
function joinState({ count, all }: Parameters, state: GlobalState, tensors: readonly Float32Array[]): GlobalState {
  const [weights, momentum] = [new Float32Array(count), new Float32Array(count)];
  all.forEach(({ offset }, index) => {
    weights.set(tensors[MOVED_FROM + index] ?? [], offset);
    momentum.set(tensors[MOVED_FROM + all.length + index] ?? [], offset);
  });
  return { ...state, round: state.round + 1, weights, momentum };
}
