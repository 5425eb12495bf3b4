import { encodeState } from "../../../src/training/federated/encodeState.ts";
import { modelRoot } from "../../../src/training/federated/modelRoot.ts";
import { scoreFromTable, type TableSeat } from "../../../src/training/federated/scoreFromTable.ts";
import type { ScoreTable } from "../../../src/training/federated/scoreTable.ts";
import { DEFAULT_SCORING_RULE } from "../../../src/training/federated/defaultScoringRule.ts";
import type { RoundScores, ScoringRule } from "../../../src/training/federated/types.ts";
import { DIFFERENCE } from "../../../src/training/jobs/measured/tableDifference.ts";
import type { BendMeasurement } from "../../../src/training/jobs/measured/openMeasured.ts";
import { contentAddress } from "../../../src/training/store/contentAddress.ts";
import type { UpdateStore } from "../../../src/training/store/types.ts";
import { UPDATE_LAYOUT } from "../../../src/training/federated/updateLayout.ts";
import { addressJob } from "../../../src/training/reproducible/scoring/addressJob.ts";
import { loadFunctions } from "../../../src/training/reproducible/loadFunctions.ts";
import { bytesTree } from "../../../src/training/reproducible/chunkTree.ts";
import { JobComputation } from "../../../src/training/reproducible/players/jobComputation.ts";
import { recentStates } from "../../../src/training/reproducible/players/stateKeeper.ts";
import { stateAfter } from "../../../src/training/reproducible/runStep.ts";
import { movedRoot } from "../../../src/training/reproducible/scoring/globalTensors.ts";
import { zeroState, type StringsJob } from "../../../src/training/reproducible/scoring/stringsJob.ts";

/** A lie that a whole majority tells, also to the referee. */
export interface ResultLie {
  readonly name: string;
  readonly bendResult?: (found: RoundScores) => RoundScores;
  readonly bendMeasurement: BendMeasurement;
  /** What it takes for the store. */
  readonly storeOf?: (store: UpdateStore) => UpdateStore;
}

/** The rule of these jobs, as far as scores depend on it. */
const RULE: ScoringRule = { ...DEFAULT_SCORING_RULE, nearCopyPpm: 999_000, leastSharePpm: 0 };

/** The loss of two updates without the first one: nobody, each alone, both, all but the first. */
const LEFT_OUT = 4;

function retold(found: RoundScores, table: ScoreTable): RoundScores {
  const seats = found.updates.map(({ hash }): TableSeat => ({ hash, verdict: null }));
  return { ...found, ...scoreFromTable(table, RULE, seats), table };
}

/** The same job, with one output of its step told otherwise. */
async function lying(honest: StringsJob, name: string, element: number, bend: (word: number) => number) {
  const { tape, shape } = honest.computation.job;
  const operation = tape.primitives.findIndex((primitive) => primitive.name === name);
  const tensors = [...(await honest.computation.step(0, 0)).tensors];
  const output = (tensors[tape.state.length + operation] ?? new Float32Array()).slice();
  const words = new Uint32Array(output.buffer);
  words[element] = bend(words[element] ?? 0);
  tensors[tape.state.length + operation] = output;
  const runner = {
    advance: () => Promise.resolve(stateAfter(tape, tensors)),
    tensors: () => Promise.resolve(tensors),
  };
  const job = new JobComputation({ tape, shape, start: zeroState(tape), runner, states: recentStates() });
  await job.next();
  return { ...honest, computation: job.round(0) };
}

const ONE_MICRO_NAT: ResultLie = {
  name: "a score by one micro-nat",
  bendResult: (found) =>
    retold(found, {
      ...found.table,
      losses: found.table.losses.map((loss, place) => (place === LEFT_OUT ? loss + 1n : loss)),
    }),
  bendMeasurement: (honest, { part }) =>
    part === DIFFERENCE.loss ? lying(honest, "loss", 1, (word) => word + 1) : Promise.resolve(honest),
};

/** Bit of the first weight that the lie turns. */
const BIT = 1 << 12;

const WRONG_AGGREGATE: ResultLie = {
  name: "the aggregate by one bit of one weight",
  bendResult(found) {
    const weights = found.next.weights.slice();
    const words = new Uint32Array(weights.buffer);
    words[0] = (words[0] ?? 0) ^ BIT;
    const next = { ...found.next, weights };
    const hex = (root: Buffer): string => `0x${root.toString("hex")}`;
    const table = { ...found.table, moved: hex(movedRoot(next)), next: hex(bytesTree(encodeState(next)).root) };
    return { ...found, next, aggregateRoot: modelRoot(next), table };
  },
  bendMeasurement(honest, { part }) {
    const { tape } = honest.computation.job;
    const first = tape.state.find((name) => name.startsWith("weights.")) ?? "";
    return part === DIFFERENCE.moved ? lying(honest, first, 0, (word) => word ^ BIT) : Promise.resolve(honest);
  },
};

/** Steps of an update are its last bytes; one that is smaller than the largest by more than one may be another. */
function otherUpdate(bytes: Uint8Array): Uint8Array {
  const hash = contentAddress(bytes);
  for (let at = bytes.length - 1; ; --at) {
    const step = new Int8Array(bytes.buffer, bytes.byteOffset)[at] ?? 0;
    if (Math.abs(step) >= 126) continue;
    const other = bytes.slice();
    other[at] = (other[at] ?? 0) + 1;
    // Its place among the round's hashes stays.
    if (contentAddress(other).slice(0, 4) === hash.slice(0, 4)) return other;
  }
}

/** Other bytes for the first update, and of their address all that the right bytes give. */
const OTHER_BYTES: ResultLie = {
  name: "the bytes of an update",
  async bendMeasurement(honest, { part }) {
    if (part !== DIFFERENCE.update) return honest;
    const right = KNOWN.get(honest.terms.dataset.toString("hex"));
    if (right === undefined) throw new Error("other bytes were made of right ones");
    const { computation } = await addressJob(right, await loadFunctions());
    return { ...honest, computation };
  },
  storeOf(store) {
    let victim: string | undefined;
    return {
      ...store,
      async get(hash) {
        const bytes = await store.get(hash);
        if (String.fromCharCode(...bytes.subarray(0, 4)) !== UPDATE_LAYOUT.magic || (victim ??= hash) !== hash)
          return bytes;
        const other = otherUpdate(bytes);
        KNOWN.set(bytesTree(other).root.toString("hex"), bytes);
        return other;
      },
    };
  },
};

/** Right bytes by the root of those that took their place. */
const KNOWN = new Map<string, Uint8Array>();

export const LIES: readonly ResultLie[] = [ONE_MICRO_NAT, WRONG_AGGREGATE, OTHER_BYTES];
