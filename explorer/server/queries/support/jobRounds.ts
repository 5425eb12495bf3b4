import type { JobAnswer } from "../../../api/job.ts";
import { ROUND_OUTCOME_NAMES, UPDATE_STATUS_NAMES } from "../../../../src/training/jobs/jobTypes.ts";
import { DIFFERENCE, DIFFERENCE_NAMES } from "../../../../src/training/jobs/measured/tableDifference.ts";
import type { JobEvent } from "../job.ts";
import { sourceOf } from "./answers.ts";

type Round = JobAnswer["rounds"][number];
type Writable<T> = { -readonly [Key in keyof T]: T[Key] };
type Worker = Writable<Round["workers"][number]>;
type Evaluator = Writable<Round["evaluators"][number]>;

/** What differs is one of several. */
const LISTS: ReadonlySet<number> = new Set([
  DIFFERENCE.update,
  DIFFERENCE.readable,
  DIFFERENCE.product,
  DIFFERENCE.square,
  DIFFERENCE.loss,
]);

/** Names in the order of `DrawKind`. */
const EVALUATOR_KINDS = ["first draw", "redraw", "panel"] as const;

/** The rounds of a job out of its events in the chain's order. */
export function jobRounds(told: readonly JobEvent[]): Round[] {
  const rounds = new Map<number, OpenRound>();
  for (const event of told) {
    const number = Number(event.args.round);
    let round = rounds.get(number);
    if (round === undefined) rounds.set(number, (round = newRound(number)));
    apply(round, event);
  }
  return [...rounds.values()].map(({ workers, evaluators, ...round }) => ({
    ...round,
    workers: [...workers.values()],
    evaluators: [...evaluators.values()],
  }));
}

interface OpenRound extends Omit<Writable<Round>, "workers" | "evaluators"> {
  readonly workers: Map<string, Worker>;
  readonly evaluators: Map<string, Evaluator>;
}

function newRound(round: number): OpenRound {
  return {
    round,
    outcome: null,
    opened: null,
    workers: new Map(),
    evaluators: new Map(),
    disputeMoves: [],
    modelRoot: null,
    ended: null,
  };
}

function apply(round: OpenRound, event: JobEvent): void {
  const source = sourceOf(event);
  switch (event.name) {
    case "RoundOpened": {
      const { slot, importPrice, scarcityPpm, workers } = event.args;
      round.opened = { slot, importPrice, scarcityPpm, workers: workers.length, source };
      for (const worker of workers) workerOf(round, worker);
      return;
    }
    case "UpdateCommitted": {
      const worker = workerOf(round, event.args.worker);
      worker.status = UPDATE_STATUS_NAMES[1];
      worker.committed = source;
      return;
    }
    case "UpdateRevealed": {
      const { updateRoot, sizeBytes, status } = event.args;
      const worker = workerOf(round, event.args.worker);
      Object.assign(worker, { updateRoot, sizeBytes: Number(sizeBytes), status: statusOf(status), revealed: source });
      return;
    }
    case "UpdateDemoted":
      workerOf(round, event.args.worker).status = statusOf(event.args.status);
      return;
    case "UpdatePaid": {
      const { score, amountTicks } = event.args;
      Object.assign(workerOf(round, event.args.worker), { score, paidTicks: amountTicks, paid: source });
      return;
    }
    case "EvaluatorDrawn":
      evaluatorOf(round, event.args.evaluator).kind = EVALUATOR_KINDS[event.args.kind] ?? String(event.args.kind);
      return;
    case "ScoresRevealed":
      evaluatorOf(round, event.args.evaluator).revealed = true;
      return;
    case "EvaluatorPaid":
      evaluatorOf(round, event.args.evaluator).paidTicks = event.args.amountTicks;
      return;
    case "ResultStands":
      move(
        round,
        `a result stands with ${event.args.votes} ${Number(event.args.votes) === 1 ? "vote" : "votes"}`,
        null,
        source,
      );
      return;
    case "ResultChallenged":
      move(round, "challenged the result", event.args.challenger, source);
      return;
    case "ChallengeDecided":
      move(round, "the panel decided the challenge", event.args.challenger, source);
      return;
    case "MeasuredChallenge":
      move(round, "challenged the result by what it measured", event.args.challenger, source);
      return;
    case "MeasuredAnswer": {
      const { answerer, part, position, measured, challengerProves } = event.args;
      const place = LISTS.has(part)
        ? `${DIFFERENCE_NAMES[part] ?? ""} (${String(Number(position) + 1)})`
        : DIFFERENCE_NAMES[part];
      const who = challengerProves ? "the challenger has to prove its own" : "it has to prove its own";
      const text = `answered: the tables differ first in ${place ?? "something"}, and ${who}`;
      move(round, text, answerer, source, Number(measured));
      return;
    }
    case "StringShown":
      move(round, `bytes were shown, part ${String(Number(event.args.group) + 1)}`, null, source);
      return;
    case "MeasuredVerdict":
      move(round, "was right in the measured challenge", event.args.winner, source);
      return;
    case "BondCut":
      move(round, `lost ${event.args.amountTicks} ticks of its bond`, event.args.provider, source);
      return;
    case "RoundEnded":
      round.outcome = ROUND_OUTCOME_NAMES[event.args.outcome] ?? String(event.args.outcome);
      round.modelRoot = event.args.modelRoot;
      round.ended = source;
      return;
    // Energy is on the receipt, money in the payouts, and a commitment of scores says nothing yet.
    case "EnergyProved":
    case "Refunded":
    case "RewardPaid":
    case "ScoresCommitted":
      return;
  }
}

function workerOf({ workers }: OpenRound, provider: string): Worker {
  let worker = workers.get(provider);
  if (worker === undefined) {
    worker = {
      ...{ provider, status: UPDATE_STATUS_NAMES[0], updateRoot: null, sizeBytes: null, score: null, paidTicks: "0" },
      ...{ committed: null, revealed: null, paid: null },
    };
    workers.set(provider, worker);
  }
  return worker;
}

function evaluatorOf({ evaluators }: OpenRound, address: string): Evaluator {
  let evaluator = evaluators.get(address);
  if (evaluator === undefined) {
    evaluator = { evaluator: address, kind: EVALUATOR_KINDS[0], revealed: false, paidTicks: "0" };
    evaluators.set(address, evaluator);
  }
  return evaluator;
}

/** @param measured Number of the reproducible job that decides; 0 for none. */
function move(
  round: OpenRound,
  text: string,
  party: string | null,
  source: ReturnType<typeof sourceOf>,
  measured = 0,
): void {
  round.disputeMoves.push({ text, party, reproducibleJob: measured === 0 ? null : measured, source });
}

function statusOf(status: number): string {
  return UPDATE_STATUS_NAMES[status] ?? String(status);
}
