import { CHECK_TITLES, type AuditCheck, type AuditFailure, type CheckName, type Place, type Value } from "./types.ts";

/** A check keeps this many failures; beyond it only counts, so that a broken chain does not fill the memory. */
const FAILURES_KEPT = 100;

interface Tally {
  items: number;
  failureCount: number;
  readonly failures: AuditFailure[];
  readonly figures: Map<string, number | bigint>;
}

/** Gathers what an audit compares. */
export class Findings {
  /** The transaction at hand, named by failures. */
  transaction: string | undefined;
  readonly #tallies = new Map<CheckName, Tally>();

  /** Compares one thing; returns whether it is as expected. */
  expect(check: CheckName, place: Place, subject: string, expected: Value, found: Value): boolean {
    const tally = this.#tally(check);
    tally.items += 1;
    if (expected === found || String(expected) === String(found)) return true;
    this.#fail(tally, place, subject, String(expected), String(found));
    return false;
  }

  /** Records a difference that is more than two values. */
  fail(check: CheckName, place: Place, subject: string, expected: string, found: string): void {
    const tally = this.#tally(check);
    tally.items += 1;
    this.#fail(tally, place, subject, expected, found);
  }

  /** Adds to a figure that the check reports. */
  add(check: CheckName, figure: string, amount: number | bigint): void {
    const { figures } = this.#tally(check);
    const before = figures.get(figure);
    if (before === undefined) figures.set(figure, amount);
    else if (typeof before === "bigint" || typeof amount === "bigint")
      figures.set(figure, BigInt(before) + BigInt(amount));
    else figures.set(figure, before + amount);
  }

  /** The figure so far. */
  figure(check: CheckName, name: string): number | bigint {
    return this.#tally(check).figures.get(name) ?? 0;
  }

  /** Every check with its figures and failures. */
  checks(): AuditCheck[] {
    return (Object.keys(CHECK_TITLES) as CheckName[]).map((name) => {
      const { items, failureCount, failures, figures } = this.#tally(name);
      return {
        name,
        title: CHECK_TITLES[name],
        passed: failureCount === 0,
        items,
        figures: Object.fromEntries(figures),
        failureCount,
        failures,
      };
    });
  }

  #fail(tally: Tally, place: Place, subject: string, expected: string, found: string): void {
    tally.failureCount += 1;
    if (tally.failures.length >= FAILURES_KEPT) return;
    const where = this.transaction === undefined ? place : { ...place, transaction: this.transaction };
    tally.failures.push({ ...where, subject, expected, found });
  }

  #tally(check: CheckName): Tally {
    let tally = this.#tallies.get(check);
    if (tally === undefined) {
      tally = { items: 0, failureCount: 0, failures: [], figures: new Map() };
      this.#tallies.set(check, tally);
    }
    return tally;
  }
}
