// An operation is a record of 32 words of 4 bytes: word 0 names the kernel, the others are its operands. Addresses and
// strides are in bytes, counts in elements, constants are the bits of an f32. `src/training/program.ts` writes records.

export const RECORD_BYTES: usize = 128;

// @ts-ignore: decorator
@inline
export function word(record: usize, index: usize): usize {
  return <usize>load<u32>(record + (index << 2));
}

// @ts-ignore: decorator
@inline
export function constant(record: usize, index: usize): f32 {
  return load<f32>(record + (index << 2));
}

/** First item of a thread's share. Shares only say who computes an output, never how: no sum is cut by them. */
// @ts-ignore: decorator
@inline
export function share(items: usize, thread: u32, threads: u32): usize {
  return <usize>((<u64>items * <u64>thread) / <u64>threads);
}
