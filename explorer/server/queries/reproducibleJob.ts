import type { ReproducibleAnswer } from "../../api/reproducible.ts";
import { phaseOf, type DisputeEntry } from "../../../src/audit/reproducible/reproducibleState.ts";
import type { Phase } from "../../../src/training/reproducible/players/disputeView.ts";
import { notFound } from "../problems.ts";
import type { Query } from "./query.ts";
import { eventPage, sourceOf } from "./support/answers.ts";
import { moveWords } from "./support/disputeWords.ts";
import { newestOf, type IndexedEvent } from "./support/events.ts";
import { FORMULAS, floatWords } from "./support/operationWords.ts";
import { replayDisputes, type ReplayedMove } from "./support/replayDisputes.ts";
import {
  disputeEvents,
  jobEvents,
  standingOf,
  type JobEvents,
  type PostedEvent,
  type ReproducibleEvent,
} from "./support/reproducibleEvents.ts";

/** Rounds and disputes of a job, and moves of a dispute: a tree of 2^64 leaves takes fewer. */
const MOST_EVENTS = 4_000;
const MOST_MOVES = 400;
const EVENTS = 25;

type Dispute = ReproducibleAnswer["disputes"][number];
type Challenged = IndexedEvent<"ReproducibleJobs", "RoundChallenged">;

/** A reproducible job: its claims, what was paid, and every move of every dispute. */
export const reproducibleJob: Query<"reproducibleJob"> = async (context, { job: number }) => {
  const { store } = context;
  const key = { kind: "reproducible", value: String(number) } as const;
  const posted = await newestOf(store, "ReproducibleJobs", ["ReproducibleJobPosted"], { key });
  if (posted === undefined) throw notFound("There is no such reproducible job", { job: number });
  const own = await jobEvents(store, posted.args.job, MOST_EVENTS);
  const challenged = own.filter((event) => event.name === "RoundChallenged");
  const moved = await Promise.all(challenged.map(({ args }) => disputeEvents(store, args.dispute, MOST_MOVES)));
  const told: ReproducibleEvent[] = [...own, ...moved.flat()].sort(
    (a, b) => a.blockNumber - b.blockNumber || a.logIndex - b.logIndex,
  );
  const { moves, complete } = await replayDisputes(context, posted, told);
  const standing = standingOf(posted, own);
  const ended = own.find((event) => event.name === "ReproducibleJobEnded");
  const accepted = own.find((event) => event.name === "ReproducibleJobAccepted");
  return {
    job: number,
    requester: posted.args.requester,
    provider: standing.provider,
    state: standing.state,
    posted: sourceOf(posted),
    accepted: accepted === undefined ? null : sourceOf(accepted),
    ended: ended === undefined ? null : sourceOf(ended),
    claimDeadline: standing.claimDeadline,
    terms: termsOf(posted),
    escrow: escrowOf(posted, own),
    bond: { ticks: posted.args.terms.bondTicks, outcome: bondOf(standing.state) },
    rounds: roundsOf(own, told),
    disputes: challenged.map((event) =>
      disputeOf(event, {
        terms: posted.args.terms,
        provider: standing.provider ?? event.args.challenger,
        told,
        moves: moves.filter(({ dispute }) => dispute === Number(event.args.dispute)),
      }),
    ),
    movesKnown: complete,
    events: await eventPage(store, { key }, EVENTS),
  };
};

/** Terms as a flat list, the program's among them. */
function termsOf({ args: { terms } }: PostedEvent): Record<string, unknown> {
  const { program, ...others } = terms;
  return { programRoot: program.root, stateTensors: program.stateTensors, operations: program.operations, ...others };
}

function escrowOf({ args: { terms } }: PostedEvent, own: JobEvents): ReproducibleAnswer["escrow"] {
  const paidIn = BigInt(terms.payTicks) * BigInt(terms.rounds);
  let paidOut = 0n;
  let refunded = 0n;
  for (const event of own) {
    if (event.name === "RoundPaid") paidOut += BigInt(event.args.payTicks);
    if (event.name === "ReproducibleJobEnded") refunded += BigInt(event.args.refundTicks);
  }
  return {
    paidInTicks: String(paidIn),
    paidOutTicks: String(paidOut),
    refundedTicks: String(refunded),
    heldTicks: String(paidIn - paidOut - refunded),
  };
}

function bondOf(state: string): ReproducibleAnswer["bond"]["outcome"] {
  if (state === "training") return "held";
  if (state === "refuted" || state === "abandoned") return "lost";
  return state === "done" || state === "stopped" ? "returned" : "none";
}

function roundsOf(own: JobEvents, told: readonly ReproducibleEvent[]): ReproducibleAnswer["rounds"] {
  const over = new Set(told.flatMap((event) => (event.name === "DisputeEnded" ? [event.args.dispute] : [])));
  return own
    .filter((event) => event.name === "RoundClaimed")
    .map((event) => {
      const { round, checkpoints, endState, windowEnd } = event.args;
      const paid = own.find((one) => one.name === "RoundPaid" && one.args.round === round);
      const open = own.filter(
        (one) => one.name === "RoundChallenged" && one.args.round === round && !over.has(one.args.dispute),
      );
      return {
        ...{ round, checkpoints, endState, windowEnd, openDisputes: open.length, claimed: sourceOf(event) },
        paid: paid === undefined ? null : sourceOf(paid),
        paidTicks: paid?.name === "RoundPaid" ? paid.args.payTicks : "0",
      };
    });
}

function disputeOf(
  event: Challenged,
  {
    terms,
    provider,
    told,
    moves,
  }: {
    readonly terms: PostedEvent["args"]["terms"];
    readonly provider: string;
    readonly told: readonly ReproducibleEvent[];
    readonly moves: readonly ReplayedMove[];
  },
): Dispute {
  const { dispute, round, challenger } = event.args;
  const ended = told.find((one) => one.name === "DisputeEnded" && one.args.dispute === dispute);
  const end = ended?.name === "DisputeEnded" ? ended : undefined;
  const last = moves.at(-1)?.after;
  const withdrawn = end !== undefined && ![provider, challenger].includes(end.args.winner);
  const won = end?.args.winner === provider ? "provider won" : "challenger won";
  return {
    dispute: Number(dispute),
    round,
    challenger,
    opened: sourceOf(event),
    state: end === undefined ? "open" : withdrawn ? "withdrawn" : won,
    winner: end === undefined || withdrawn ? null : end.args.winner,
    byClock: end?.args.byClock ?? false,
    ended: end === undefined ? null : sourceOf(end),
    turn: end !== undefined || last === undefined ? null : turnOf(last, provider),
    bondTicks: terms.challengeBondTicks,
    place: placeOf(moves, terms),
    refereed: refereedOf(moves),
    moves: stepsOf(moves),
  };
}

function turnOf(last: DisputeEntry, provider: string): Dispute["turn"] {
  const clock = last.providerMoves ? last.providerClock : last.challengerClock;
  return { party: last.providerMoves ? provider : last.challenger, until: last.turnStart + clock };
}

function stepsOf(moves: readonly ReplayedMove[]): Dispute["moves"] {
  let before: Phase = "none";
  return moves.map((move) => {
    const { verb, caller, event, gasUsed, after } = move;
    const text = moveWords(move, before);
    before = phaseOf(after);
    return {
      ...{ verb, text, party: caller, time: event.time, gasUsed, source: sourceOf(event), phase: before },
      height: after.height,
      index: String(after.index),
      node: after.node,
      providerSeconds: after.providerClock,
      challengerSeconds: after.challengerClock,
    };
  });
}

/** How far down the dispute came: what each kind of move fixed. */
function placeOf(moves: readonly ReplayedMove[], terms: PostedEvent["args"]["terms"]): Dispute["place"] {
  const after = (verb: string): DisputeEntry | undefined => moves.findLast((move) => move.verb === verb)?.after;
  const [step, tensor] = [after("openStep"), after("openTensor")];
  const element = moves.find(({ after: at }) => phaseOf(at) === "element")?.after;
  const term = moves.find(({ after: at }) => phaseOf(at) === "term")?.after;
  const { firstStep, checkpoints, stride } = terms;
  return {
    step:
      step === undefined ? null : Number(firstStep) + (step.round * checkpoints + step.checkpoint) * stride + step.step,
    operation: tensor?.operation ?? null,
    element: element === undefined ? null : String(element.element),
    term: term?.term ?? null,
  };
}

function refereedOf(moves: readonly ReplayedMove[]): Dispute["refereed"] {
  const move = moves.findLast(({ proof }) => proof !== undefined);
  if (move?.proof === undefined) return null;
  const { kind, computedBits, claimedBits } = move.proof;
  return {
    kind,
    formula: FORMULAS[kind],
    claimed: floatWords(claimedBits),
    computed: floatWords(computedBits),
    gasUsed: move.gasUsed,
    source: sourceOf(move.event),
  };
}
