import type { ChallengerMove } from "../players/challengerMove.ts";
import { readDispute } from "../players/disputeView.ts";
import type { ProviderMove } from "../players/providerMove.ts";
import { hexOf } from "./composeJob.ts";
import type { ReproducibleCall } from "./reproducibleChain.ts";
import type { DisputeInfo } from "./reproducibleTypes.ts";

const ENDED = ["none", "providerWon", "challengerWon", "withdrawn"];

export function isOpen(dispute: DisputeInfo): boolean {
  return !ENDED.includes(readDispute(dispute).phase);
}

/** Whether the clock of the party that is to move has run out. */
export function isOutOfTime(dispute: DisputeInfo, chainTime: number): boolean {
  const { turnStart, providerMoves, providerClock, challengerClock } = dispute;
  return chainTime > turnStart + (providerMoves ? providerClock : challengerClock);
}

/** A provider's move as it is sent. */
export function providerCall(dispute: bigint, { verb, args }: ProviderMove): ReproducibleCall {
  const hex = (nodes: readonly Buffer[]): string[] => nodes.map(hexOf);
  switch (verb) {
    case "reveal":
      return { verb, args: [dispute, hex(args[0])] };
    case "openStride":
      return { verb, args: [dispute, hexOf(args[0]), hex(args[1]), hexOf(args[2]), hex(args[3])] };
    case "openStep":
      return { verb, args: [dispute, hexOf(args[0]), hexOf(args[1]), hex(args[2])] };
    case "openTensor":
      return { verb, args: [dispute, hexOf(args[0]), hex(args[1])] };
    case "openReduction": {
      const [record, proof, accumulators, last, siblings] = args;
      return {
        verb,
        args: [dispute, hexOf(record), hex(proof), hexOf(accumulators), hexOf(last), hex(siblings)],
      };
    }
    case "prove": {
      const [record, proof, previous, siblings, openings] = args;
      const opened = openings.map(({ chunk, inTensor, inTree }) => ({
        chunk: hexOf(chunk),
        inTensor: hex(inTensor),
        inTree: hex(inTree),
      }));
      return { verb, args: [dispute, hexOf(record), hex(proof), hexOf(previous), hex(siblings), opened] };
    }
  }
}

/** A challenger's move as it is sent. */
export function challengerCall(dispute: bigint, { verb, args }: ChallengerMove): ReproducibleCall {
  if (verb === "pointElement") return { verb, args: [dispute, args[0]] };
  return { verb, args: [dispute, args[0].map(hexOf), args[1]] };
}
