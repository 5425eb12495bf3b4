/** Half of the largest sum of four 16-bit numbers. */
const MIDDLE = 131_070;
/** One over the standard deviation of such a sum, sqrt(4 (2^32 - 1) / 12). */
const SCALE = 1 / 37_837.222_944_9;

/**
 * A number that looks random and is a pure function of its arguments, 32 bits: two rounds of the finaliser of MurmurHash3
 * (Appleby, 2011, public domain) over the words. Agents need one for every slot; a stream each would cost more than the auction.
 */
export function noiseWord(seed: number, agent: number, slot: number): number {
  return wordOfSlot(agentWord(seed, agent), slot);
}

/** The part of an agent's noise that is the same in all slots. */
export function agentWord(seed: number, agent: number): number {
  return finalise(seed ^ Math.imul(agent, 0x9e3779b1));
}

/** About standard normal, within 3.5: the sum of four even numbers of 16 bits each, from two words. */
export function normalNoise(seed: number, agent: number, slot: number): number {
  return normalOfSlot(agentWord(seed, agent), slot);
}

/** The same of an agent's word, for many slots. */
export function normalOfSlot(agent: number, slot: number): number {
  const a = wordOfSlot(agent, slot);
  const b = finalise(a ^ 0x27d4eb2f);
  return ((a & 0xffff) + (a >>> 16) + (b & 0xffff) + (b >>> 16) - MIDDLE) * SCALE;
}

/** Even in [0, 1). */
export function evenNoise(seed: number, agent: number, slot: number): number {
  return noiseWord(seed, agent, slot) / 2 ** 32;
}

function wordOfSlot(agent: number, slot: number): number {
  return finalise(agent ^ Math.imul(slot, 0x85ebca77));
}

function finalise(word: number): number {
  let h = word;
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  h ^= h >>> 16;
  return h >>> 0;
}
