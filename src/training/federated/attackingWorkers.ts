import type { ModelConfig } from "../types.ts";
import { decodeUpdate } from "./decodeUpdate.ts";
import { encodeUpdate } from "./encodeUpdate.ts";
import type { FederatedWorker, WorkerTurn } from "./runFederated.ts";

/** Workers that want to earn without training, or to do harm; for showing what they earn. */
export interface AttackingWorkers {
  /** Reveals the first update before it, to the last byte. */
  readonly copier: FederatedWorker;
  /** The same with a change to every value that is too small to matter. */
  readonly nearCopier: FederatedWorker;
  /** Reveals in each round what was first before it in the round before. */
  readonly stale: FederatedWorker;
  /** Ten times the first update before it, in the other direction. */
  readonly poisoner: FederatedWorker;
  /** Nothing but zeros. */
  readonly idle: FederatedWorker;
  /** A hundredth of the global weights, as if it had trained. */
  readonly scaler: FederatedWorker;
  /** Ten million bytes. */
  readonly flooder: FederatedWorker;
}

/** @param parameters Number of weights. */
export function attackingWorkers(model: ModelConfig, parameters: number): AttackingWorkers {
  const firstOf = ({ before }: WorkerTurn) => before.find((bytes) => bytes !== null) ?? null;
  const remade = (turn: WorkerTurn, map: (value: number, place: number) => number) => {
    const first = firstOf(turn);
    return first === null ? null : encodeUpdate(model, decodeUpdate(model, parameters, first).map(map));
  };
  const worker = (name: string, update: (turn: WorkerTurn) => Uint8Array | null): FederatedWorker => ({
    name,
    update: (turn) => Promise.resolve(update(turn)),
  });
  let last: Uint8Array | null = null;
  return {
    copier: worker("copier", firstOf),
    nearCopier: worker("near-copier", (turn) => remade(turn, (value, i) => value * (i % 2 === 0 ? 1 : 0.96))),
    stale: worker("stale", (turn) => {
      const shown = last;
      last = firstOf(turn);
      return shown;
    }),
    poisoner: worker("poisoner", (turn) => remade(turn, (value) => -10 * value)),
    idle: worker("idle", () => encodeUpdate(model, new Float32Array(parameters))),
    scaler: worker("scaler", ({ state }) =>
      encodeUpdate(
        model,
        state.weights.map((weight) => weight / 100),
      ),
    ),
    flooder: worker("flooder", () => new Uint8Array(10_000_000)),
  };
}
