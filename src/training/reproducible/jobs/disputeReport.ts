import { receiptCall } from "../../../chain/calls.ts";
import type { RpcClient } from "../../../chain/rpc.ts";
import type { Tape } from "../composeTape.ts";
import { readDispute } from "../players/disputeView.ts";
import { topicOf, type ReproducibleLink } from "./reproducibleLink.ts";

/** What became of a dispute. */
export interface DisputeReport {
  readonly dispute: bigint;
  /** Undefined while it is open. */
  readonly winner: "provider" | "challenger" | "nobody" | undefined;
  /** Whether a clock decided it. */
  readonly byClock: boolean;
  /** The operation that it led to; undefined where it did not get so far. */
  readonly operation: string | undefined;
  /** Moves of both parties, and their gas together. */
  readonly moves: number;
  readonly gasUsed: bigint;
}

const MOVES = ["ChildrenRevealed", "ChildNamed", "LevelOpened", "DisputeEnded"] as const;
const WINNERS = { providerWon: "provider", challengerWon: "challenger", withdrawn: "nobody" } as const;

/** Reads a dispute from its events and receipts; every move has an event. */
export async function readDisputeReport(
  { contract, events }: ReproducibleLink,
  rpc: RpcClient,
  { primitives }: Pick<Tape, "primitives">,
  dispute: bigint,
): Promise<DisputeReport> {
  const info = await contract.read("disputeInfo", [dispute]);
  const { phase, operation } = readDispute(info);
  const found = await events(MOVES, [topicOf(dispute)]);
  const ended = found.find((event) => event.name === "DisputeEnded");
  const byClock = ended?.name === "DisputeEnded" && ended.args.byClock;
  const hashes = new Set(found.map(({ transactionHash }) => transactionHash));
  // To call time, and to withdraw, is no move of a party.
  if (byClock || phase === "withdrawn") hashes.delete(ended?.transactionHash ?? "");
  const receipts = await Promise.all([...hashes].map((hash) => rpc.call(receiptCall(hash))));
  const decided = phase in WINNERS;
  return {
    dispute,
    winner: decided ? WINNERS[phase as keyof typeof WINNERS] : undefined,
    byClock,
    // An output is named before its elements are counted.
    operation: Number(info.count) === 0 ? undefined : primitives[operation]?.name,
    moves: hashes.size,
    gasUsed: receipts.reduce((sum, receipt) => sum + (receipt?.gasUsed ?? 0n), 0n),
  };
}

/** A line for an operator. */
export function formatDispute({ dispute, winner, byClock, operation, moves, gasUsed }: DisputeReport): string {
  if (winner === undefined) return `dispute ${String(dispute)}: open after ${String(moves)} moves`;
  const won = winner === "nobody" ? "withdrawn" : `the ${winner} won`;
  const how = byClock ? " by the clock" : operation === undefined ? "" : ` at ${operation}`;
  return `dispute ${String(dispute)}: ${won}${how} after ${String(moves)} moves, ${gasUsed.toLocaleString("en")} gas of both parties`;
}
