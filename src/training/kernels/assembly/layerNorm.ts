import { constant, share, word } from "./record";

/**
 * y = (x - mean) * scale * gain + bias, with scale = 1 / sqrt(variance + epsilon). Sums go from column 0 to the last.
 * Words: 1 y, 2 normed (before gain and bias), 3 scales, 4 x, 5 gain, 6 bias, 7 rows, 8 width, 9 1 / width, 10 epsilon.
 */
export function layerNorm(record: usize, thread: u32, threads: u32): void {
  const rows = word(record, 7);
  const rowBytes = word(record, 8) << 2;
  const share_ = constant(record, 9);
  const epsilon = constant(record, 10);
  const gain = word(record, 5);
  const bias = word(record, 6);
  const end = share(rows, thread + 1, threads);
  for (let row = share(rows, thread, threads); row < end; ++row) {
    const x = word(record, 4) + row * rowBytes;
    const y = word(record, 1) + row * rowBytes;
    const normed = word(record, 2) + row * rowBytes;
    let sum: f32 = 0;
    for (let i: usize = 0; i < rowBytes; i += 4) sum += load<f32>(x + i);
    const mean = sum * share_;
    let squares: f32 = 0;
    for (let i: usize = 0; i < rowBytes; i += 4) {
      const difference = load<f32>(x + i) - mean;
      squares += difference * difference;
    }
    const scale: f32 = 1 / sqrt<f32>(squares * share_ + epsilon);
    store<f32>(word(record, 3) + (row << 2), scale);
    for (let i: usize = 0; i < rowBytes; i += 16) {
      const n = f32x4.mul(f32x4.sub(v128.load(x + i), f32x4.splat(mean)), f32x4.splat(scale));
      v128.store(normed + i, n);
      v128.store(y + i, f32x4.add(f32x4.mul(n, v128.load(gain + i)), v128.load(bias + i)));
    }
  }
}

/**
 * Gradient of x, added to another one. With g = dy * gain: dx = scale * (g - mean(g) - normed * mean(g * normed)).
 * Words: 1 sum, 2 normed, 3 scales, 4 dy, 5 gain, 6 what dx is added to (0: nothing), 7 rows, 8 width, 9 1 / width.
 */
export function layerNormBackward(record: usize, thread: u32, threads: u32): void {
  const rows = word(record, 7);
  const rowBytes = word(record, 8) << 2;
  const share_ = constant(record, 9);
  const gain = word(record, 5);
  const addend = word(record, 6);
  const end = share(rows, thread + 1, threads);
  for (let row = share(rows, thread, threads); row < end; ++row) {
    const dy = word(record, 4) + row * rowBytes;
    const normed = word(record, 2) + row * rowBytes;
    const to = word(record, 1) + row * rowBytes;
    let sum: f32 = 0;
    let along: f32 = 0;
    for (let i: usize = 0; i < rowBytes; i += 4) {
      const g = load<f32>(dy + i) * load<f32>(gain + i);
      sum += g;
      along += g * load<f32>(normed + i);
    }
    const mean = f32x4.splat(sum * share_);
    const slope = f32x4.splat(along * share_);
    const scale = f32x4.splat(load<f32>(word(record, 3) + (row << 2)));
    for (let i: usize = 0; i < rowBytes; i += 16) {
      const g = f32x4.mul(v128.load(dy + i), v128.load(gain + i));
      const bent = f32x4.mul(v128.load(normed + i), slope);
      let dx = f32x4.mul(scale, f32x4.sub(f32x4.sub(g, mean), bent));
      if (addend != 0) dx = f32x4.add(v128.load(addend + row * rowBytes + i), dx);
      v128.store(to + i, dx);
    }
  }
}

/**
 * Sums of columns over rows, from row 0 to the last: of a, or of a * b.
 * Words: 1 sums, 2 a, 3 b (0: none), 4 rows, 5 columns (a multiple of 4), 6 bytes of a row.
 */
export function columnSum(record: usize, thread: u32, threads: u32): void {
  const groups = word(record, 5) >> 2;
  const rowBytes = word(record, 6);
  const to = word(record, 1);
  const a = word(record, 2);
  const b = word(record, 3);
  const from = share(groups, thread, threads) << 4;
  const end = share(groups, thread + 1, threads) << 4;
  for (let i = from; i < end; i += 16) v128.store(to + i, f32x4.splat(0));
  for (let row: usize = 0; row < word(record, 4); ++row) {
    const offset = row * rowBytes;
    for (let i = from; i < end; i += 16) {
      let term = v128.load(a + offset + i);
      if (b != 0) term = f32x4.mul(term, v128.load(b + offset + i));
      v128.store(to + i, f32x4.add(v128.load(to + i), term));
    }
  }
}
