/** Taken for a loss that is not finite, and for any that is larger, as in a round's scores. */
const WORST_LOSS = 1n << 62n;
const MICRO = 1e6;
const LIMB_BITS = 16;

/** A loss in nats as whole micro-nats, as the trainer counts it; zero for a negative one, which no loss is. */
export function microNats(loss: number): bigint {
  if (!Number.isFinite(loss)) return WORST_LOSS;
  // A 32-bit float times a million is exact in 64 bits, so that only this rounds.
  const value = BigInt(Math.max(0, Math.round(loss * MICRO)));
  return value < WORST_LOSS ? value : WORST_LOSS;
}

/** The sum of integers of 32 bits, each 16 places further left than the one before it. */
export function wideTotal(limbs: readonly number[]): bigint {
  const sum = limbs.reduce((total, limb, index) => total + (BigInt(limb) << BigInt(LIMB_BITS * index)), 0n);
  return sum < WORST_LOSS ? sum : WORST_LOSS;
}

/** The high 32 bits (0) of an integer of 64, or the low ones (1). */
export function wordOfWide(value: bigint, index: number): number {
  return Number(index === 0 ? value >> 32n : value & 0xffffffffn);
}
