import { exp4, log } from "./functions";
import { constant, share, word } from "./record";

/**
 * Row i of a square: p[j] = exp(s[j] * scale - max) / sum for j <= i, and 0 beyond. Rows are padded to a multiple of 8.
 * Words: 1 p, 2 s, 3 squares, 4 rows of a square, 5 bytes of a row, 6 scale.
 */
export function causalSoftmax(record: usize, thread: u32, threads: u32): void {
  const size = word(record, 4);
  const rowBytes = word(record, 5);
  const scale = constant(record, 6);
  const rows = word(record, 3) * size;
  const end = share(rows, thread + 1, threads);
  for (let row = share(rows, thread, threads); row < end; ++row) {
    const length = (row % size) + 1;
    const bytes = length << 2;
    const s = word(record, 2) + row * rowBytes;
    const p = word(record, 1) + row * rowBytes;
    let most = load<f32>(s) * scale;
    for (let i: usize = 4; i < bytes; i += 4) most = max<f32>(most, load<f32>(s + i) * scale);
    for (let i: usize = 0; i < bytes; i += 16) {
      v128.store(p + i, exp4(f32x4.sub(f32x4.mul(v128.load(s + i), f32x4.splat(scale)), f32x4.splat(most))));
    }
    let sum: f32 = 0;
    for (let i: usize = 0; i < bytes; i += 4) sum += load<f32>(p + i);
    const part = f32x4.splat(1 / sum);
    for (let i: usize = 0; i < bytes; i += 16) v128.store(p + i, f32x4.mul(v128.load(p + i), part));
    memory.fill(p + bytes, 0, rowBytes - bytes);
  }
}

/**
 * ds[j] = p[j] * (dp[j] - sum of p * dp) * scale for j <= i, and 0 beyond.
 * Words: 1 ds, 2 dp, 3 squares, 4 rows of a square, 5 bytes of a row, 6 scale, 7 p.
 */
export function causalSoftmaxBackward(record: usize, thread: u32, threads: u32): void {
  const size = word(record, 4);
  const rowBytes = word(record, 5);
  const scale = f32x4.splat(constant(record, 6));
  const rows = word(record, 3) * size;
  const end = share(rows, thread + 1, threads);
  for (let row = share(rows, thread, threads); row < end; ++row) {
    const length = (row % size) + 1;
    const bytes = length << 2;
    const ds = word(record, 1) + row * rowBytes;
    const dp = word(record, 2) + row * rowBytes;
    const p = word(record, 7) + row * rowBytes;
    let sum: f32 = 0;
    for (let i: usize = 0; i < bytes; i += 4) sum += load<f32>(p + i) * load<f32>(dp + i);
    for (let i: usize = 0; i < bytes; i += 16) {
      const difference = f32x4.sub(v128.load(dp + i), f32x4.splat(sum));
      v128.store(ds + i, f32x4.mul(f32x4.mul(v128.load(p + i), difference), scale));
    }
    memory.fill(ds + bytes, 0, rowBytes - bytes);
  }
}

/**
 * Loss of a row in nats, log(sum of exp(x - max)) + (max - x[target]), and the gradient of the mean over all rows.
 * Words: 1 losses, 2 gradient, 3 logits, 4 targets (u32), 5 rows, 6 columns (a multiple of 4), 7 1 / rows.
 */
export function crossEntropy(record: usize, thread: u32, threads: u32): void {
  const rows = word(record, 5);
  const rowBytes = word(record, 6) << 2;
  const part = constant(record, 7);
  const end = share(rows, thread + 1, threads);
  for (let row = share(rows, thread, threads); row < end; ++row) {
    const x = word(record, 3) + row * rowBytes;
    const dx = word(record, 2) + row * rowBytes;
    const target = <usize>load<u32>(word(record, 4) + (row << 2)) << 2;
    let lanes = v128.load(x);
    for (let i: usize = 16; i < rowBytes; i += 16) lanes = f32x4.max(lanes, v128.load(x + i));
    const most = max<f32>(
      max<f32>(f32x4.extract_lane(lanes, 0), f32x4.extract_lane(lanes, 1)),
      max<f32>(f32x4.extract_lane(lanes, 2), f32x4.extract_lane(lanes, 3)),
    );
    for (let i: usize = 0; i < rowBytes; i += 16) {
      v128.store(dx + i, exp4(f32x4.sub(v128.load(x + i), f32x4.splat(most))));
    }
    let sum: f32 = 0;
    for (let i: usize = 0; i < rowBytes; i += 4) sum += load<f32>(dx + i);
    store<f32>(word(record, 1) + (row << 2), log(sum) + (most - load<f32>(x + target)));
    const factor = f32x4.splat(part / sum);
    for (let i: usize = 0; i < rowBytes; i += 16) v128.store(dx + i, f32x4.mul(v128.load(dx + i), factor));
    store<f32>(dx + target, load<f32>(dx + target) - part);
  }
}

/** Sum from the first element to the last, times a factor. Words: 1 result, 2 elements, 3 count, 4 factor. */
export function mean(record: usize, thread: u32): void {
  if (thread != 0) return;
  const from = word(record, 2);
  const bytes = word(record, 3) << 2;
  let sum: f32 = 0;
  for (let i: usize = 0; i < bytes; i += 4) sum += load<f32>(from + i);
  store<f32>(word(record, 1), sum * constant(record, 4));
}
