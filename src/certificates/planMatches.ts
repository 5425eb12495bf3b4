import { decodeCertificateId } from "./certificateId.ts";
import { matchesPolicy, type Consumption, type MatchPolicy } from "./matchPolicy.ts";

/** Certificates that may be cancelled. */
export interface Holding {
  readonly certificate: bigint;
  readonly amountWh: number;
}

/** Energy that was consumed and is not matched yet. */
export interface Unmatched extends Consumption {
  readonly energyWh: number;
}

/** Certificates to be cancelled against consumption of a slot. */
export interface PlannedMatch {
  readonly certificate: bigint;
  readonly slot: number;
  readonly amountWh: number;
  readonly policy: MatchPolicy;
}

export interface PlanMatchesInput {
  readonly holdings: readonly Holding[];
  readonly consumption: readonly Unmatched[];
  /** The widest policy that is wanted; nearer certificates are taken first. */
  readonly policy: MatchPolicy;
  readonly isNeighbour?: (zone: number, neighbour: number) => boolean;
}

const POLICIES: readonly MatchPolicy[] = ["slot", "hour", "neighbour"];

/** Which certificates to cancel against what: those of the very slot first, then the wider ones, in the order given. */
export function planMatches({
  holdings,
  consumption,
  policy,
  isNeighbour = () => false,
}: PlanMatchesInput): PlannedMatch[] {
  const left = holdings.map(({ certificate, amountWh }) => ({
    certificate,
    lot: decodeCertificateId(certificate),
    amountWh,
  }));
  const wanted = consumption.map((one) => ({ ...one }));
  const matches: PlannedMatch[] = [];
  for (const allowed of POLICIES.slice(0, POLICIES.indexOf(policy) + 1)) {
    for (const use of wanted) {
      for (const held of left) {
        const amountWh = Math.min(use.energyWh, held.amountWh);
        if (amountWh === 0 || !matchesPolicy(held.lot, use, allowed, isNeighbour)) continue;
        matches.push({ certificate: held.certificate, slot: use.slot, amountWh, policy: allowed });
        held.amountWh -= amountWh;
        use.energyWh -= amountWh;
      }
    }
  }
  return matches;
}

/** The first matches of a plan, up to an amount in all. */
export function limitMatches(matches: readonly PlannedMatch[], mostWh: number): PlannedMatch[] {
  let left = mostWh;
  return matches.flatMap((match) => {
    const amountWh = Math.min(match.amountWh, left);
    left -= amountWh;
    return amountWh === 0 ? [] : [{ ...match, amountWh }];
  });
}
