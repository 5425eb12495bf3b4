import { JouleworkError } from "../errors.ts";
import { PPM } from "../units.ts";
import { nonNegativeFit, normalEquations } from "./nonNegativeFit.ts";
import type { InspectedZone, ReportedMeter, Suspicion } from "./types.ts";

/** Slots with a feeder reading that a fit needs for each meter, so that chance does not pass for evidence. */
const SLOTS_PER_METER = 8;
/** F statistic from which the feeder's evidence counts: beyond it lies one in a thousand by chance. */
const EVIDENCE = 7;
/** Error of a feeder meter that does not grow with the flow, as a share of the typical flow. */
const BASE_ERROR = 0.1;
/**
 * Error that a fit may leave, as a share of the flow: twice what a feeder meter of class 0.5 errs. A fit that leaves more
 * has missed the lie, and its shares say nothing.
 */
const LARGEST_ERROR = 0.01;
/** Smallest share of a meter's energy that is worth an inspection. */
const SHARE_PPM = 20_000;
/** Slots beyond what physics allows from which no fit is needed. */
const IMPOSSIBLE_SLOTS = 1;
/** Parameters that each meter adds to the fit: its import and its export. */
const SHARES = 2;

/**
 * Ranks the meters of a flagged zone by how well a lie of theirs explains what the feeder saw beyond their sum.
 *
 * The residual r of a slot, feeder minus the sum of the meters, is fitted by non-negative least squares as
 * `r = sum over meters (a * import + b * export) + c * flow^2 + d * |flow|`: a meter that reports a share f too little
 * import leaves a = f / (1 - f) of it, one that reports a share g too much export leaves b = g / (1 + g); the last two are
 * the zone's losses. A meter's evidence is what the fit loses without it (leave-one-out), so that energy which others
 * explain as well accuses nobody: of two solar meters that face the same way either may be the liar, and the ranking says
 * no more than that. Where the fit leaves more than an instrument errs, the lie is no share of any
 * meter's own flow (panels behind a net meter, for one) and the feeder accuses nobody. Physical bounds and the comparison with peers stand beside.
 *
 * The ranking is a reason to look, not a proof: it moves no money.
 * @throws JouleworkError INSPECTION_TOO_SHORT if there are too few slots with a feeder reading
 */
export function rankSuspects({ meters, feederWh }: InspectedZone): Suspicion[] {
  const read = Array.from({ length: feederWh.length }, (_, slot) => slot).filter((slot) => feederWh[slot] != null);
  const least = SLOTS_PER_METER * Math.max(1, meters.length);
  if (read.length < least) {
    throw new JouleworkError({
      code: "INSPECTION_TOO_SHORT",
      what: "Too few slots have a feeder reading",
      values: { slots: read.length, least, meters: meters.length },
      hint: "Take a longer run of slots: a meter's share of the residual shows only over several days.",
    });
  }
  const flows = meters.map((meter) => flowsOf(meter, read));
  const sums = Float64Array.from(read, (_, place) =>
    flows.reduce((sum, { imported, exported }) => sum + (imported[place] ?? 0) - (exported[place] ?? 0), 0),
  );
  const residual = Float64Array.from(read, (slot, place) => (feederWh[slot] ?? 0) - (sums[place] ?? 0));
  const losses = [sums.map((flow) => flow * flow), sums.map(Math.abs)];
  // An instrument errs by a share of what flows, so that slots of little flow say more.
  const typical = total(sums.map(Math.abs)) / sums.length;
  const weights = sums.map((flow) => 1 / (Math.abs(flow) + BASE_ERROR * typical + 1));
  const weighted = (values: Float64Array): Float64Array => values.map((value, place) => value * (weights[place] ?? 0));
  const equations = normalEquations(
    [...flows.flatMap(({ imported, exported }) => [imported, exported]), ...losses].map(weighted),
    weighted(residual),
  );
  const whole = nonNegativeFit(equations);
  const freedom = read.length - SHARES * meters.length - losses.length;
  const noise = Math.max(whole.residualSquares / freedom, Number.EPSILON);

  const explained = Math.sqrt(noise) <= LARGEST_ERROR;

  const ranked = meters.map((meter, index): Suspicion => {
    const { imported, exported } = flows[index] ?? { imported: new Float64Array(), exported: new Float64Array() };
    const [missing, invented] = [whole.coefficients[2 * index] ?? 0, whole.coefficients[2 * index + 1] ?? 0];
    const left = nonNegativeFit(equations, new Set([2 * index, 2 * index + 1]), whole.coefficients);
    const leaveOneOut = Math.max(0, (left.residualSquares - whole.residualSquares) / SHARES / noise);
    const unexplainedWh = missing * total(imported) + invented * total(exported);
    const impossibleSlots = countImpossible(meter, read);
    const share = unexplainedWh / Math.max(1, total(imported) + total(exported));
    const peerRatio = compareWithPeers(meter, meters, read);
    return {
      meter: meter.meter,
      suspect:
        impossibleSlots >= IMPOSSIBLE_SLOTS || (explained && leaveOneOut >= EVIDENCE && share * PPM >= SHARE_PPM),
      missingImportPpm: Math.round(missing * PPM),
      inventedExportPpm: Math.round(invented * PPM),
      unexplainedWh: Math.round(unexplainedWh),
      leaveOneOut,
      correlation: correlationOf(
        residual,
        imported.map((value, place) => value + (exported[place] ?? 0)),
      ),
      impossibleSlots,
      ...(peerRatio === undefined ? {} : { peerRatio }),
    };
  });
  return ranked.sort((a, b) => b.impossibleSlots - a.impossibleSlots || b.leaveOneOut - a.leaveOneOut);
}

function flowsOf({ importWh, exportWh }: ReportedMeter, read: readonly number[]) {
  return {
    imported: Float64Array.from(read, (slot) => importWh[slot] ?? 0),
    exported: Float64Array.from(read, (slot) => exportWh[slot] ?? 0),
  };
}

/** Solar export at night or above a cloudless sky, or any flow beyond the rating. */
function countImpossible(
  { importWh, exportWh, exportBoundWh, slotLimitWh }: ReportedMeter,
  read: readonly number[],
): number {
  return read.filter((slot) => {
    const bound = Math.min(slotLimitWh, exportBoundWh?.[slot] ?? slotLimitWh);
    return (exportWh[slot] ?? 0) > bound || (importWh[slot] ?? 0) > slotLimitWh;
  }).length;
}

/** Export by bound, beside the median of the peers' export by theirs. */
function compareWithPeers(
  meter: ReportedMeter,
  meters: readonly ReportedMeter[],
  read: readonly number[],
): number | undefined {
  const peers = meters.filter((other) => other !== meter && other.peerGroup === meter.peerGroup);
  if (meter.peerGroup === undefined || peers.length < 2) return undefined;
  const yields = peers.map((peer) => yieldOf(peer, read)).sort((a, b) => a - b);
  const middle = yields.length / 2;
  const median = ((yields[Math.ceil(middle) - 1] ?? 0) + (yields[Math.floor(middle)] ?? 0)) / 2;
  return median > 0 ? yieldOf(meter, read) / median : undefined;
}

function yieldOf({ exportWh, exportBoundWh, slotLimitWh }: ReportedMeter, read: readonly number[]): number {
  let exported = 0;
  let bound = 0;
  for (const slot of read) {
    exported += exportWh[slot] ?? 0;
    bound += exportBoundWh?.[slot] ?? slotLimitWh;
  }
  return bound > 0 ? exported / bound : 0;
}

/** Pearson's correlation; 0 where one of them never changes. */
function correlationOf(a: Float64Array, b: Float64Array): number {
  const meanA = total(a) / a.length;
  const meanB = total(b) / b.length;
  let ab = 0;
  let aa = 0;
  let bb = 0;
  for (let i = 0; i < a.length; ++i) {
    const da = (a[i] ?? 0) - meanA;
    const db = (b[i] ?? 0) - meanB;
    ab += da * db;
    aa += da * da;
    bb += db * db;
  }
  return aa > 0 && bb > 0 ? ab / Math.sqrt(aa * bb) : 0;
}

function total(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}
