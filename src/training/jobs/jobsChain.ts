import type { InputsOf } from "../../chain/abiTypes.ts";
import type { JOBS_ABI } from "../../chain/jobsAbi.ts";
import type { SettledReadings } from "../../game/settledReadings.ts";
import type { ChainHead } from "../../market/service/exchangeLink.ts";
import type { TableStruct } from "./measured/tableStruct.ts";
import type { JobTerms, JobView, MeasuredCase, Place, RoundView } from "./jobTypes.ts";

/** What the parties of a job send. */
export type JobVerb =
  | "post"
  | "join"
  | "joinEvaluators"
  | "open"
  | "commitUpdate"
  | "revealUpdate"
  | "revealValidation"
  | "commitScores"
  | "revealScores"
  | "challenge"
  | "challengeMeasured"
  | "answerMeasured"
  | "proveUnreadable"
  | "showString"
  | "concludeMeasured"
  | "advance"
  | "proveEnergy"
  | "collect";

/** A verb with its arguments. */
export type JobCall = {
  readonly [Verb in JobVerb]: { readonly verb: Verb; readonly args: InputsOf<typeof JOBS_ABI, Verb> };
}[JobVerb];

/** A job as its posting told. */
export interface PostedJob {
  readonly job: number;
  readonly specHash: string;
  readonly validationRoot: string;
}

/** The chain as a party of federated jobs sees it: what it must know, and one way to send. */
export interface JobsChain {
  /** Whose transactions these are. */
  readonly account: string;
  readonly chainId: number;
  /** Address of `TrainingJobs`. */
  readonly contract: string;
  head(): Promise<ChainHead>;
  /** Whether a transaction of the account, of an earlier run perhaps, waits for its block. */
  hasWaiting(): Promise<boolean>;
  jobCount(): Promise<number>;
  job(job: number): Promise<JobView>;
  terms(job: number): Promise<JobTerms>;
  workers(job: number): Promise<readonly Place[]>;
  evaluators(job: number): Promise<readonly Place[]>;
  round(job: number, round: number): Promise<RoundView>;
  /** The measured challenge under way. */
  measuredCase(job: number): Promise<MeasuredCase>;
  /** State of the reproducible job that decides one. */
  measuredState(measured: bigint): Promise<number>;
  /** The table that a round's result was challenged with last. */
  rivalTable(job: number, round: number): Promise<TableStruct>;
  /** Nodes right above the chunks of the byte string in question, as far as who has to prove its root has shown them. */
  shownNodes(job: number, round: number): Promise<readonly string[]>;
  /** Whether a measured challenge of the round that the account made was lost. */
  hasLostChallenge(job: number, round: number): Promise<boolean>;
  /** Sizes that the reveals of a round told, by worker. */
  revealedSizes(job: number, round: number): Promise<ReadonlyMap<string, number>>;
  heldFor(account: string): Promise<bigint>;
  /** Stake of a provider that stands behind nothing yet, ticks. */
  freeStake(provider: string): Promise<bigint>;
  tariff(zone: number, slot: number): Promise<{ readonly importPrice: number; readonly scarcityPpm: number }>;
  /** Jobs that an account posted, oldest first. */
  postedBy(requester: string): Promise<readonly PostedJob[]>;
  /** Every settled reading with its proof. */
  settledReadings(): Promise<SettledReadings>;
  /** Watt-hours of a reading that are still to be drawn as evidence; 0 for a reading that was corrected. */
  unusedEvidence(meter: string, slot: number, importWh: number): Promise<number>;
  /** Lets the contract take this much of the account's credits, ticks. */
  approve(amountTicks: bigint): Promise<void>;
  /**
   * Sends one verb and waits for its block. Throws `ContractRefusal` where the contract said no; any other error leaves
   * open whether the transaction still arrives.
   */
  send(call: JobCall): Promise<void>;
}
