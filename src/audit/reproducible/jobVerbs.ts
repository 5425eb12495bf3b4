import { REPRODUCIBLE_STATE, type ReproducibleTerms } from "../../training/reproducible/jobs/reproducibleTypes.ts";
import {
  endJob,
  entryOf,
  expectParty,
  expectState,
  forfeit,
  hold,
  NOBODY,
  tell,
  type Board,
  type VerbArgs,
} from "./board.ts";
import type { ReproducibleEntry } from "./reproducibleState.ts";
import { rootOf } from "./trees.ts";

const MOST_MONEY = 1n << 62n;
const MOST_TENSORS = 1n << 24n;
const MOST_STEPS = 1n << 53n;
const MINUTE = 60n;
const MONTH = 30n * 86_400n;

export function post(board: Board, { terms }: VerbArgs<"post">): void {
  const { book, caller } = board;
  const id = ++book.jobCount;
  const place = { reproducibleJob: id, account: caller };
  for (const [name, value, least, most] of boundsOf(terms, 1n)) {
    board.expect(place, `${name} within its bounds`, true, value >= least && value <= most);
  }
  const heldTicks = terms.payTicks * BigInt(terms.rounds);
  book.jobs.set(id, {
    id,
    terms,
    job: newJob(caller, NOBODY, heldTicks),
    claims: [],
  });
  tell(board, "ReproducibleJobPosted", { job: BigInt(id), requester: caller, terms });
  board.moves.push({ incoming: true, account: caller, ticks: heldTicks, subject: "pay into escrow", place });
}

/** Posts a job that one provider alone may take; the caller pays. */
export function postFor(board: Board, { terms, requester, provider }: VerbArgs<"postFor">): void {
  const { book, caller } = board;
  const id = ++book.jobCount;
  const place = { reproducibleJob: id };
  for (const [name, value, least, most] of boundsOf(terms, 0n)) {
    board.expect(place, `${name} within its bounds`, true, value >= least && value <= most);
  }
  board.expect(place, "a provider that it is reserved for", true, provider !== NOBODY);
  const heldTicks = terms.payTicks * BigInt(terms.rounds);
  book.jobs.set(id, { id, terms, job: newJob(requester, provider, heldTicks), claims: [] });
  tell(board, "ReproducibleJobPosted", { job: BigInt(id), requester, terms });
  tell(board, "ReproducibleJobReserved", { job: BigInt(id), provider });
  if (heldTicks === 0n) return;
  board.moves.push({ incoming: true, account: caller, ticks: heldTicks, subject: "pay into escrow", place });
}

function newJob(requester: string, provider: string, heldTicks: bigint): ReproducibleEntry["job"] {
  const state = REPRODUCIBLE_STATE.posted;
  return { state, requester, provider, claimedRounds: 0, settledRounds: 0, claimDeadline: 0, heldTicks };
}

export function cancel(board: Board, { job }: VerbArgs<"cancel">): void {
  const entry = entryOf(board, job);
  expectState(board, entry, REPRODUCIBLE_STATE.posted);
  expectParty(board, { reproducibleJob: entry.id }, entry.job.requester);
  endJob(board, entry, REPRODUCIBLE_STATE.cancelled);
}

export function accept(board: Board, { job }: VerbArgs<"accept">): void {
  const entry = entryOf(board, job);
  const { terms, id } = entry;
  const { caller } = board;
  expectState(board, entry, REPRODUCIBLE_STATE.posted);
  if (entry.job.provider !== NOBODY) expectParty(board, { reproducibleJob: id }, entry.job.provider);
  entry.job.state = REPRODUCIBLE_STATE.training;
  entry.job.provider = caller;
  entry.job.claimDeadline = board.time + terms.roundSeconds;
  tell(board, "ReproducibleJobAccepted", { job, provider: caller, claimDeadline: entry.job.claimDeadline });
  const place = { reproducibleJob: id, account: caller };
  board.moves.push({ incoming: true, account: caller, ticks: terms.bondTicks, subject: "bond of a provider", place });
}

export function claim(board: Board, { job: id, checkpoints, endState, lastLeaf }: VerbArgs<"claim">): void {
  const entry = entryOf(board, id);
  const { job, terms, claims } = entry;
  const round = job.claimedRounds;
  const place = { reproducibleJob: entry.id, round };
  expectState(board, entry, REPRODUCIBLE_STATE.training);
  expectParty(board, place, job.provider);
  board.expect(place, "a round that is left", true, round < terms.rounds);
  board.expect(place, "claimed in time", true, board.time <= job.claimDeadline);
  const root = rootOf(endState, terms.checkpoints - 1, terms.checkpoints, lastLeaf);
  board.expect(place, "last checkpoint of the claim", root ?? "no proof", checkpoints);
  const windowEnd = board.time + terms.windowSeconds;
  claims[round] = { checkpoints, endState, windowEnd, openDisputes: 0 };
  job.claimedRounds = round + 1;
  job.claimDeadline = board.time + terms.roundSeconds;
  tell(board, "RoundClaimed", { job: id, round, checkpoints, endState, windowEnd });
}

export function settle(board: Board, { job: id }: VerbArgs<"settle">): void {
  const entry = entryOf(board, id);
  const { job, terms, claims } = entry;
  const round = job.settledRounds;
  const place = { reproducibleJob: entry.id, round };
  expectState(board, entry, REPRODUCIBLE_STATE.training);
  board.expect(place, "a claim that is not settled", true, round < job.claimedRounds);
  const { windowEnd = 0, openDisputes = 0 } = claims[round] ?? {};
  board.expect(place, "paid after the window", true, board.time > windowEnd);
  board.expect(place, "disputes that are open at the payment", 0, openDisputes);
  job.settledRounds = round + 1;
  job.heldTicks -= terms.payTicks;
  board.expect(place, "escrow is not negative", true, job.heldTicks >= 0n);
  hold(board, job.provider, terms.payTicks);
  tell(board, "RoundPaid", { job: id, round, provider: job.provider, payTicks: terms.payTicks });
  if (job.settledRounds < terms.rounds) return;
  hold(board, job.provider, terms.bondTicks);
  endJob(board, entry, REPRODUCIBLE_STATE.done);
}

export function stop(board: Board, { job }: VerbArgs<"stop">): void {
  const entry = entryOf(board, job);
  expectState(board, entry, REPRODUCIBLE_STATE.training);
  expectParty(board, { reproducibleJob: entry.id }, entry.job.provider);
  expectNoClaim(board, entry);
  hold(board, entry.job.provider, entry.terms.bondTicks);
  endJob(board, entry, REPRODUCIBLE_STATE.stopped);
}

export function abandon(board: Board, { job }: VerbArgs<"abandon">): void {
  const entry = entryOf(board, job);
  const { requester, claimDeadline } = entry.job;
  const { bondTicks } = entry.terms;
  expectState(board, entry, REPRODUCIBLE_STATE.training);
  board.expect({ reproducibleJob: entry.id }, "no claim in time", true, board.time > claimDeadline);
  expectNoClaim(board, entry);
  endJob(board, entry, REPRODUCIBLE_STATE.abandoned);
  forfeit(board, { reproducibleJob: entry.id }, bondTicks, bondTicks / 2n, requester);
}

export function collect(board: Board, { to }: VerbArgs<"collect">): void {
  const { book, caller } = board;
  const amountTicks = book.held.get(caller) ?? 0n;
  const place = { account: caller };
  board.expect(place, "something is held for who collects", true, amountTicks > 0n);
  book.held.set(caller, 0n);
  tell(board, "HeldCollected", { account: caller, to, amountTicks });
  board.moves.push({ incoming: false, account: to, ticks: amountTicks, subject: "collected", place });
}

function expectNoClaim(board: Board, { id, job }: ReproducibleEntry): void {
  board.expect({ reproducibleJob: id }, "claims that are not settled", 0, job.claimedRounds - job.settledRounds);
}

function boundsOf(terms: ReproducibleTerms, leastPay: bigint): readonly (readonly [string, bigint, bigint, bigint])[] {
  const most = (1n << 32n) - 1n;
  const [stride, checkpoints, rounds] = [BigInt(terms.stride), BigInt(terms.checkpoints), BigInt(terms.rounds)];
  const { stateTensors, operations } = terms.program;
  const clock = BigInt(terms.clockSeconds);
  return [
    ["stride", stride, 1n, most],
    ["checkpoints", checkpoints, 1n, most],
    ["rounds", rounds, 1n, most],
    ["steps", stride * checkpoints * rounds + terms.firstStep, 1n, MOST_STEPS],
    ["stateTensors", BigInt(stateTensors), 1n, MOST_TENSORS],
    ["operations", BigInt(operations), BigInt(stateTensors) + 1n, MOST_TENSORS],
    ["payTicks", terms.payTicks * rounds, leastPay * rounds, MOST_MONEY],
    ["bondTicks", terms.bondTicks, 2n, MOST_MONEY],
    ["challengeBondTicks", terms.challengeBondTicks, 2n, MOST_MONEY],
    ["roundSeconds", BigInt(terms.roundSeconds), MINUTE, MONTH],
    ["windowSeconds", BigInt(terms.windowSeconds), MINUTE, MONTH],
    ["clockSeconds", clock, MINUTE, MONTH],
    ["extensionSeconds", BigInt(terms.extensionSeconds), 1n, clock],
  ];
}
