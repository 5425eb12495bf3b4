import type { InputsOf } from "../../../chain/abiTypes.ts";
import type { REPRODUCIBLE_JOBS_ABI } from "../../../chain/reproducibleAbi.ts";
import type { DisputeInfo, ReproducibleJobView, ReproducibleTerms, RoundClaimView } from "./reproducibleTypes.ts";

/** What the parties of a reproducible job send. */
export type ReproducibleVerb =
  | "post"
  | "cancel"
  | "accept"
  | "claim"
  | "settle"
  | "stop"
  | "abandon"
  | "collect"
  | "challenge"
  | "reveal"
  | "point"
  | "pointElement"
  | "openStride"
  | "openStep"
  | "openTensor"
  | "openReduction"
  | "prove"
  | "callTime"
  | "withdrawChallenge";

/** A verb with its arguments. */
export type ReproducibleCall = {
  readonly [Verb in ReproducibleVerb]: {
    readonly verb: Verb;
    readonly args: InputsOf<typeof REPRODUCIBLE_JOBS_ABI, Verb>;
  };
}[ReproducibleVerb];

/** A dispute as its challenge told. */
export interface Challenge {
  readonly dispute: bigint;
  readonly round: number;
  readonly challenger: string;
}

/** The chain as a party of reproducible jobs sees it. */
export interface ReproducibleChain {
  /** Whose transactions these are. */
  readonly account: string;
  readonly chainId: number;
  /** Address of `ReproducibleJobs`. */
  readonly contract: string;
  /** Whether a transaction of the account, of an earlier run perhaps, waits for its block. */
  hasWaiting(): Promise<boolean>;
  /** Numbers of all jobs that were posted, or of those of an account, oldest first. */
  jobs(requester?: string): Promise<readonly number[]>;
  job(job: number): Promise<ReproducibleJobView>;
  terms(job: number): Promise<ReproducibleTerms>;
  claim(job: number, round: number): Promise<RoundClaimView>;
  /** Disputes about claims of a job, oldest first. */
  challenges(job: number): Promise<readonly Challenge[]>;
  dispute(dispute: bigint): Promise<DisputeInfo>;
  /** What the provider of a dispute revealed last. */
  children(dispute: bigint): Promise<readonly Buffer[]>;
  heldFor(account: string): Promise<bigint>;
  /** Lets the contract take this much of the account's credits, ticks. */
  approve(amountTicks: bigint): Promise<void>;
  /**
   * Sends one verb and waits for its block. Throws `ContractRefusal` where the contract said no; any other error leaves
   * open whether the transaction still arrives.
   */
  send(call: ReproducibleCall): Promise<void>;
}
