import { AbiCoder, keccak256 } from "ethers";
import { encodeUpdate } from "../../federated/encodeUpdate.ts";
import { nearCopyThreshold } from "../../federated/isNearCopy.ts";
import type { AggregationRule, ScoringRule } from "../../federated/types.ts";
import { UPDATE_LAYOUT, updateBytes } from "../../federated/updateLayout.ts";
import { layOutParameters } from "../../parameters.ts";
import type { ModelConfig } from "../../types.ts";
import { bytesTree } from "../chunkTree.ts";
import type { TapeProgram } from "../composeTape.ts";
import { encodeTape } from "../encodePrimitive.ts";
import { stateRoot } from "../players/jobComputation.ts";
import { floatBits } from "../tapeBuilder.ts";
import { composeAddress } from "./addressJob.ts";
import { composeMeasurement } from "./composeMeasurement.ts";
import { zeroUpdate } from "./measurementJob.ts";
import type { AggregationKind } from "./measurementTypes.ts";
import { composeReadState } from "./readStateJob.ts";
import { stateBytes } from "./stateWords.ts";
import { zeroState } from "./stringsJob.ts";

/** A program that reads byte strings, as the contract posts it. */
export interface MeasuredProgram {
  readonly program: { readonly root: string; readonly stateTensors: number; readonly operations: number };
  /** Root over a state of zeros. */
  readonly initialState: string;
}

/**
 * All by which a contract decides a round's result: the programs that measure, and the constants of the rules. The fields are those
 * of the contract's struct, in its order.
 */
export interface MeasurementPrograms {
  /** That of a move by the mean, with so many readable updates, less one. */
  readonly mean: readonly MeasuredProgram[];
  /** By sorted values; none where the job's aggregation is the mean. */
  readonly sorted: readonly MeasuredProgram[];
  readonly updateAddress: MeasuredProgram;
  readonly sliceAddress: MeasuredProgram;
  readonly stateAddress: MeasuredProgram;
  readonly readState: MeasuredProgram;
  /** First bytes of every update that can be read. */
  readonly updateHeader: string;
  /** Root of the update that stands in where none can be read. */
  readonly zeroUpdate: string;
  readonly parameters: number;
  readonly sliceBytes: number;
  /** Bits of what a near-copy is told by. */
  readonly nearCopy: number;
  readonly leastSharePpm: number;
  readonly aggregation: number;
  readonly trimPpm: number;
  /** Bits of the outer optimizer's rate and momentum. */
  readonly rate: number;
  readonly mu: number;
}

export interface MeasuredSpec {
  readonly model: ModelConfig;
  readonly rule: ScoringRule;
  /** Length of every validation slice. */
  readonly sliceBytes: number;
  /** Seats that a round has at most. */
  readonly maxWorkers: number;
}

const AGGREGATIONS: Readonly<Record<AggregationRule["kind"], number>> = { mean: 0, median: 1, "trimmed-mean": 2 };

/** What the contract decides by; a pure function of a job's specification and its number of seats. */
export function measurementPrograms({ model, rule, sliceBytes, maxWorkers }: MeasuredSpec): MeasurementPrograms {
  const { outer, aggregation, leastSharePpm, nearCopyPpm } = rule;
  const parameters = layOutParameters(model);
  const { count } = parameters;
  const measurements = (kind: AggregationKind): MeasuredProgram[] =>
    Array.from({ length: maxWorkers }, (_, less) =>
      measuredProgram(composeMeasurement({ model, updates: less + 1, aggregation: kind, sliceBytes })),
    );
  const header = encodeUpdate(model, new Float32Array(count)).subarray(0, UPDATE_LAYOUT.headerBytes);
  return {
    mean: measurements("mean"),
    sorted: aggregation.kind === "mean" ? [] : measurements("sorted"),
    updateAddress: measuredProgram(composeAddress(updateBytes(count))),
    sliceAddress: measuredProgram(composeAddress(sliceBytes)),
    stateAddress: measuredProgram(composeAddress(stateBytes(parameters))),
    readState: measuredProgram(composeReadState(model)),
    updateHeader: hexOf(header),
    zeroUpdate: hexOf(bytesTree(zeroUpdate(model, count)).root),
    parameters: count,
    sliceBytes,
    nearCopy: floatBits(nearCopyThreshold(nearCopyPpm)),
    leastSharePpm,
    aggregation: AGGREGATIONS[aggregation.kind],
    trimPpm: aggregation.kind === "trimmed-mean" ? aggregation.trimPpm : 0,
    rate: floatBits(outer.learningRate),
    mu: floatBits(outer.momentum),
  };
}

const PROGRAM = "tuple(tuple(bytes32 root, uint32 stateTensors, uint32 operations) program, bytes32 initialState)";
const PROGRAMS =
  `tuple(${PROGRAM}[] mean, ${PROGRAM}[] sorted, ${PROGRAM} updateAddress, ${PROGRAM} sliceAddress, ` +
  `${PROGRAM} stateAddress, ${PROGRAM} readState, bytes28 updateHeader, bytes32 zeroUpdate, uint32 parameters, ` +
  "uint32 sliceBytes, uint32 nearCopy, uint32 leastSharePpm, uint8 aggregation, uint32 trimPpm, uint32 rate, uint32 mu)";

/** What a job's terms name its programs by. */
export function measurementHash(programs: MeasurementPrograms): string {
  return keccak256(AbiCoder.defaultAbiCoder().encode([PROGRAMS], [programs]));
}

function measuredProgram(tape: TapeProgram): MeasuredProgram {
  const { programRoot } = encodeTape(tape);
  return {
    program: { root: hexOf(programRoot), stateTensors: tape.state.length, operations: tape.primitives.length },
    initialState: hexOf(stateRoot(zeroState(tape))),
  };
}

function hexOf(bytes: Uint8Array): string {
  return `0x${Buffer.from(bytes).toString("hex")}`;
}
