import { PPM } from "../units.ts";
import { DRAW, OUTCOME, UPDATE, type JobEntry, type JobResult, type JobRound, type JobSeat } from "./computeState.ts";

const NEUTRAL_PPM = 500_000;
/** What evaluators name as aggregate where the slice was not to be had. */
export const NO_AGGREGATE = `0x${"00".repeat(32)}`;
/** No sample of a component, as the reputation has it. */
export const NO_SAMPLE = 16_777_215;

/** What a round pays, as `account/…/ticks` in the order of seats. */
export interface Settlement {
  readonly outcome: number;
  readonly updates: readonly string[];
  readonly fees: readonly string[];
  readonly rewards: readonly string[];
  readonly cuts: readonly string[];
  /** What reputation is told of: `site/contribution/efficiency`. */
  readonly notes: readonly string[];
  readonly refundTicks: bigint;
  readonly modelRoot: string;
  readonly releasedChallenger: string | undefined;
}

/**
 * The round by the result that stands: the pool by score, or equally where it says that the slice was not to be had; the fee
 * by who revealed it; bonds by who was wrong.
 */
export function settleByResult(
  job: JobEntry,
  round: JobRound,
  { silent, split }: { readonly silent: readonly string[]; readonly split: boolean },
): Settlement {
  const { poolTicks, feeTicks } = job.terms;
  const standing = round.standing ?? "";
  const revealed = round.scoreSeats.filter(({ result }) => result === standing).map(({ evaluator }) => evaluator);
  // The rival whose result stands, if it did not reveal it.
  const right = [...new Set([...revealed, ...(round.rival === undefined ? [] : [round.rival])])];
  const fee = right.length === 0 ? 0n : feeTicks / BigInt(right.length);
  const result = round.results.get(standing);
  const pool =
    result?.aggregateRoot === NO_AGGREGATE
      ? shareEqually(job, round, poolTicks, OUTCOME.unvalidated)
      : shareByScore(job, round, result);
  return {
    ...pool,
    fees: fee === 0n ? [] : right.map((evaluator) => `${evaluator}/${String(fee)}`),
    refundTicks: pool.refundTicks - fee * BigInt(right.length),
    ...dispute(job, round, { silent, split, right }),
  };
}

/** The pool by score, at most the cap a site. */
function shareByScore(job: JobEntry, round: JobRound, result: JobResult | undefined): Settlement {
  const { poolTicks, feeTicks } = job.terms;
  const pays = payByScore(job, round);
  const paid = pays.reduce((sum, { ticks }) => sum + ticks, 0n);
  // Shares of a small pool may all be rounded down to nothing: what counts are the scores.
  const settled = round.seats.some((seat, at) => countedScore(seat, result, at) > 0n);
  return {
    outcome: settled ? OUTCOME.settled : OUTCOME.unscored,
    updates: pays.map(({ seat, score, ticks }) => describe(seat, score, ticks)),
    fees: [],
    rewards: [],
    cuts: [],
    notes: contributions(round),
    refundTicks: poolTicks + feeTicks - paid,
    modelRoot: settled ? (result?.aggregateRoot ?? "unknown") : job.modelRoot,
    releasedChallenger: undefined,
  };
}

function payByScore(
  { terms }: JobEntry,
  { seats, results, standing }: JobRound,
): { readonly seat: JobSeat; readonly score: bigint; readonly ticks: bigint }[] {
  const counted = seats.map((seat, at) => ({ seat, score: countedScore(seat, results.get(standing ?? ""), at) }));
  const sum = counted.reduce((total, { score }) => total + score, 0n);
  const room = new Map<number, bigint>();
  const cap = (terms.poolTicks * BigInt(terms.siteCapPpm)) / BigInt(PPM);
  return counted.flatMap(({ seat, score }) => {
    if (score === 0n) return [];
    const left = room.get(seat.site) ?? cap;
    const share = (terms.poolTicks * score) / sum;
    const ticks = share < left ? share : left;
    room.set(seat.site, left - ticks);
    return ticks === 0n ? [] : [{ seat, score, ticks }];
  });
}

/** A score counts where the update is valid and the score positive. */
function countedScore({ status }: JobSeat, result: JobResult | undefined, at: number): bigint {
  const score = result?.scores[at] ?? 0n;
  return status === UPDATE.valid && score > 0n ? score : 0n;
}

/** Contribution of every revealed update, copies too: a half where it is average, one at most. */
function contributions({ seats, results, standing }: JobRound): string[] {
  const scores = seats.map((seat, at) => countedScore(seat, results.get(standing ?? ""), at));
  const sum = scores.reduce((total, score) => total + score, 0n);
  if (sum === 0n) return [];
  const revealed = seats.filter(({ status }) => status >= UPDATE.valid).length;
  return seats.flatMap(({ status, site }, at) => {
    if (status < UPDATE.valid) return [];
    const ppm = Number(((scores[at] ?? 0n) * BigInt(revealed) * BigInt(NEUTRAL_PPM)) / sum);
    return [note(site, Math.min(ppm, PPM), NO_SAMPLE)];
  });
}

/** The sample of a proof of energy: green energy raises it, more than the terms expect lowers it. */
export function efficiencySample(scarcityPpm: number, energyWh: number, provedWh: number, expectedWh: number): number {
  const lean = Math.max(-NEUTRAL_PPM, Math.min(NEUTRAL_PPM, Math.trunc(-scarcityPpm / 2)));
  const green = NEUTRAL_PPM + Math.trunc((lean * Math.min(energyWh, expectedWh)) / expectedWh);
  return Math.floor((green * expectedWh) / Math.max(expectedWh, provedWh));
}

export function note(site: number, contribution: number, efficiency: number): string {
  return [site, contribution, efficiency].join("/");
}

/** Valid updates share an amount without scores. */
export function shareEqually(job: JobEntry, { seats }: JobRound, amountTicks: bigint, outcome: number): Settlement {
  const { poolTicks, feeTicks } = job.terms;
  const valid = seats.filter(({ status }) => status === UPDATE.valid);
  const share = valid.length === 0 ? 0n : amountTicks / BigInt(valid.length);
  return {
    outcome,
    updates: share === 0n ? [] : valid.map((seat) => describe(seat, 0n, share)),
    fees: [],
    rewards: [],
    cuts: [],
    notes: [],
    refundTicks: poolTicks + feeTicks - share * BigInt(valid.length),
    modelRoot: job.modelRoot,
    releasedChallenger: undefined,
  };
}

/** Who revealed another result, or challenged in vain, loses its bond; where a panel decided, three quarters are shared. */
function dispute(
  job: JobEntry,
  { scoreSeats, standing, first, challenger, rival }: JobRound,
  {
    silent,
    split,
    right,
  }: { readonly silent: readonly string[]; readonly split: boolean; readonly right: readonly string[] },
): Pick<Settlement, "rewards" | "cuts" | "releasedChallenger"> {
  const decided = (job.draw === DRAW.panel && !split) || rival !== undefined;
  const reward = decided ? (job.terms.evaluatorBondTicks * 3n) / 4n : 0n;
  const wrong = scoreSeats
    .filter(({ result, kind }) => result !== undefined && result !== standing && !(kind === DRAW.panel && split))
    .map(({ evaluator }) => evaluator);
  const failed = challenger !== undefined && first === standing ? [challenger] : [];
  const cuts = [...silent, ...wrong, ...failed];
  let purse = reward * BigInt(wrong.length + failed.length);
  const shares: (readonly [string, bigint])[] = [];
  // No challenger of a panel is left where a rival's result stands.
  const won = challenger === undefined ? rival : failed.length === 0 ? challenger : undefined;
  if (won !== undefined) {
    const share = (purse * 2n) / 3n;
    shares.push([won, share]);
    purse -= share;
  }
  const each = right.length === 0 ? 0n : purse / BigInt(right.length);
  for (const evaluator of right) shares.push([evaluator, each]);
  shares.push([job.requester, purse - each * BigInt(right.length)]);
  const rewards = shares.filter(([, ticks]) => ticks > 0n).map(([account, ticks]) => `${account}/${String(ticks)}`);
  return { rewards, cuts, releasedChallenger: won };
}

function describe({ provider, site }: JobSeat, score: bigint, ticks: bigint): string {
  return `${provider}/${String(site)}/${String(score)}/${String(ticks)}`;
}
