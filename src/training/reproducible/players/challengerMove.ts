import type { DisputeView } from "./disputeView.ts";
import type { RoundComputation } from "./roundComputation.ts";
import { childrenOf, treeInQuestion } from "./treeInQuestion.ts";

/** A challenger's move: the contract's verb and its arguments after the dispute's number. */
export type ChallengerMove =
  | { readonly verb: "point"; readonly args: readonly [readonly Buffer[], number] }
  | { readonly verb: "pointElement"; readonly args: readonly [number] };

/**
 * What a challenger that has repeated the round does next: it names the first child that is not its own. Undefined where all are:
 * then the claim is right as far as it was revealed.
 * @param shown The children that the provider revealed, or the chunk of eight whose element is to be named.
 */
export async function challengerMove(
  computation: RoundComputation,
  view: DisputeView,
  shown: readonly Buffer[],
): Promise<ChallengerMove | undefined> {
  const own = await treeInQuestion(computation, view);
  if (view.height === 0 && view.phase !== "parts") {
    const [chunk] = shown;
    const leaf = own.leaf(view.index);
    const position = [0, 1, 2, 3, 4, 5, 6, 7].find((at) => chunk?.readUInt32BE(4 * at) !== leaf.readUInt32BE(4 * at));
    return position === undefined ? undefined : { verb: "pointElement", args: [position] };
  }
  const children = childrenOf(own, view.phase === "parts" ? { height: 1, index: 0 } : view);
  const child = children.findIndex((node, index) => !node.equals(shown[index] ?? Buffer.alloc(0)));
  return child < 0 ? undefined : { verb: "point", args: [shown, child] };
}
