import { hexOf } from "../../reproducible/jobs/composeJob.ts";
import type { ReproducibleChain } from "../../reproducible/jobs/reproducibleChain.ts";
import { REPRODUCIBLE_STATE } from "../../reproducible/jobs/reproducibleTypes.ts";
import { bytesTree, CHUNK_BYTES, tensorTree } from "../../reproducible/chunkTree.ts";
import { loadFunctions } from "../../reproducible/loadFunctions.ts";
import { ELEMENTS_PER_CHUNK } from "../../reproducible/primitives.ts";
import { stateAfter } from "../../reproducible/runStep.ts";
import type { MeasurementPrograms } from "../../reproducible/scoring/measurementPrograms.ts";
import type { StringsJob } from "../../reproducible/scoring/stringsJob.ts";
import type { JobsChain } from "../jobsChain.ts";
import type { JobView, MeasuredCase } from "../jobTypes.ts";
import { attempt, type RoleAction } from "../role.ts";
import { caseJob, caseString, type RoundKnowledge } from "./caseJob.ts";
import { doubtingSide, provingSide } from "./playMeasured.ts";
import { groupsOf, nodeGroup, turnedWhereOther } from "./stringNodes.ts";
import { DIFFERENCE, DIFFERENCE_NAMES, type CasePlace } from "./tableDifference.ts";
import { tableStruct } from "./tableStruct.ts";
import { leafOf, unreadablePart, type LeafStruct } from "./unreadablePart.ts";

/** Changes what a party computes for a reproducible job; for tests of dishonest evaluators. */
export type BendMeasurement = (honest: StringsJob, place: CasePlace) => Promise<StringsJob>;

export interface MeasuredParameters {
  readonly chain: JobsChain;
  readonly reproducible: ReproducibleChain;
  readonly job: number;
  readonly programs: MeasurementPrograms;
  readonly bendMeasurement?: BendMeasurement | undefined;
}

/** A party of the measured challenges of one job. It keeps nothing but what it can compute again. */
export interface MeasuredPlayer {
  /** Does what is due of the challenge under way, which this account answers or has made. */
  readonly play: (
    view: JobView,
    knowledge: () => Promise<RoundKnowledge | undefined>,
    chainTime: number,
  ) => Promise<RoleAction[]>;
}

const NO_LEAF: LeafStruct = { chunk: `0x${"00".repeat(32)}`, siblings: [] };

export function openMeasured(parameters: MeasuredParameters): MeasuredPlayer {
  const { chain, reproducible, job, programs, bendMeasurement } = parameters;
  let computed: { readonly measured: bigint; readonly job: StringsJob } | undefined;

  async function compute(
    { round }: JobView,
    held: MeasuredCase,
    knowledge: RoundKnowledge,
    proves: boolean,
  ): Promise<StringsJob | undefined> {
    const place = placeOf(held);
    const own = caseString(knowledge, place);
    if (isAboutString(place) && own === undefined) return undefined;
    if (computed?.measured === held.measured) return computed.job;
    const string = proves || own === undefined ? own : turnedWhereOther(own, await chain.shownNodes(job, round));
    const honest = await caseJob(knowledge, place, await loadFunctions(), string);
    const result = bendMeasurement === undefined ? honest : await bendMeasurement(honest, place);
    computed = { measured: held.measured, job: result };
    return result;
  }

  /** Shows the next nodes of a byte string, so that whoever has another one knows where they differ. */
  async function show({ round }: JobView, { shown }: MeasuredCase, string: Uint8Array): Promise<RoleAction> {
    const { nodes, siblings } = nodeGroup(string, shown);
    const about = { job, round, detail: `nodes of ${String(string.length)} bytes, part ${String(shown + 1)}` };
    return attempt(chain, { verb: "showString", args: [job, shown, nodes, siblings] }, about);
  }

  async function answer({ round }: JobView, { table }: RoundKnowledge): Promise<RoleAction> {
    const rival = await chain.rivalTable(job, round);
    return attempt(
      chain,
      { verb: "answerMeasured", args: [job, programs, rival, tableStruct(table)] },
      { job, round, detail: "with the table of its own result" },
    );
  }

  /** Shows what in an update's bytes is none of the model. */
  async function showUnreadable(
    { round }: JobView,
    held: MeasuredCase,
    { updates }: RoundKnowledge,
  ): Promise<RoleAction[]> {
    const bytes = updates[held.position];
    const found =
      bytes === null || bytes === undefined
        ? undefined
        : unreadablePart(bytes, programs.parameters, programs.updateHeader);
    if (found === undefined) return [];
    const call = { verb: "proveUnreadable", args: [job, programs, found.part, found.leaves] } as const;
    return [await attempt(chain, call, { job, round, detail: `the update of seat ${String(held.position)}` })];
  }

  /** Opens the claim, once it stands. */
  async function conclude({ round }: JobView, held: MeasuredCase, own: StringsJob, knowledge: RoundKnowledge) {
    const { tape } = own.computation.job;
    const tensors = stateAfter(tape, (await own.computation.step(0, 0)).tensors).map(tensorTree);
    const leaf = openedLeaf(held, tensors, knowledge);
    const roots = tensors.map(({ root }) => hexOf(root));
    const about = { job, round, detail: DIFFERENCE_NAMES[held.part] };
    return attempt(chain, { verb: "concludeMeasured", args: [job, roots, leaf] }, about);
  }

  async function play(
    view: JobView,
    knowledge: () => Promise<RoundKnowledge | undefined>,
    chainTime: number,
  ): Promise<RoleAction[]> {
    const held = await chain.measuredCase(job);
    const { account } = chain;
    const answered = BigInt(held.answerer) !== 0n;
    const answerer = answered ? held.answerer : await expectedAnswerer(chain, job, view);
    if (account !== held.challenger && account !== answerer) return [];
    if (!answered && (account !== answerer || chainTime >= view.deadline)) return [];
    const known = await knowledge();
    if (known === undefined) return [];
    if (!answered) return [await answer(view, known)];
    const proves = account === (held.challengerProves ? held.challenger : held.answerer);
    if (held.part === DIFFERENCE.readable) {
      return proves && chainTime < view.deadline ? showUnreadable(view, held, known) : [];
    }
    const measured = Number(held.measured);
    const measuredView = await reproducible.job(measured);
    const posted = measuredView.state === REPRODUCIBLE_STATE.posted;
    // What is shown until the job is taken says what there is to compute.
    if (!proves && posted) return [];
    const own = await compute(view, held, known, proves);
    if (own === undefined) return [];
    const side = { chain: reproducible, measured, computed: own };
    if (!proves) return doubtingSide(side, measuredView, chainTime);
    const string = caseString(known, placeOf(held));
    if (posted && string !== undefined && held.shown < groupsOf(string.length)) return [await show(view, held, string)];
    if (measuredView.state === REPRODUCIBLE_STATE.done) return [await conclude(view, held, own, known)];
    return provingSide(side, measuredView, chainTime);
  }

  return { play };
}

/** Whose answer a challenge waits for: the rival's whose result stands, or that of the account, if it revealed it. */
async function expectedAnswerer(chain: JobsChain, job: number, { round }: JobView): Promise<string | undefined> {
  const { rival, standing, scoreSeats } = await chain.round(job, round);
  if (BigInt(rival) !== 0n) return rival;
  const own = scoreSeats.find(({ evaluator }) => evaluator === chain.account);
  return own?.result === standing ? chain.account : undefined;
}

function placeOf({ part, position }: MeasuredCase): CasePlace {
  return { part, position };
}

function isAboutString({ part }: CasePlace): boolean {
  return part <= DIFFERENCE.update || part === DIFFERENCE.next;
}

/** What the contract sees of a tree beside the roots of all tensors: of products the chunk in question, of a byte string its last one. */
function openedLeaf(
  held: MeasuredCase,
  tensors: readonly ReturnType<typeof tensorTree>[],
  knowledge: RoundKnowledge,
): LeafStruct {
  if (held.part === DIFFERENCE.product || held.part === DIFFERENCE.square) {
    const products = tensors[1];
    return products === undefined ? NO_LEAF : leafOf(products, Math.floor(held.element / ELEMENTS_PER_CHUNK));
  }
  const string = held.part <= DIFFERENCE.update ? caseString(knowledge, placeOf(held)) : undefined;
  return string === undefined ? NO_LEAF : leafOf(bytesTree(string), Math.ceil(string.length / CHUNK_BYTES) - 1);
}
