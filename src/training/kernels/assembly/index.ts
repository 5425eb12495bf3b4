import { add, gelu, geluBackward } from "./elementwise";
import { embed, embedTokensBackward } from "./embed";
import { columnSum, layerNorm, layerNormBackward } from "./layerNorm";
import { matmul } from "./matmul";
import { adam, sgd } from "./optimizer";
import { RECORD_BYTES, word } from "./record";
import { causalSoftmax, causalSoftmaxBackward, crossEntropy, mean } from "./softmax";

export { exp, log } from "./functions";

/** Where threads meet: how many have arrived, and how often all have. */
const ARRIVED: usize = 64;
const MEETINGS: usize = 128;
const SPINS: i32 = 2000;
/** A thread that does not come has died: nobody computes this long between two meetings. */
const PATIENCE_NS: i64 = 600_000_000_000;

/**
 * Runs operations in order, each shared among the threads, which wait for one another before the next one. Every thread
 * calls it with the same operations. False if another thread did not come.
 */
export function run(first: usize, count: u32, thread: u32, threads: u32): bool {
  const end = first + <usize>count * RECORD_BYTES;
  for (let record = first; record < end; record += RECORD_BYTES) {
    operate(record, thread, threads);
    if (threads > 1 && !meet(threads)) return false;
  }
  return true;
}

function operate(record: usize, thread: u32, threads: u32): void {
  switch (<u32>word(record, 0)) {
    case 1: return matmul(record, thread, threads);
    case 2: return embed(record, thread, threads);
    case 3: return layerNorm(record, thread, threads);
    case 4: return causalSoftmax(record, thread, threads);
    case 5: return gelu(record, thread, threads);
    case 6: return add(record, thread, threads);
    case 7: return crossEntropy(record, thread, threads);
    case 8: return mean(record, thread);
    case 9: return embedTokensBackward(record, thread, threads);
    case 10: return layerNormBackward(record, thread, threads);
    case 11: return causalSoftmaxBackward(record, thread, threads);
    case 12: return geluBackward(record, thread, threads);
    case 13: return columnSum(record, thread, threads);
    case 14: return adam(record, thread, threads);
    case 15: return sgd(record, thread, threads);
    default: unreachable();
  }
}

function meet(threads: u32): bool {
  const meetings = atomic.load<i32>(MEETINGS);
  if (<u32>atomic.add<i32>(ARRIVED, 1) + 1 == threads) {
    atomic.store<i32>(ARRIVED, 0);
    atomic.add<i32>(MEETINGS, 1);
    atomic.notify(MEETINGS, -1);
    return true;
  }
  for (let spin = 0; spin < SPINS; ++spin) {
    if (atomic.load<i32>(MEETINGS) != meetings) return true;
  }
  while (atomic.load<i32>(MEETINGS) == meetings) {
    if (atomic.wait<i32>(MEETINGS, meetings, PATIENCE_NS) == AtomicWaitResult.TIMED_OUT) return false;
  }
  return true;
}
