const PPM = 1_000_000n;
const NEUTRAL_PPM = 500_000n;
/** Ppm of the pool that valid updates of a round without a result share. */
const VOID_SHARE_PPM = 100_000n;

/** A worker's seat in a round, as far as pay goes. */
export interface ScoredUpdate {
  readonly site: number;
  /** Micro-nats by which the update lowers the validation loss. */
  readonly score: bigint;
  /** Not committed or not revealed; revealed, but a copy; or one's own. */
  readonly update: "missing" | "copied" | "valid";
}

export interface PoolDivision {
  /** Ticks, in the order of seats. */
  readonly paidTicks: readonly bigint[];
  /** What goes back to the requester: remainders of the division, and what was above a site's cap. */
  readonly refundTicks: bigint;
}

/**
 * Divide a round's pool by scores: pool times score over the sum of positive scores of valid updates, rounded down; the
 * workers of one site get at most `siteCapPpm` of the pool, in the order of seats.
 */
export function dividePool({
  poolTicks,
  siteCapPpm,
  updates,
}: {
  readonly poolTicks: bigint;
  readonly siteCapPpm: number;
  readonly updates: readonly ScoredUpdate[];
}): PoolDivision {
  const counting = updates.map(countingScore);
  const sum = counting.reduce((total, score) => total + score, 0n);
  const leftOfSite = new Map<number, bigint>();
  let refundTicks = poolTicks;
  const paidTicks = updates.map(({ site }, seat) => {
    const share = sum === 0n ? 0n : (poolTicks * (counting[seat] ?? 0n)) / sum;
    const left = leftOfSite.get(site) ?? (poolTicks * BigInt(siteCapPpm)) / PPM;
    const paid = share < left ? share : left;
    leftOfSite.set(site, left - paid);
    refundTicks -= paid;
    return paid;
  });
  return { paidTicks, refundTicks };
}

/** Divide an amount equally among valid updates: the pool of a round whose slice was not named, a tenth of it where a round has no result. */
export function divideEqually(amountTicks: bigint, updates: readonly ScoredUpdate[]): PoolDivision {
  const valid = BigInt(updates.filter(({ update }) => update === "valid").length);
  const share = valid === 0n ? 0n : amountTicks / valid;
  return {
    paidTicks: updates.map(({ update }) => (update === "valid" ? share : 0n)),
    refundTicks: amountTicks - share * valid,
  };
}

/** What valid updates of a round without a result share. */
export function voidShare(poolTicks: bigint): bigint {
  return (poolTicks * VOID_SHARE_PPM) / PPM;
}

/** Samples of contribution by seat, ppm: 500,000 is an average score. Nothing for who revealed nothing, or where no score counts. */
export function contributionSamples(updates: readonly ScoredUpdate[]): readonly (bigint | undefined)[] {
  const counting = updates.map(countingScore);
  const sum = counting.reduce((total, score) => total + score, 0n);
  const revealed = BigInt(updates.filter(({ update }) => update !== "missing").length);
  return updates.map(({ update }, seat) => {
    if (update === "missing" || sum === 0n) return undefined;
    const sample = (NEUTRAL_PPM * (counting[seat] ?? 0n) * revealed) / sum;
    return sample < PPM ? sample : PPM;
  });
}

/**
 * Sample of efficiency of one proof of energy, ppm. `scarcityPpm` is the slot's, `provedWh` all that the worker has proved
 * for the round with this proof, `expectedWh` the job's `energyWh`.
 */
export function efficiencySample({
  scarcityPpm,
  energyWh,
  provedWh,
  expectedWh,
}: {
  readonly scarcityPpm: bigint;
  readonly energyWh: bigint;
  readonly provedWh: bigint;
  readonly expectedWh: bigint;
}): bigint {
  const half = -scarcityPpm / 2n;
  const lean = half > NEUTRAL_PPM ? NEUTRAL_PPM : half < -NEUTRAL_PPM ? -NEUTRAL_PPM : half;
  const counted = energyWh < expectedWh ? energyWh : expectedWh;
  const green = NEUTRAL_PPM + (lean * counted) / expectedWh;
  return (green * expectedWh) / (provedWh > expectedWh ? provedWh : expectedWh);
}

function countingScore({ update, score }: ScoredUpdate): bigint {
  return update === "valid" && score > 0n ? score : 0n;
}
