import { PPM } from "../units.ts";
import { DRAW, OUTCOME, UPDATE, type JobEntry, type JobRound, type JobSeat } from "./computeState.ts";

/** What a round pays, as `account/…/ticks` in the order of seats. */
export interface Settlement {
  readonly outcome: number;
  readonly updates: readonly string[];
  readonly fees: readonly string[];
  readonly rewards: readonly string[];
  readonly cuts: readonly string[];
  readonly refundTicks: bigint;
  readonly modelRoot: string;
  readonly releasedChallenger: string | undefined;
}

/** The pool by score, at most the cap a site; the fee by who revealed the result that stands; bonds by who was wrong. */
export function settleByScore(
  job: JobEntry,
  round: JobRound,
  { silent, split }: { readonly silent: readonly string[]; readonly split: boolean },
): Settlement {
  const { poolTicks, feeTicks } = job.terms;
  const standing = round.standing ?? "";
  const right = round.scoreSeats.filter(({ result }) => result === standing).map(({ evaluator }) => evaluator);
  const pays = payByScore(job, round);
  const paid = pays.reduce((sum, { ticks }) => sum + ticks, 0n);
  const fee = right.length === 0 ? 0n : feeTicks / BigInt(right.length);
  const settled = paid > 0n;
  const result = round.results.get(standing);
  return {
    outcome: settled ? OUTCOME.settled : OUTCOME.unscored,
    updates: pays.map(({ seat, score, ticks }) => describe(seat, score, ticks)),
    fees: fee === 0n ? [] : right.map((evaluator) => `${evaluator}/${String(fee)}`),
    refundTicks: poolTicks + feeTicks - paid - fee * BigInt(right.length),
    modelRoot: settled ? (result?.aggregateRoot ?? "unknown") : job.modelRoot,
    ...dispute(job, round, { silent, split, right }),
  };
}

function payByScore(
  { terms }: JobEntry,
  { seats, results, standing }: JobRound,
): { readonly seat: JobSeat; readonly score: bigint; readonly ticks: bigint }[] {
  const given = results.get(standing ?? "")?.scores ?? [];
  const counted = seats.map((seat, at) => {
    const score = given[at] ?? 0n;
    return { seat, score: seat.status === UPDATE.valid && score > 0n ? score : 0n };
  });
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
    refundTicks: poolTicks + feeTicks - share * BigInt(valid.length),
    modelRoot: job.modelRoot,
    releasedChallenger: undefined,
  };
}

/** Who revealed another result, or challenged in vain, loses its bond; where a panel decided, three quarters are shared. */
function dispute(
  job: JobEntry,
  { scoreSeats, standing, first, challenger }: JobRound,
  { silent, split, right }: { readonly silent: readonly string[]; readonly split: boolean; readonly right: readonly string[] },
): Pick<Settlement, "rewards" | "cuts" | "releasedChallenger"> {
  const decided = job.draw === DRAW.panel && !split;
  const reward = decided ? (job.terms.evaluatorBondTicks * 3n) / 4n : 0n;
  const wrong = scoreSeats
    .filter(({ result, kind }) => result !== undefined && result !== standing && !(kind === DRAW.panel && split))
    .map(({ evaluator }) => evaluator);
  const failed = challenger !== undefined && first === standing ? [challenger] : [];
  const cuts = [...silent, ...wrong, ...failed];
  let purse = reward * BigInt(wrong.length + failed.length);
  const shares: (readonly [string, bigint])[] = [];
  const won = challenger !== undefined && failed.length === 0 ? challenger : undefined;
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
