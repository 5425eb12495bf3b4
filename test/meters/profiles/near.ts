/** For `satisfy`: within `delta` of `expected`. Hardhat's matchers make `closeTo` refuse fractions. */
export function near(expected: number, delta: number): (actual: number) => boolean {
  return (actual) => Math.abs(actual - expected) <= delta;
}
