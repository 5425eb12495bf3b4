import type { MeasureMove } from "../../federated/measureMoves.ts";
import type { GlobalState, OuterOptimizer } from "../../federated/types.ts";
import { contentAddress } from "../../store/contentAddress.ts";
import type { Parameters } from "../../parameters.ts";
import type { KernelFunctions } from "../evaluatePrimitive.ts";
import { runStep, stateAfter } from "../runStep.ts";
import { splitState } from "../state.ts";
import { composeMeasurement, LOSS_WORDS } from "./composeMeasurement.ts";
import type { AggregationKind, MeasurementTape } from "./measurementTypes.ts";
import { encodeSelection } from "./selection.ts";

export interface MeasureOnTapeParameters {
  readonly state: GlobalState;
  /** Bytes of the round's updates that can be read, each once, in any order. */
  readonly updates: readonly Uint8Array[];
  readonly slice: Uint8Array;
  readonly outer: OuterOptimizer;
  readonly functions: KernelFunctions;
}

/** Measures moves operation by operation, as a dispute about them would: the losses are those of the trainer to the last digit. */
export function measureOnTape(parameters: MeasureOnTapeParameters): MeasureMove {
  const { state, slice, outer, functions } = parameters;
  const updates = inOrderOfHashes(parameters.updates);
  const hashes = updates.map(contentAddress);
  const tapes = new Map<AggregationKind, MeasurementTape>();
  const tapeOf = (aggregation: AggregationKind): MeasurementTape => {
    const known = tapes.get(aggregation);
    if (known !== undefined) return known;
    const config = { model: state.model, updates: updates.length, aggregation, sliceBytes: slice.length };
    const tape = composeMeasurement(config);
    tapes.set(aggregation, tape);
    return tape;
  };
  return (move) => {
    const tape = tapeOf(move.rule.kind === "mean" ? "mean" : "sorted");
    const strings = [slice, ...updates, encodeSelection(move, hashes, outer)];
    const tensors = runStep(tape, globalTensors(tape.parameters, state), { strings, functions });
    const next = (): GlobalState => joinState(tape, state, stateAfter(tape, tensors));
    return Promise.resolve({ loss: lossOnTape(tape, tensors), next });
  };
}

/** The order in which updates have places in a measurement. */
export function inOrderOfHashes(updates: readonly Uint8Array[]): Uint8Array[] {
  const hashed = updates.map((bytes) => ({ bytes, hash: contentAddress(bytes) }));
  return hashed.sort((a, b) => (a.hash < b.hash ? -1 : 1)).map(({ bytes }) => bytes);
}

/** The tensors before a measurement: no loss, the weights, then the momentum, parameter by parameter. */
export function globalTensors(parameters: Parameters, { weights, momentum }: GlobalState): Float32Array[] {
  return [new Float32Array(LOSS_WORDS), ...splitState(parameters, weights), ...splitState(parameters, momentum)];
}

/** The loss that a measurement gave, micro-nats. */
export function lossOnTape({ loss }: MeasurementTape, tensors: readonly Float32Array[]): bigint {
  const [high = 0, low = 0] = new Uint32Array(tensors[loss]?.buffer ?? new ArrayBuffer());
  return (BigInt(high) << 32n) | BigInt(low);
}

function joinState({ parameters }: MeasurementTape, state: GlobalState, tensors: readonly Float32Array[]): GlobalState {
  const [weights, momentum] = [new Float32Array(parameters.count), new Float32Array(parameters.count)];
  parameters.all.forEach(({ offset }, index) => {
    weights.set(tensors[1 + index] ?? [], offset);
    momentum.set(tensors[1 + parameters.all.length + index] ?? [], offset);
  });
  return { ...state, round: state.round + 1, weights, momentum };
}
