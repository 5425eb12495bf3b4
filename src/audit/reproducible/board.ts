import { ZeroAddress } from "ethers";
import type { ArgsOf, EventNameOf, EventOf } from "../../chain/abiTypes.ts";
import type { REPRODUCIBLE_JOBS_ABI } from "../../chain/reproducibleAbi.ts";
import type { KernelFunctions } from "../../training/reproducible/evaluatePrimitive.ts";
import type { Kind } from "../../training/reproducible/primitives.ts";
import { REPRODUCIBLE_STATE } from "../../training/reproducible/jobs/reproducibleTypes.ts";
import { mismatch } from "../mismatch.ts";
import type { Place, Value } from "../types.ts";
import type { DisputeEntry, ReproducibleBook, ReproducibleEntry } from "./reproducibleState.ts";

type JobsAbi = typeof REPRODUCIBLE_JOBS_ABI;
type FunctionEntry = Extract<JobsAbi[number], { readonly type: "function" }>;

/** Arguments of a verb, by name. */
export type VerbArgs<Name extends FunctionEntry["name"]> = ArgsOf<
  Extract<FunctionEntry, { readonly name: Name }>["inputs"]
>;
export type ReproducibleEventName = EventNameOf<JobsAbi>;
type EventArgs<Name extends ReproducibleEventName> = EventOf<JobsAbi, Name>["args"];

/** An event that a call must have left. */
export interface ToldEvent {
  readonly name: ReproducibleEventName;
  readonly args: object;
}

/** Credits that a call must have moved; the account is the other side, undefined for the season pool. */
export interface CreditMove {
  readonly incoming: boolean;
  readonly account: string | undefined;
  readonly ticks: bigint;
  readonly subject: string;
  readonly place: Place;
}

/** What a call is played on. Rules compare with `expect`, change the book, and tell events and moves of credits. */
export interface Board {
  readonly book: ReproducibleBook;
  readonly functions: KernelFunctions;
  /** Of the call's block, unix seconds. */
  readonly time: number;
  readonly caller: string;
  readonly expect: (place: Place, subject: string, expected: Value, found: Value) => void;
  readonly told: ToldEvent[];
  readonly moves: CreditMove[];
  /** Is told of every transition that a provider proved. */
  readonly onProof?: (proof: ProofTold) => void;
}

/** What a proof came to, in the bits of single precision. */
export interface ProofTold {
  readonly kind: Kind;
  readonly computedBits: number;
  readonly claimedBits: number;
}

export function tell<Name extends ReproducibleEventName>({ told }: Board, name: Name, args: EventArgs<Name>): void {
  told.push({ name, args });
}

export function entryOf({ book }: Board, job: bigint): ReproducibleEntry {
  return book.jobs.get(Number(job)) ?? mismatch("The call names a reproducible job that was never posted", { job });
}

export function disputeOf({ book }: Board, dispute: bigint): DisputeEntry {
  return book.disputes.get(Number(dispute)) ?? mismatch("The call names a dispute that never began", { dispute });
}

export function expectState(board: Board, { id, job }: ReproducibleEntry, state: number): void {
  board.expect({ reproducibleJob: id }, "state of the job", state, job.state);
}

export function expectParty(board: Board, place: Place, account: string): void {
  board.expect(place, "who may do this", account, board.caller);
}

/** Puts money aside for an account to collect. */
export function hold({ book }: Board, account: string, ticks: bigint): void {
  book.held.set(account, (book.held.get(account) ?? 0n) + ticks);
}

/** Divides a lost bond between whom it is lost to and the season pool. */
export function forfeit(board: Board, place: Place, bondTicks: bigint, shareTicks: bigint, winner: string): void {
  hold(board, winner, shareTicks);
  const ticks = bondTicks - shareTicks;
  board.moves.push({ incoming: false, account: undefined, ticks, subject: "rest of a lost bond", place });
}

/** Ends a job; what is left of its pay goes back. */
export function endJob(board: Board, { id, job }: ReproducibleEntry, state: number): void {
  const refundTicks = job.heldTicks;
  job.state = state;
  job.heldTicks = 0n;
  hold(board, job.requester, refundTicks);
  tell(board, "ReproducibleJobEnded", { job: BigInt(id), state, refundTicks });
}

/** A claim that is not settled yet. */
export function expectOpenRound(board: Board, entry: ReproducibleEntry, round: number): void {
  const { settledRounds, claimedRounds } = entry.job;
  const place = { reproducibleJob: entry.id, round };
  board.expect(place, "a claimed round that is not settled", true, round >= settledRounds && round < claimedRounds);
  expectState(board, entry, REPRODUCIBLE_STATE.training);
}

export const NOBODY = ZeroAddress;
