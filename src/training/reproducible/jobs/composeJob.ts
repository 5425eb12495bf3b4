import { drawInitialWeights } from "../../initialWeights.ts";
import { contentAddress } from "../../store/contentAddress.ts";
import { jobError } from "../../jobs/jobErrors.ts";
import { bytesTree, type ChunkTree } from "../chunkTree.ts";
import { composeTape, type Tape } from "../composeTape.ts";
import { encodeTape, type EncodedTape } from "../encodePrimitive.ts";
import { stateRoot } from "../players/jobComputation.ts";
import type { State } from "../players/stepRunner.ts";
import { initialOptimizerState, splitState } from "../state.ts";
import { reproducibleSpecHash, type ReproducibleSpec } from "./reproducibleSpec.ts";
import type { ReproducibleTerms } from "./reproducibleTypes.ts";

/** What follows from a specification and its text. */
export interface ComposedJob {
  readonly spec: ReproducibleSpec;
  readonly corpus: Uint8Array;
  readonly tape: Tape;
  readonly encoded: EncodedTape;
  readonly dataset: ChunkTree;
  /** Before the first step. */
  readonly start: State;
  readonly terms: DerivedTerms;
}

/** The terms of a job that nobody chooses. */
export type DerivedTerms = Pick<
  ReproducibleTerms,
  "program" | "dataset" | "initialState" | "specification" | "firstStep"
>;

/** @throws JOB_CORPUS_DIFFERS where the text is another than the specification's, and those of `composeTape`. */
export function composeJob(spec: ReproducibleSpec, corpus: Uint8Array): ComposedJob {
  const given = contentAddress(corpus);
  if (given !== spec.corpus) {
    throw jobError("JOB_CORPUS_DIFFERS", "The text is another than the specification's", {
      specification: spec.corpus,
      given,
      bytes: corpus.length,
    });
  }
  const { model, batch, optimizer, seed } = spec;
  const tape = composeTape({ model, batch, optimizer, seed, corpusBytes: corpus.length });
  const encoded = encodeTape(tape);
  const dataset = bytesTree(corpus);
  const remembered = optimizer.kind === "adam" ? initialOptimizerState(tape.parameters) : undefined;
  const start = splitState(tape.parameters, drawInitialWeights(model, seed), remembered);
  const terms: DerivedTerms = {
    program: {
      root: hexOf(encoded.programRoot),
      stateTensors: tape.state.length,
      operations: tape.primitives.length,
    },
    dataset: hexOf(dataset.root),
    initialState: hexOf(stateRoot(start)),
    specification: reproducibleSpecHash(spec),
    firstStep: 0n,
  };
  return { spec, corpus, tape, encoded, dataset, start, terms };
}

/**
 * Compares posted terms with those that specification and text give: what the contract takes as it is posted, and whoever puts
 * a bond has to look at. The length of the text is in the program's records.
 *
 * @throws JOB_TERMS_DIFFER naming the term.
 */
export function requireDerivedTerms(job: number, posted: ReproducibleTerms, derived: DerivedTerms): void {
  const pairs: readonly (readonly [string, string | number | bigint, string | number | bigint])[] = [
    ["specification", posted.specification, derived.specification],
    ["program.root", posted.program.root, derived.program.root],
    ["program.stateTensors", posted.program.stateTensors, derived.program.stateTensors],
    ["program.operations", posted.program.operations, derived.program.operations],
    ["dataset", posted.dataset, derived.dataset],
    ["initialState", posted.initialState, derived.initialState],
    ["firstStep", posted.firstStep, derived.firstStep],
  ];
  for (const [term, is, should] of pairs) {
    if (is === should) continue;
    throw jobError("JOB_TERMS_DIFFER", "A posted term is not what specification and text give", {
      job,
      term,
      posted: is,
      derived: should,
    });
  }
}

export function hexOf(bytes: Buffer): string {
  return `0x${bytes.toString("hex")}`;
}
