import { balance } from "../computeCustody.ts";
import { tellMove } from "../computeContext.ts";
import { JouleworkError } from "../../errors.ts";
import type { Run } from "../run.ts";
import type { ReproducibleEvent } from "../types.ts";
import type { Board, CreditMove, ToldEvent } from "./board.ts";
import { playCall } from "./playCall.ts";
import { isOpen, owedByReproducible, phaseOf } from "./reproducibleState.ts";

/**
 * At the end of a transaction: its calls are played by the rules, and must have left the events that were found, and have
 * moved credits as the rules say; then credits held = pay in escrow + bonds + what is held for accounts.
 */
export function finishReproducible(run: Run): void {
  const { state, tx } = run;
  const book = state.reproducible;
  const found = tx.transaction.events.flatMap(({ source, event }) => (source === "reproducible" ? [event] : []));
  book.address ??= found[0]?.address;
  const calls = tx.transaction.reproducibleCalls?.length ?? 0;
  if (found.length + calls > 0) compareEvents(run, playCalls(run), found);
  balance(run, "reproducible", book.address, owedByReproducible(book));
}

function playCalls(run: Run): readonly ToldEvent[] {
  const { findings, state, tx } = run;
  const { reproducibleCalls: calls, timestamp: time } = tx.transaction;
  if (calls === undefined) findings.fail("reproducible", {}, "calldata of the transaction", "known", "none found");
  const told: ToldEvent[] = [];
  const expect: Board["expect"] = (...compared) => void findings.expect("reproducible", ...compared);
  for (const call of calls ?? []) {
    const moves: CreditMove[] = [];
    const board: Board = {
      ...{ book: state.reproducible, functions: run.functions, time, expect, told, moves },
      caller: call.caller,
    };
    try {
      playCall(board, call);
    } catch (error) {
      // What a call names may be missing, and forged bytes name places that nothing has.
      if (!(error instanceof JouleworkError || error instanceof RangeError)) throw error;
      findings.fail("reproducible", {}, call.name, "a call that fits the state", error.message);
    }
    for (const move of moves) tellCredits(run, move);
  }
  for (const event of told) count(run, event);
  return told;
}

/** What is not anybody's share of a lost bond goes to the seasons. */
function tellCredits(run: Run, { account, ...move }: CreditMove): void {
  const { reproducible, seasons } = run.state;
  const contract = reproducible.address;
  // No event told of them yet: that is reported as one that is missing.
  if (contract === undefined) return;
  tellMove(run, { check: "reproducible", contract, account: account ?? seasons.address, ...move });
  const figure = move.incoming ? "receivedTicks" : account === undefined ? "poolTicks" : "collectedTicks";
  run.findings.add("reproducible", figure, move.ticks);
}

function compareEvents({ findings }: Run, told: readonly ToldEvent[], found: readonly ReproducibleEvent[]): void {
  for (let index = 0; index < Math.max(told.length, found.length); ++index) {
    const [expected, event] = [told[index], found[index]];
    findings.expect("reproducible", {}, "event of the call", expected?.name ?? "none", event?.name ?? "none");
    if (expected === undefined || expected.name !== event?.name) continue;
    const place = placeOf(event.args);
    const [due, said] = [flatten(expected.args), flatten(event.args)];
    for (const key of new Set([...due.keys(), ...said.keys()])) {
      findings.expect("reproducible", place, `${event.name}.${key}`, due.get(key) ?? "none", said.get(key) ?? "none");
    }
  }
}

function count({ findings, state }: Run, { name, args }: ToldEvent): void {
  const figures: Partial<Record<ToldEvent["name"], string>> = {
    ReproducibleJobPosted: "jobs",
    RoundPaid: "roundsPaid",
    RoundChallenged: "disputes",
  };
  const figure = figures[name];
  if (figure !== undefined) findings.add("reproducible", figure, 1);
  if (name !== "DisputeEnded") return;
  const { dispute } = args as { readonly dispute: bigint };
  const ended = state.reproducible.disputes.get(Number(dispute));
  if (ended !== undefined && !isOpen(ended)) findings.add("reproducible", phaseOf(ended), 1);
}

function placeOf(args: object) {
  const { job, round, dispute } = args as Partial<Record<"job" | "round" | "dispute", bigint | number>>;
  return {
    ...(job === undefined ? {} : { reproducibleJob: Number(job) }),
    ...(round === undefined ? {} : { round: Number(round) }),
    ...(dispute === undefined ? {} : { dispute: Number(dispute) }),
  };
}

/** Values by their path. */
function flatten(value: object, path = ""): Map<string, string | number | bigint | boolean> {
  const flat = new Map<string, string | number | bigint | boolean>();
  for (const [key, part] of Object.entries(value) as [string, unknown][]) {
    if (typeof part === "object" && part !== null)
      for (const [at, leaf] of flatten(part, `${path}${key}.`)) flat.set(at, leaf);
    else flat.set(`${path}${key}`, part as string | number | bigint | boolean);
  }
  return flat;
}
