/**
 * Places that are compared and, where the first holds the larger value, exchanged: Batcher's merge exchange for any number of
 * values (Knuth, The Art of Computer Programming 5.2.2, algorithm M). Which they are depends on the number of values alone.
 */
export function mergeExchange(count: number): (readonly [number, number])[] {
  const pairs: (readonly [number, number])[] = [];
  if (count < 2) return pairs;
  const top = 2 ** (Math.ceil(Math.log2(count)) - 1);
  for (let p = top; p > 0; p = Math.floor(p / 2)) {
    let q = top;
    let r = 0;
    let d = p;
    for (;;) {
      for (let i = 0; i < count - d; ++i) if ((i & p) === r) pairs.push([i, i + d]);
      if (q === p) break;
      d = q - p;
      q = q / 2;
      r = p;
    }
  }
  return pairs;
}
