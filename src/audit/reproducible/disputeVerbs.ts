import { ZeroHash } from "ethers";
import { depthOf } from "../../training/reproducible/chunkTree.ts";
import { PHASES, type Phase } from "../../training/reproducible/players/disputeView.ts";
import { REPRODUCIBLE_STATE } from "../../training/reproducible/jobs/reproducibleTypes.ts";
import {
  elementsOf,
  ELEMENTS_PER_CHUNK,
  coordinatesOf,
  isMasked,
  termsOf,
} from "../../training/reproducible/primitives.ts";
import {
  disputeOf,
  endJob,
  entryOf,
  expectOpenRound,
  expectParty,
  expectState,
  forfeit,
  hold,
  NOBODY,
  tell,
  type Board,
  type VerbArgs,
} from "./board.ts";
import { openRecord } from "./openRecord.ts";
import { isOpen, phaseOf, type DisputeEntry, type ReproducibleEntry } from "./reproducibleState.ts";
import { isNaNBits, transitionBits } from "./transition.ts";
import { elementBits, emptyNode, foldNodes, hashChildren, rootOf } from "./trees.ts";

const LEVELS_A_MOVE = 4;

/** A dispute that a call is about, with its job. */
interface Game {
  readonly id: bigint;
  readonly place: { readonly reproducibleJob: number; readonly round: number; readonly dispute: number };
  readonly entry: ReproducibleEntry;
  readonly d: DisputeEntry;
}

export function challenge(board: Board, { job, round }: VerbArgs<"challenge">): void {
  const { book, caller } = board;
  const entry = entryOf(board, job);
  const { terms, claims } = entry;
  const claimed = claims[round];
  const id = ++book.disputeCount;
  const place = { reproducibleJob: entry.id, round, dispute: id };
  expectOpenRound(board, entry, round);
  board.expect(place, "challenged in the window", true, board.time <= (claimed?.windowEnd ?? 0));
  const d = newDispute(board, entry, round);
  book.disputes.set(id, d);
  if (claimed !== undefined) claimed.openDisputes += 1;
  enter(d, "checkpoints", claimed?.checkpoints ?? ZeroHash, terms.checkpoints);
  tell(board, "RoundChallenged", { dispute: BigInt(id), job, round, challenger: caller });
  const ticks = terms.challengeBondTicks;
  board.moves.push({ incoming: true, account: caller, ticks, subject: "bond of a challenger", place });
}

export function reveal(board: Board, { dispute, children }: VerbArgs<"reveal">): void {
  const { d, place } = providerMove(board, dispute);
  const levels = Math.min(d.height, LEVELS_A_MOVE);
  board.expect(place, "levels below the node in question", true, levels > 0);
  board.expect(place, "number of revealed nodes", 2 ** levels, children.length);
  board.expect(place, "node above the revealed ones", d.node, foldNodes(children));
  d.children = hashChildren(children);
  d.providerMoves = false;
  tell(board, "ChildrenRevealed", { dispute, children });
}

export function point(board: Board, { dispute, children, child: named }: VerbArgs<"point">): void {
  const { d, place, entry } = challengerMove(board, dispute);
  const { program } = entry.terms;
  const child = Number(named);
  const node = children[child] ?? ZeroHash;
  board.expect(place, "children that were revealed", d.children, hashChildren(children));
  board.expect(place, "a child that is there", true, child < children.length);
  d.children = ZeroHash;
  tell(board, "ChildNamed", { dispute, child: named });
  if (phaseOf(d) === "parts") {
    const between = program.operations - program.stateTensors;
    d.operation = child * between;
    enter(d, "tensors", node, child === 0 ? between : program.stateTensors);
    d.providerMoves = true;
    return;
  }
  const levels = depthOf(children.length);
  board.expect(place, "levels that a child is below", true, levels > 0 && levels <= d.height);
  d.node = node;
  d.height = Math.max(0, d.height - levels);
  d.index = d.index * 2n ** BigInt(levels) + BigInt(child);
  if (d.index * 2n ** BigInt(d.height) >= d.leaves) {
    board.expect(place, "filling up that is not zero", false, d.node === emptyNode(d.height));
    endDispute(board, dispute, { providerWins: false, byClock: false });
    return;
  }
  d.providerMoves = d.height !== 0 || !isOfElements(d);
}

export function pointElement(board: Board, { dispute, position: named }: VerbArgs<"pointElement">): void {
  const { d, place } = challengerMove(board, dispute);
  const position = Number(named);
  board.expect(place, "eight elements are in question", true, d.height === 0 && isOfElements(d));
  board.expect(place, "an element of eight", true, position < ELEMENTS_PER_CHUNK);
  tell(board, "ChildNamed", { dispute, child: named });
  const at = d.index * BigInt(ELEMENTS_PER_CHUNK) + named;
  d.claimed = elementBits(d.node, position);
  if (at >= d.count) {
    board.expect(place, "filling up that is not zero", true, d.claimed !== 0);
    endDispute(board, dispute, { providerWins: false, byClock: false });
    return;
  }
  if (phaseOf(d) === "chunks") {
    d.element = at;
    d.phase = codeOf("element");
  } else {
    d.term = Number(at);
    d.phase = codeOf("term");
  }
  d.providerMoves = true;
}

export function openStride(board: Board, args: VerbArgs<"openStride">): void {
  const { dispute, steps, lastLeaf, previous, previousLeaf } = args;
  const game = providerMove(board, dispute);
  const { d, place, entry } = game;
  const { stride, initialState } = entry.terms;
  expectLeaf(board, game, "checkpoints");
  board.expect(place, "last step of the stride", rootOf(d.node, stride - 1, stride, lastLeaf) ?? "no proof", steps);
  const start = d.round === 0 ? initialState : (entry.claims[d.round - 1]?.endState ?? ZeroHash);
  d.checkpoint = Number(d.index);
  d.stateBefore = leafBefore(board, game, start, previous, previousLeaf);
  enter(d, "steps", steps, stride);
  tell(board, "LevelOpened", { dispute, root: steps });
}

export function openStep(board: Board, { dispute, between, previous, previousLeaf }: VerbArgs<"openStep">): void {
  const game = providerMove(board, dispute);
  const { d } = game;
  expectLeaf(board, game, "steps");
  d.step = Number(d.index);
  d.stateBefore = leafBefore(board, game, d.stateBefore, previous, previousLeaf);
  d.between = between;
  d.stateAfter = d.node;
  d.phase = codeOf("parts");
  const children = [between, d.node];
  d.children = hashChildren(children);
  d.providerMoves = false;
  tell(board, "ChildrenRevealed", { dispute, children });
}

export function openTensor(board: Board, { dispute, record, recordLeaf }: VerbArgs<"openTensor">): void {
  const game = providerMove(board, dispute);
  const { d, place, entry } = game;
  expectLeaf(board, game, "tensors");
  const operation = d.operation + Number(d.index);
  const { primitive } = openRecord(board, place, entry.terms.program, { operation, record, recordLeaf });
  const elements = elementsOf(primitive);
  d.operation = operation;
  d.count = BigInt(elements);
  const root = d.node;
  enter(d, "chunks", root, chunksOf(elements));
  d.providerMoves = d.height !== 0;
  tell(board, "LevelOpened", { dispute, root });
}

export function openReduction(board: Board, args: VerbArgs<"openReduction">): void {
  const { dispute, record, recordLeaf, accumulators, last, lastLeaf } = args;
  const { d, place, entry } = providerMove(board, dispute);
  board.expect(place, "phase of an opened reduction", "element", phaseOf(d));
  const { operation } = d;
  const { primitive } = openRecord(board, place, entry.terms.program, { operation, record, recordLeaf });
  const coordinates = coordinatesOf(primitive, Number(d.element));
  const reduces = primitive.reduction !== undefined && !isMasked(primitive, coordinates);
  board.expect(place, "an element that is reduced", true, reduces);
  const [first, end] = termsOf(primitive, coordinates);
  const leaves = chunksOf(end - first);
  board.expect(place, "last accumulators", rootOf(last, leaves - 1, leaves, lastLeaf) ?? "no proof", accumulators);
  board.expect(place, "last accumulator", d.claimed, elementBits(last, end - first - 1));
  d.count = BigInt(end - first);
  enter(d, "accumulators", accumulators, leaves);
  d.providerMoves = d.height !== 0;
  tell(board, "LevelOpened", { dispute, root: accumulators });
}

export function prove(board: Board, args: VerbArgs<"prove">): void {
  const { dispute, record, recordLeaf, previous, previousLeaf, openings } = args;
  const game = providerMove(board, dispute);
  const { d, place, entry } = game;
  const { operation } = d;
  const { terms } = entry;
  const opened = openRecord(board, place, terms.program, { operation, record, recordLeaf });
  const { primitive } = opened;
  const coordinates = coordinatesOf(primitive, Number(d.element));
  const reduces = primitive.reduction !== undefined && !isMasked(primitive, coordinates);
  board.expect(place, "phase of a proof", reduces ? "term" : "element", phaseOf(d));
  const bits = transitionBits(board, place, {
    program: terms.program,
    opened,
    coordinates,
    term: reduces ? termsOf(primitive, coordinates)[0] + d.term : 0,
    accumulatorBits: reduces ? accumulatorBefore(board, game, previous, previousLeaf) : 0,
    step: { ...d, dataset: terms.dataset, number: stepNumber(entry, d) },
    openings,
  });
  board.onProof?.({ kind: primitive.kind, computedBits: bits, claimedBits: d.claimed });
  endDispute(board, dispute, {
    providerWins: bits === d.claimed && (primitive.exact || !isNaNBits(bits)),
    byClock: false,
  });
}

export function callTime(board: Board, { dispute }: VerbArgs<"callTime">): void {
  const { d, place } = openGame(board, dispute);
  const time = d.turnStart + (d.providerMoves ? d.providerClock : d.challengerClock);
  board.expect(place, "a clock that has run out", true, board.time > time);
  endDispute(board, dispute, { providerWins: !d.providerMoves, byClock: true });
}

export function withdrawChallenge(board: Board, { dispute }: VerbArgs<"withdrawChallenge">): void {
  const { d, place, entry } = gameOf(board, dispute);
  board.expect(place, "a dispute that is open", true, isOpen(d));
  expectState(board, entry, REPRODUCIBLE_STATE.refuted);
  d.phase = codeOf("withdrawn");
  hold(board, d.challenger, entry.terms.challengeBondTicks);
  tell(board, "DisputeEnded", { dispute, winner: NOBODY, byClock: false });
}

/** Number in the run of the step in question. */
export function stepNumber({ terms }: Pick<ReproducibleEntry, "terms">, d: DisputeEntry): number {
  return Number(terms.firstStep) + (d.round * terms.checkpoints + d.checkpoint) * terms.stride + d.step;
}

function newDispute(board: Board, { id, terms }: ReproducibleEntry, round: number): DisputeEntry {
  return {
    job: BigInt(id),
    round,
    phase: 0,
    providerMoves: true,
    height: 0,
    turnStart: board.time,
    providerClock: terms.clockSeconds,
    challengerClock: terms.clockSeconds,
    challenger: board.caller,
    node: ZeroHash,
    root: ZeroHash,
    children: ZeroHash,
    index: 0n,
    leaves: 0n,
    count: 0n,
    checkpoint: 0,
    step: 0,
    operation: 0,
    element: 0n,
    term: 0,
    claimed: 0,
    stateBefore: ZeroHash,
    between: ZeroHash,
    stateAfter: ZeroHash,
  };
}

function gameOf(board: Board, id: bigint): Game {
  const d = disputeOf(board, id);
  const entry = entryOf(board, d.job);
  return { id, d, entry, place: { reproducibleJob: entry.id, round: d.round, dispute: Number(id) } };
}

function openGame(board: Board, id: bigint): Game {
  const game = gameOf(board, id);
  board.expect(game.place, "a dispute that is open", true, isOpen(game.d));
  expectState(board, game.entry, REPRODUCIBLE_STATE.training);
  return game;
}

function providerMove(board: Board, id: bigint): Game {
  const game = openGame(board, id);
  const { d, entry, place } = game;
  board.expect(place, "the provider is to move", true, d.providerMoves);
  expectParty(board, place, entry.job.provider);
  d.providerClock = spend(board, game, d.providerClock);
  return game;
}

function challengerMove(board: Board, id: bigint): Game {
  const game = openGame(board, id);
  const { d, place } = game;
  board.expect(place, "the challenger is to move", false, d.providerMoves);
  expectParty(board, place, d.challenger);
  d.challengerClock = spend(board, game, d.challengerClock);
  return game;
}

/** What a clock has left after a move that it paid for, extended, but never more than at first. */
function spend(board: Board, { d, entry, place }: Game, clock: number): number {
  const end = d.turnStart + clock;
  board.expect(place, "moved in time", true, board.time <= end);
  d.turnStart = board.time;
  return Math.min(end - board.time + entry.terms.extensionSeconds, entry.terms.clockSeconds);
}

function enter(d: DisputeEntry, phase: Phase, root: string, leaves: number): void {
  d.phase = codeOf(phase);
  d.node = root;
  d.root = root;
  d.leaves = BigInt(leaves);
  d.index = 0n;
  d.height = depthOf(leaves);
}

function endDispute(
  board: Board,
  id: bigint,
  { providerWins, byClock }: { readonly providerWins: boolean; readonly byClock: boolean },
): void {
  const { d, entry, place } = gameOf(board, id);
  const { job, terms, claims } = entry;
  d.phase = codeOf(providerWins ? "providerWon" : "challengerWon");
  tell(board, "DisputeEnded", { dispute: id, winner: providerWins ? job.provider : d.challenger, byClock });
  if (providerWins) {
    const claimed = claims[d.round];
    if (claimed !== undefined) claimed.openDisputes -= 1;
    forfeit(board, place, terms.challengeBondTicks, terms.challengeBondTicks / 2n, job.provider);
    return;
  }
  hold(board, d.challenger, terms.challengeBondTicks);
  endJob(board, entry, REPRODUCIBLE_STATE.refuted);
  const half = terms.bondTicks / 2n;
  const share = half < terms.challengeBondTicks ? half : terms.challengeBondTicks;
  forfeit(board, place, terms.bondTicks, share, d.challenger);
}

function expectLeaf(board: Board, { d, place }: Game, phase: Phase): void {
  board.expect(place, "phase of the opened leaf", phase, phaseOf(d));
  board.expect(place, "levels below the opened leaf", 0, d.height);
}

/** The leaf before the one in question: what came before the tree, or what the provider opened in it. */
function leafBefore(
  board: Board,
  { d, place }: Game,
  start: string,
  previous: string,
  siblings: readonly string[],
): string {
  if (d.index === 0n) return start;
  const root = rootOf(previous, Number(d.index) - 1, Number(d.leaves), siblings);
  board.expect(place, "tree of the leaf before", d.root, root ?? "no proof");
  return previous;
}

/** The accumulator before the one in question; of the first one nothing is read. */
function accumulatorBefore(board: Board, game: Game, previous: string, siblings: readonly string[]): number {
  const { d } = game;
  if (d.term === 0) return 0;
  const before = d.term - 1;
  const here = BigInt(Math.floor(before / ELEMENTS_PER_CHUNK)) === d.index;
  return elementBits(here ? d.node : leafBefore(board, game, ZeroHash, previous, siblings), before);
}

function codeOf(phase: Phase): number {
  return PHASES.indexOf(phase);
}

function isOfElements(d: DisputeEntry): boolean {
  return ["chunks", "accumulators"].includes(phaseOf(d));
}

function chunksOf(elements: number): number {
  return Math.ceil(elements / ELEMENTS_PER_CHUNK);
}
