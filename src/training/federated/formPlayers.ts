import { isNearCopy } from "./isNearCopy.ts";

/** An update that is to be measured. */
export interface Candidate {
  readonly seat: number;
  readonly hash: string;
}

/** Who is measured as one: an update, or near-copies of each other. */
export interface Player {
  /** In rising order. */
  readonly seats: readonly number[];
  /** The lowest of its members', which gives it its place. */
  readonly hash: string;
  /** Hashes of its members, whose mean times `factor` is its vector. */
  readonly members: readonly string[];
  readonly factor: number;
}

/** The scalar product of two candidates, by their places; of one with itself, its square. */
export type ProductOf = (a: number, b: number) => number;

/**
 * Joins near-copies, of whichever member, to one player, so that copying one update many times gives it no more weight.
 *
 * @param candidates In the order of their hashes, as the players are.
 */
export function formPlayers(candidates: readonly Candidate[], product: ProductOf, threshold: number): Player[] {
  return groups(candidates, product, threshold).map((members) => ({
    seats: members.map(({ seat }) => seat).sort((a, b) => a - b),
    hash: members[0]?.hash ?? "",
    members: members.map(({ hash }) => hash),
    factor: 1,
  }));
}

/** Connected by near-copies, directly or through others; members and groups in the order of candidates. */
function groups(candidates: readonly Candidate[], product: ProductOf, threshold: number): Candidate[][] {
  const found: Candidate[][] = [];
  const rest = new Set(candidates.keys());
  for (const first of rest) {
    rest.delete(first);
    const members = [first];
    // The list grows while it is walked.
    for (const member of members) {
      for (const other of rest) {
        const [a, b] = member < other ? [member, other] : [other, member];
        if (!isNearCopy(product(a, b), product(a, a), product(b, b), threshold)) continue;
        rest.delete(other);
        members.push(other);
      }
    }
    members.sort((a, b) => a - b);
    found.push(members.flatMap((place) => candidates.slice(place, place + 1)));
  }
  return found;
}
