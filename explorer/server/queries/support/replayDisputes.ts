import { decodeCalls, decodeTrace } from "../../../../src/audit/decodeCalls.ts";
import type { Board, ProofTold, ToldEvent } from "../../../../src/audit/reproducible/board.ts";
import { playCall } from "../../../../src/audit/reproducible/playCall.ts";
import { createReproducible, type DisputeEntry } from "../../../../src/audit/reproducible/reproducibleState.ts";
import type { AuditCall } from "../../../../src/audit/types.ts";
import { JouleworkError } from "../../../../src/errors.ts";
import type { KernelFunctions } from "../../../../src/training/reproducible/evaluatePrimitive.ts";
import { loadFunctions } from "../../../../src/training/reproducible/loadFunctions.ts";
import type { ServerContext } from "../../context.ts";
import { traceCall, transactionCall } from "./nodeTransaction.ts";
import type { PostedEvent, ReproducibleEvent } from "./reproducibleEvents.ts";

/** A call about a dispute, played again, and the dispute after it. */
export interface ReplayedMove {
  readonly dispute: number;
  readonly verb: string;
  readonly args: AuditCall["args"];
  readonly caller: string;
  readonly event: ReproducibleEvent;
  readonly gasUsed: number;
  readonly after: Readonly<DisputeEntry>;
  readonly proof: ProofTold | undefined;
}

export interface Replay {
  readonly moves: readonly ReplayedMove[];
  /** False where a call could not be had, after which nothing was played. */
  readonly complete: boolean;
}

// One instance of the kernels serves every answer.
let loaded: Promise<KernelFunctions> | undefined;

/** Plays a job's calls again by the rules of the contract: clocks and nodes of a dispute are in no event. */
export async function replayDisputes(
  context: ServerContext,
  posted: PostedEvent,
  told: readonly ReproducibleEvent[],
): Promise<Replay> {
  loaded ??= loadFunctions();
  const functions = await loaded;
  const job = BigInt(posted.args.job);
  const book = createReproducible();
  const numbers = told.flatMap((event) => (event.name === "RoundChallenged" ? [Number(event.args.dispute)] : []));
  const moves: ReplayedMove[] = [];
  const boardOf = (event: ReproducibleEvent, caller: string, onProof: (proof: ProofTold) => void): Board => ({
    ...{ book, functions, caller, onProof, time: event.time, told: new Array<ToldEvent>(), moves: [] },
    expect: () => undefined,
  });
  book.jobCount = Number(job) - 1;
  const post = { name: "post", args: { terms: revived(posted.args.terms) }, caller: posted.args.requester };
  playCall(boardOf(posted, posted.args.requester, ignore), post);

  const transactions = groupByTransaction(told);
  const calls = await readCalls(context, [...transactions.keys()]);
  for (const [hash, events] of transactions) {
    const made = calls.get(hash);
    if (made === undefined) return { moves, complete: false };
    for (const call of made.calls) {
      const named = call.args as { readonly job?: bigint; readonly dispute?: bigint };
      const isChallenge = call.name === "challenge";
      let dispute = named.dispute === undefined ? undefined : Number(named.dispute);
      const ours = named.job === job || (dispute !== undefined && book.disputes.has(dispute));
      if (!ours) continue;
      if (isChallenge) {
        dispute = numbers.shift() ?? 0;
        book.disputeCount = dispute - 1;
      }
      const event = events.find((one) => "dispute" in one.args && Number(one.args.dispute) === dispute) ?? events[0];
      if (event === undefined) continue;
      let proof: ProofTold | undefined;
      try {
        playCall(
          boardOf(event, call.caller, (one) => (proof = one)),
          call,
        );
      } catch (error) {
        if (!(error instanceof JouleworkError)) throw error;
        return { moves, complete: false };
      }
      const after = dispute === undefined ? undefined : book.disputes.get(dispute);
      if (dispute === undefined || after === undefined) continue;
      const { name: verb, args, caller } = call;
      moves.push({ ...{ dispute, verb, args, caller, event, proof }, gasUsed: made.gasUsed, after: { ...after } });
    }
  }
  return { moves, complete: true };
}

function ignore(): void {
  // A posted job proves nothing.
}

function groupByTransaction(told: readonly ReproducibleEvent[]): Map<string, ReproducibleEvent[]> {
  const grouped = new Map<string, ReproducibleEvent[]>();
  for (const event of told) {
    if (event.name === "ReproducibleJobPosted") continue;
    const events = grouped.get(event.transactionHash) ?? [];
    events.push(event);
    grouped.set(event.transactionHash, events);
  }
  return grouped;
}

/** What each transaction called on the jobs, from its calldata, or traced where another contract called. */
async function readCalls(
  { store, rpc, deployment }: ServerContext,
  hashes: readonly string[],
): Promise<Map<string, { readonly calls: readonly AuditCall[]; readonly gasUsed: number }>> {
  const address = deployment.contracts.ReproducibleJobs ?? "";
  const given = await rpc.all(hashes.map((hash) => transactionCall(hash)));
  const found = new Map<string, { readonly calls: readonly AuditCall[]; readonly gasUsed: number }>();
  for (const [index, hash] of hashes.entries()) {
    const row = await store.transaction(hash);
    const transaction = given[index];
    if (row === undefined || transaction === undefined) continue;
    const { gasUsed } = row;
    if (row.to === address) {
      found.set(hash, { gasUsed, calls: decodeCalls(transaction.input, transaction.from, "reproducible") });
      continue;
    }
    const [traced] = await rpc.batch([traceCall(hash)]);
    if (traced.ok) found.set(hash, { gasUsed, calls: decodeTrace(traced.value, address, "reproducible") });
  }
  return found;
}

/** Terms as the rules take them: what the index keeps as decimal text is a bigint. */
function revived(terms: PostedEvent["args"]["terms"]) {
  const { firstStep, payTicks, bondTicks, challengeBondTicks } = terms;
  return {
    ...terms,
    firstStep: BigInt(firstStep),
    payTicks: BigInt(payTicks),
    bondTicks: BigInt(bondTicks),
    challengeBondTicks: BigInt(challengeBondTicks),
  };
}
