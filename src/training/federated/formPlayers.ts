import { aggregate, type Contribution } from "./aggregate.ts";
import { isNearCopy } from "./isNearCopy.ts";

/** An update that is to be measured. */
export interface Candidate extends Contribution {
  readonly seat: number;
}

/** Who is measured as one: an update, or near-copies of each other. */
export interface Player extends Contribution {
  /** In rising order. */
  readonly seats: readonly number[];
  /** Hashes of its members, whose mean times `factor` its values are. */
  readonly members: readonly string[];
  readonly factor: number;
}

/**
 * Joins near-copies, of whichever member, to one player with the mean of its members and the lowest of their hashes, so
 * that copying one update many times gives it no more weight.
 */
export function formPlayers(candidates: readonly Candidate[], nearCopyPpm: number): Player[] {
  return groups(candidates, nearCopyPpm).map((members) => ({
    seats: members.map(({ seat }) => seat),
    hash: members.map(({ hash }) => hash).reduce((a, b) => (a < b ? a : b)),
    members: members.map(({ hash }) => hash),
    factor: 1,
    values: aggregate({ kind: "mean" }, members),
  }));
}

/** Connected by near-copies, directly or through others; members and groups in the order of seats. */
function groups(candidates: readonly Candidate[], nearCopyPpm: number): Candidate[][] {
  const found: Candidate[][] = [];
  const rest = new Set([...candidates].sort((a, b) => a.seat - b.seat));
  for (const first of rest) {
    rest.delete(first);
    const members = [first];
    // The list grows while it is walked.
    for (const member of members) {
      for (const other of rest) {
        if (!isNearCopy(member.values, other.values, nearCopyPpm)) continue;
        rest.delete(other);
        members.push(other);
      }
    }
    found.push(members.sort((a, b) => a.seat - b.seat));
  }
  return found;
}
