import { exp4 } from "./functions";
import { share, word } from "./record";

// Four elements at a time; buffers are padded, so that a count may be rounded up.

const TWO_ROOT_2_OVER_PI: f32 = 1.5957691216057308;
const CUBE: f32 = 0.07135481627260025;
const THREE_CUBE: f32 = 0.21406444881780075;

/** Words: 1 sum, 2 and 3 what is added, 4 count. */
export function add(record: usize, thread: u32, threads: u32): void {
  const groups = (word(record, 4) + 3) >> 2;
  const to = word(record, 1);
  const a = word(record, 2);
  const b = word(record, 3);
  const end = share(groups, thread + 1, threads) << 4;
  for (let i = share(groups, thread, threads) << 4; i < end; i += 16) {
    v128.store(to + i, f32x4.add(v128.load(a + i), v128.load(b + i)));
  }
}

/**
 * GELU in its tanh form, which is x * gate with gate = 1 / (1 + exp(-x * (TWO_ROOT_2_OVER_PI + CUBE * x * x))).
 * Words: 1 y, 2 gate, 3 x, 4 count.
 */
export function gelu(record: usize, thread: u32, threads: u32): void {
  const groups = (word(record, 4) + 3) >> 2;
  const y = word(record, 1);
  const gates = word(record, 2);
  const x = word(record, 3);
  const end = share(groups, thread + 1, threads) << 4;
  const one = f32x4.splat(1);
  for (let i = share(groups, thread, threads) << 4; i < end; i += 16) {
    const v = v128.load(x + i);
    const slope = f32x4.add(f32x4.splat(TWO_ROOT_2_OVER_PI), f32x4.mul(f32x4.splat(CUBE), f32x4.mul(v, v)));
    const gate = f32x4.div(one, f32x4.add(one, exp4(f32x4.neg(f32x4.mul(v, slope)))));
    v128.store(gates + i, gate);
    v128.store(y + i, f32x4.mul(v, gate));
  }
}

/** Words: 1 gradient of x, 2 gradient of y, 3 x, 4 count, 5 gate. */
export function geluBackward(record: usize, thread: u32, threads: u32): void {
  const groups = (word(record, 4) + 3) >> 2;
  const dx = word(record, 1);
  const dy = word(record, 2);
  const x = word(record, 3);
  const gates = word(record, 5);
  const end = share(groups, thread + 1, threads) << 4;
  const one = f32x4.splat(1);
  for (let i = share(groups, thread, threads) << 4; i < end; i += 16) {
    const v = v128.load(x + i);
    const gate = v128.load(gates + i);
    const rise = f32x4.add(f32x4.splat(TWO_ROOT_2_OVER_PI), f32x4.mul(f32x4.splat(THREE_CUBE), f32x4.mul(v, v)));
    const bend = f32x4.mul(f32x4.mul(gate, f32x4.sub(one, gate)), f32x4.mul(v, rise));
    v128.store(dx + i, f32x4.mul(v128.load(dy + i), f32x4.add(gate, bend)));
  }
}
