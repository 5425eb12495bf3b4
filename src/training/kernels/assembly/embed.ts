import { share, word } from "./record";

/**
 * x[n] = tokens[byte of n] + positions[n mod context].
 * Words: 1 x, 2 token table, 3 position table, 4 bytes (u32 each), 5 rows, 6 width, 7 context.
 */
export function embed(record: usize, thread: u32, threads: u32): void {
  const rows = word(record, 5);
  const rowBytes = word(record, 6) << 2;
  const context = word(record, 7);
  const end = share(rows, thread + 1, threads);
  for (let row = share(rows, thread, threads); row < end; ++row) {
    const x = word(record, 1) + row * rowBytes;
    const token = word(record, 2) + <usize>load<u32>(word(record, 4) + (row << 2)) * rowBytes;
    const position = word(record, 3) + (row % context) * rowBytes;
    for (let i: usize = 0; i < rowBytes; i += 16) {
      v128.store(x + i, f32x4.add(v128.load(token + i), v128.load(position + i)));
    }
  }
}

/**
 * Gradient of the token table: a token's row is the sum over its places in the batch, from the first to the last.
 * Words: 1 gradient, 2 dx, 3 bytes (u32 each), 4 rows, 5 width, 6 tokens.
 */
export function embedTokensBackward(record: usize, thread: u32, threads: u32): void {
  const tokens = word(record, 6);
  const from = share(tokens, thread, threads);
  const end = share(tokens, thread + 1, threads);
  const rowBytes = word(record, 5) << 2;
  memory.fill(word(record, 1) + from * rowBytes, 0, (end - from) * rowBytes);
  for (let row: usize = 0; row < word(record, 4); ++row) {
    const token = <usize>load<u32>(word(record, 3) + (row << 2));
    if (token < from || token >= end) continue;
    const to = word(record, 1) + token * rowBytes;
    const dx = word(record, 2) + row * rowBytes;
    for (let i: usize = 0; i < rowBytes; i += 16) {
      v128.store(to + i, f32x4.add(v128.load(to + i), v128.load(dx + i)));
    }
  }
}
