import { constant, share, word } from "./record";

/** Whether any lane is NaN or infinite: then x - x is NaN. */
// @ts-ignore: decorator
@inline
function notFinite(x: v128): v128 {
  const difference = f32x4.sub(x, x);
  return f32x4.ne(difference, difference);
}

/**
 * Words: 1 weights, 2 gradient, 3 count, 4 flag (set where a weight is no longer finite), 5 first moments, 6 second
 * moments, 7 learning rate, 8 beta1, 9 1 - beta1, 10 beta2, 11 1 - beta2, 12 epsilon, 13 1 / (1 - beta1^t),
 * 14 1 / (1 - beta2^t).
 */
export function adam(record: usize, thread: u32, threads: u32): void {
  const groups = (word(record, 3) + 3) >> 2;
  const weights = word(record, 1);
  const gradient = word(record, 2);
  const firsts = word(record, 5);
  const seconds = word(record, 6);
  const rate = f32x4.splat(constant(record, 7));
  const beta1 = f32x4.splat(constant(record, 8));
  const rest1 = f32x4.splat(constant(record, 9));
  const beta2 = f32x4.splat(constant(record, 10));
  const rest2 = f32x4.splat(constant(record, 11));
  const epsilon = f32x4.splat(constant(record, 12));
  const correction1 = f32x4.splat(constant(record, 13));
  const correction2 = f32x4.splat(constant(record, 14));
  let bad = i32x4.splat(0);
  const end = share(groups, thread + 1, threads) << 4;
  for (let i = share(groups, thread, threads) << 4; i < end; i += 16) {
    const g = v128.load(gradient + i);
    const m = f32x4.add(f32x4.mul(beta1, v128.load(firsts + i)), f32x4.mul(rest1, g));
    const v = f32x4.add(f32x4.mul(beta2, v128.load(seconds + i)), f32x4.mul(rest2, f32x4.mul(g, g)));
    v128.store(firsts + i, m);
    v128.store(seconds + i, v);
    const root = f32x4.add(f32x4.sqrt(f32x4.mul(v, correction2)), epsilon);
    const move = f32x4.div(f32x4.mul(rate, f32x4.mul(m, correction1)), root);
    const w = f32x4.sub(v128.load(weights + i), move);
    v128.store(weights + i, w);
    bad = v128.or(bad, notFinite(w));
  }
  if (v128.any_true(bad)) atomic.store<i32>(word(record, 4), 1);
}

/** Words: 1 weights, 2 gradient, 3 count, 4 flag, 7 learning rate. */
export function sgd(record: usize, thread: u32, threads: u32): void {
  const groups = (word(record, 3) + 3) >> 2;
  const weights = word(record, 1);
  const gradient = word(record, 2);
  const rate = f32x4.splat(constant(record, 7));
  let bad = i32x4.splat(0);
  const end = share(groups, thread + 1, threads) << 4;
  for (let i = share(groups, thread, threads) << 4; i < end; i += 16) {
    const w = f32x4.sub(v128.load(weights + i), f32x4.mul(rate, v128.load(gradient + i)));
    v128.store(weights + i, w);
    bad = v128.or(bad, notFinite(w));
  }
  if (v128.any_true(bad)) atomic.store<i32>(word(record, 4), 1);
}
