import { contentAddress } from "../store/contentAddress.ts";
import type { UpdateStore } from "../store/types.ts";
import type { Trainer } from "../types.ts";
import { encodeState } from "./encodeState.ts";
import { federatedError } from "./federatedError.ts";
import { scoreUpdates } from "./scoreUpdates.ts";
import type { GlobalState, ScoredUpdate, ScoringRule } from "./types.ts";
import type { ValidationSlice } from "./validation.ts";

/** What a worker sees when its turn in a round comes. */
export interface WorkerTurn {
  readonly state: GlobalState;
  /** From 1. */
  readonly round: number;
  /** Updates of the workers before it in this round, which nobody sees before the reveal where workers are honest. */
  readonly before: readonly (Uint8Array | null)[];
}

export interface FederatedWorker {
  readonly name: string;
  /** The bytes that it reveals; null for nothing. */
  update(turn: WorkerTurn): Promise<Uint8Array | null>;
}

export interface FederatedRound {
  readonly round: number;
  /** Nats a predicted byte of the round's slice, before and after. */
  readonly lossBefore: number;
  readonly lossAfter: number;
  readonly updates: readonly ScoredUpdate[];
  readonly aggregateRoot: string;
}

export interface FederatedReport {
  readonly workers: readonly string[];
  readonly rounds: readonly FederatedRound[];
  /** What each worker would be paid by: the sum of its scores above zero, micro-nats. */
  readonly totals: readonly bigint[];
  readonly state: GlobalState;
}

export interface RunFederatedParameters {
  readonly trainer: Trainer;
  /** In the order of their seats, in which they commit too. */
  readonly workers: readonly FederatedWorker[];
  readonly state: GlobalState;
  /** One slice a round. */
  readonly slices: readonly ValidationSlice[];
  readonly rule: ScoringRule;
  /** Where updates and states are kept, if they are. */
  readonly store?: UpdateStore;
  readonly onRound?: (round: FederatedRound) => void;
}

/**
 * A whole federated job without a chain: every round all workers' updates are scored on the round's slice, and the model
 * moves by those that count.
 *
 * @throws FEDERATED_RUN_INVALID without workers or rounds.
 */
export async function runFederated(parameters: RunFederatedParameters): Promise<FederatedReport> {
  const { trainer, workers, slices, rule, store, onRound } = parameters;
  if (workers.length === 0 || slices.length === 0) {
    const values = { workers: workers.length, rounds: slices.length };
    throw federatedError("FEDERATED_RUN_INVALID", "There is nobody to train, or no round", values);
  }
  const earlier = new Set<string>();
  const rounds: FederatedRound[] = [];
  const totals = workers.map(() => 0n);
  let { state } = parameters;
  await store?.put(encodeState(state));
  for (const { round, bytes: slice } of slices) {
    const revealed: (Uint8Array | null)[] = [];
    for (const worker of workers) revealed.push(await worker.update({ state, round, before: [...revealed] }));
    const kept = revealed.filter((bytes) => bytes !== null);
    for (const bytes of kept) await store?.put(bytes);

    const updates = revealed.map((bytes, seat) => ({ bytes, commitOrder: seat + 1 }));
    const scored = await scoreUpdates({ trainer, state, updates, earlier, slice, rule });
    scored.scores.forEach((score, i) => (totals[i] = (totals[i] ?? 0n) + (score > 0n ? score : 0n)));
    for (const bytes of kept) earlier.add(contentAddress(bytes));
    state = scored.next;
    await store?.put(encodeState(state));

    const perByte = (loss: bigint) => Number(loss) / 1e6 / Math.max(slice.length - 1, 1);
    const { updates: verdicts, aggregateRoot, lossBefore, lossAfter } = scored;
    const told = {
      round,
      lossBefore: perByte(lossBefore),
      lossAfter: perByte(lossAfter),
      updates: verdicts,
      aggregateRoot,
    };
    rounds.push(told);
    onRound?.(told);
  }
  return { workers: workers.map(({ name }) => name), rounds, totals, state };
}
