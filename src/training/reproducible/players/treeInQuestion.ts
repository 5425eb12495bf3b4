import { ChunkTree, tensorTree } from "../chunkTree.ts";
import type { DisputeView } from "./disputeView.ts";
import type { RoundComputation } from "./roundComputation.ts";

/** A player's own tree of what the dispute is about. */
export async function treeInQuestion(computation: RoundComputation, view: DisputeView): Promise<ChunkTree> {
  const { tape } = computation.job;
  switch (view.phase) {
    case "checkpoints":
      return computation.checkpoints;
    case "steps":
      return computation.steps(view.checkpoint);
    case "parts": {
      const { between, stateAfter } = await computation.step(view.checkpoint, view.step);
      return new ChunkTree([between.root, stateAfter.root]);
    }
    case "tensors": {
      // The operation is the first one of the tree until its leaf is opened.
      const { between, stateAfter } = await computation.step(view.checkpoint, view.step);
      return view.operation === 0 ? between : stateAfter;
    }
    case "chunks":
    case "element": {
      const { tensors } = await computation.step(view.checkpoint, view.step);
      const tensor = tensors[tape.state.length + view.operation];
      if (tensor === undefined) throw new RangeError(`there is no operation ${String(view.operation)}`);
      return tensorTree(tensor);
    }
    case "accumulators":
    case "term":
      return tensorTree(await computation.accumulators(view));
    case "none":
    case "providerWon":
    case "challengerWon":
    case "withdrawn":
      throw new RangeError(`a dispute in phase ${view.phase} is about no tree`);
  }
}

/** The nodes that a move reveals: four levels below the node in question, or the leaves. */
export function childrenOf(tree: ChunkTree, { height, index }: Pick<DisputeView, "height" | "index">): Buffer[] {
  const levels = Math.min(4, height);
  return Array.from({ length: 2 ** levels }, (_, child) => tree.node(height - levels, index * 2 ** levels + child));
}
