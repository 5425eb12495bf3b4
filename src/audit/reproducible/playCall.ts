import type { AuditCall } from "../types.ts";
import type { Board } from "./board.ts";
import * as disputes from "./disputeVerbs.ts";
import * as jobs from "./jobVerbs.ts";

const VERBS = {
  post: jobs.post,
  postFor: jobs.postFor,
  cancel: jobs.cancel,
  accept: jobs.accept,
  claim: jobs.claim,
  settle: jobs.settle,
  stop: jobs.stop,
  abandon: jobs.abandon,
  collect: jobs.collect,
  challenge: disputes.challenge,
  reveal: disputes.reveal,
  point: disputes.point,
  pointElement: disputes.pointElement,
  openStride: disputes.openStride,
  openStep: disputes.openStep,
  openTensor: disputes.openTensor,
  openReduction: disputes.openReduction,
  prove: disputes.prove,
  callTime: disputes.callTime,
  withdrawChallenge: disputes.withdrawChallenge,
} as const;

export type ReproducibleVerb = keyof typeof VERBS;

export function isVerb(name: string): name is ReproducibleVerb {
  return Object.hasOwn(VERBS, name);
}

/**
 * Plays a call of reproducible jobs by their rules: compares what it must meet, and leaves in the board what follows
 * from it. A call of another name changes nothing.
 */
export function playCall(board: Board, { name, args }: AuditCall): void {
  if (!isVerb(name)) return;
  // The table gives every verb the rule for its own arguments, which the decoder read by the same interface.
  const rule = VERBS[name] as (board: Board, args: object) => void;
  rule(board, args);
}
