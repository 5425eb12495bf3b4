const BLOCK_BYTES = 64;
const WORDS = 8;
const ROUNDS = 64;
/** Bytes of a length in bits, and one that ends the message. */
const ENDING = 9;

const PRIMES = firstPrimes(ROUNDS);
/** The first 32 bits behind the point of the primes' square and cube roots. */
const START = Uint32Array.from(PRIMES.slice(0, WORDS), (prime) => fraction(Math.sqrt(prime)));
const CONSTANTS = Uint32Array.from(PRIMES, (prime) => fraction(Math.cbrt(prime)));

/** Number of blocks of a message of so many bytes. */
export function sha256BlockCount(bytes: number): number {
  return Math.ceil((bytes + ENDING) / BLOCK_BYTES);
}

/** SHA-256 (FIPS 180-4) after each block of a message, eight words each: the last ones are its hash. */
export function sha256AfterBlocks(message: Uint8Array): Uint32Array {
  const blocks = sha256BlockCount(message.length);
  const padded = new Uint8Array(BLOCK_BYTES * blocks);
  padded.set(message);
  padded[message.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setBigUint64(padded.length - 8, 8n * BigInt(message.length));
  const rows = new Uint32Array(WORDS * blocks);
  let state = START;
  for (let block = 0; block < blocks; ++block) {
    state = compress(state, view, BLOCK_BYTES * block);
    rows.set(state, WORDS * block);
  }
  return rows;
}

/** The hash after one block more; a message begins with none before. */
export function sha256AfterBlock(block: Uint8Array, before: Uint32Array = START): Uint32Array {
  return compress(before, new DataView(block.buffer, block.byteOffset, BLOCK_BYTES), 0);
}

function compress(before: Uint32Array, view: DataView, from: number): Uint32Array<ArrayBuffer> {
  const schedule = new Uint32Array(ROUNDS);
  const at = (index: number): number => schedule[index] ?? 0;
  for (let i = 0; i < ROUNDS; ++i) {
    const [x, y] = [at(i - 15), at(i - 2)];
    schedule[i] =
      i < 16
        ? view.getUint32(from + 4 * i)
        : at(i - 16) +
          (rotate(x, 7) ^ rotate(x, 18) ^ (x >>> 3)) +
          at(i - 7) +
          (rotate(y, 17) ^ rotate(y, 19) ^ (y >>> 10));
  }
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = before;
  for (let i = 0; i < ROUNDS; ++i) {
    const chosen = (e & f) ^ (~e & g);
    const first = h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + chosen + (CONSTANTS[i] ?? 0) + at(i);
    const most = (a & b) ^ (a & c) ^ (b & c);
    const second = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + most;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + first) >>> 0, c, b, a, (first + second) >>> 0];
  }
  return Uint32Array.from([a, b, c, d, e, f, g, h], (word, index) => word + (before[index] ?? 0));
}

function rotate(word: number, places: number): number {
  return (word >>> places) | (word << (32 - places));
}

function fraction(root: number): number {
  return Math.floor((root - Math.floor(root)) * 2 ** 32);
}

function firstPrimes(count: number): number[] {
  const primes: number[] = [];
  for (let candidate = 2; primes.length < count; ++candidate) {
    if (primes.every((prime) => candidate % prime !== 0)) primes.push(candidate);
  }
  return primes;
}
