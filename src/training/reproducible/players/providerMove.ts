import type { ChunkTree } from "../chunkTree.ts";
import type { Opening } from "../committedStep.ts";
import type { EncodedTape } from "../encodePrimitive.ts";
import { openTransition, type OpenedStrings } from "../openTransition.ts";
import { coordinatesOf, isMasked, termsOf } from "../primitives.ts";
import type { DisputeView } from "./disputeView.ts";
import { childrenOf, treeInQuestion } from "./treeInQuestion.ts";
import type { RoundComputation } from "./roundComputation.ts";

/** A provider's move: the contract's verb and its arguments after the dispute's number. */
export type ProviderMove =
  | { readonly verb: "reveal"; readonly args: readonly [Buffer[]] }
  | { readonly verb: "openStride"; readonly args: readonly [Buffer, Buffer[], Buffer, Buffer[]] }
  | { readonly verb: "openStep"; readonly args: readonly [Buffer, Buffer, Buffer[]] }
  | { readonly verb: "openTensor"; readonly args: readonly [Buffer, Buffer[]] }
  | { readonly verb: "openReduction"; readonly args: readonly [Buffer, Buffer[], Buffer, Buffer, Buffer[]] }
  | { readonly verb: "prove"; readonly args: readonly [Buffer, Buffer[], Buffer, Buffer[], Opening[]] };

export interface ProviderKnowledge {
  readonly computation: RoundComputation;
  readonly encoded: EncodedTape;
  /** The tree of the data set, or the byte strings that the program reads. */
  readonly dataset: ChunkTree | OpenedStrings;
}

const NONE = Buffer.alloc(32);

/** What a provider that has computed the round does next: a pure function of the dispute. */
export async function providerMove(
  { computation, encoded, dataset }: ProviderKnowledge,
  view: DisputeView,
): Promise<ProviderMove> {
  const { tape, shape } = computation.job;
  const tree = await treeInQuestion(computation, view);
  const { phase, height, index } = view;
  if (height > 0) return { verb: "reveal", args: [childrenOf(tree, view)] };
  const before = (of: ChunkTree): [Buffer, Buffer[]] =>
    index === 0 ? [NONE, []] : [of.leaf(index - 1), of.proof(index - 1)];
  if (phase === "checkpoints") {
    const steps = await computation.steps(index);
    return { verb: "openStride", args: [steps.root, steps.proof(shape.stride - 1), ...before(tree)] };
  }
  if (phase === "steps") {
    const { between } = await computation.step(view.checkpoint, index);
    return { verb: "openStep", args: [between.root, ...before(tree)] };
  }
  const operation = phase === "tensors" ? view.operation + index : view.operation;
  const record = encoded.records[operation];
  const primitive = tape.primitives[operation];
  if (record === undefined || primitive === undefined) throw new RangeError(`no operation ${String(operation)}`);
  const opened = [record, encoded.tree.proof(operation)] as const;
  if (phase === "tensors") return { verb: "openTensor", args: opened };

  const coordinates = coordinatesOf(primitive, view.element);
  const [first, end] = termsOf(primitive, coordinates);
  const reduces = primitive.reduction !== undefined && !isMasked(primitive, coordinates);
  if (phase === "element" && reduces) {
    const accumulators = await treeInQuestion(computation, { ...view, phase: "accumulators" });
    const last = Math.ceil((end - first) / 8) - 1;
    const args = [...opened, accumulators.root, accumulators.leaf(last), accumulators.proof(last)] as const;
    return { verb: "openReduction", args };
  }
  const place = { operation, element: view.element, term: reduces ? first + view.term : 0 };
  const committed = await computation.step(view.checkpoint, view.step);
  const step = computation.stepNumber(view.checkpoint, view.step);
  const bytes = "strings" in dataset ? dataset : { step, tree: dataset };
  const openings = openTransition(tape, committed, bytes, place);
  const previous: [Buffer, Buffer[]] = reduces && view.term % 8 === 0 ? before(tree) : [NONE, []];
  return { verb: "prove", args: [...opened, ...previous, openings] };
}
