import { phaseOf } from "../../../../src/audit/reproducible/reproducibleState.ts";
import type { Phase } from "../../../../src/training/reproducible/players/disputeView.ts";
import type { ReplayedMove } from "./replayDisputes.ts";

/** What a tree's leaf is, by the phase that looks for one. */
const LEAVES: Readonly<Partial<Record<Phase, string>>> = {
  checkpoints: "checkpoint",
  steps: "step",
  tensors: "output",
  chunks: "eight elements",
  accumulators: "eight accumulators",
};

/** A move in words; `before` is the phase that it met. */
export function moveWords({ verb, args, after, event }: ReplayedMove, before: Phase): string {
  const {
    child,
    position,
    children = [],
  } = args as {
    readonly child?: bigint;
    readonly position?: bigint;
    readonly children?: readonly string[];
  };
  const now = phaseOf(after);
  switch (verb) {
    case "challenge":
      return `challenged round ${String(after.round)}`;
    case "reveal":
      return `revealed ${String(children.length)} nodes below the one in question`;
    case "point":
      if (now === "challengerWon") return `named node ${String(child)}, beyond the last ${leaf(before)} and not zero`;
      if (before === "parts")
        return child === 0n ? "named what the step computed in between" : "named the state after the step";
      return after.height === 0
        ? `named ${leaf(before)} ${String(after.index)}`
        : `named node ${String(child)} of ${String(children.length)}`;
    case "pointElement":
      if (now === "challengerWon")
        return `named element ${String(position)} of eight, beyond the last one and not zero`;
      return now === "term"
        ? `named the sum after term ${String(after.term)}`
        : `named element ${String(after.element)}`;
    case "openStride":
      return `opened the steps up to checkpoint ${String(after.checkpoint)}`;
    case "openStep":
      return `opened step ${String(after.step)} of the stride`;
    case "openTensor":
      return `opened the output of operation ${String(after.operation)}`;
    case "openReduction":
      return `opened the accumulators of element ${String(after.element)}`;
    case "prove":
      return now === "providerWon" ? "proved what it had claimed" : "proved another result than it had claimed";
    case "callTime":
      return `called time on the ${now === "providerWon" ? "challenger" : "provider"}`;
    case "withdrawChallenge":
      return "gave the bond back, since another dispute refuted the claim";
    default:
      return event.name;
  }
}

function leaf(phase: Phase): string {
  return LEAVES[phase] ?? "leaf";
}
