import { evenNoise } from "./noise.ts";
import type { AgentGroup } from "./scenario.ts";

/** Margins that a learner chooses among, as shares of the band: 0, 0.05, ..., 0.35. */
export const MARGINS = 8;
const MARGIN_STEP = 0.05;
/** Of a propensity at the beginning: about what a trade gains, so that the first ones do not decide everything. */
const FIRST_PROPENSITY = 0.3;
/** Told apart from other draws of the same agent and slot. */
const CHOICE_SEED = 0x5bd1e995;

/** Learners and their propensities: learner after learner, one for each margin. */
export interface RothErev {
  /** The learner's row of an agent; -1 = it does not learn in this way. */
  readonly rowOf: Int32Array;
  readonly propensity: Float64Array;
  /** The margin that was chosen last, by its number. */
  readonly choice: Uint8Array;
  readonly experimentation: Float64Array;
}

export function createRothErev(
  count: number,
  groups: readonly Pick<AgentGroup, "strategy">[],
  groupOf: Uint16Array,
): RothErev {
  const rowOf = new Int32Array(count).fill(-1);
  const experimentation: number[] = [];
  for (let agent = 0; agent < count; ++agent) {
    const strategy = groups[groupOf[agent] ?? 0]?.strategy;
    if (strategy?.kind === "roth-erev") rowOf[agent] = experimentation.push(strategy.experimentation) - 1;
  }
  return {
    rowOf,
    propensity: new Float64Array(experimentation.length * MARGINS).fill(FIRST_PROPENSITY),
    choice: new Uint8Array(experimentation.length),
    experimentation: Float64Array.from(experimentation),
  };
}

/** Chooses a margin with a probability in proportion to its propensity, and returns it as a share of the band. */
export function chooseMargin(
  { rowOf, propensity, choice }: RothErev,
  agent: number,
  seed: number,
  slot: number,
): number {
  const row = rowOf[agent] ?? 0;
  const first = row * MARGINS;
  let sum = 0;
  for (let margin = 0; margin < MARGINS; ++margin) sum += propensity[first + margin] ?? 0;
  let left = evenNoise(seed ^ CHOICE_SEED, agent, slot) * sum;
  let chosen = 0;
  while (chosen < MARGINS - 1 && left >= (propensity[first + chosen] ?? 0)) {
    left -= propensity[first + chosen] ?? 0;
    chosen += 1;
  }
  choice[row] = chosen;
  return chosen * MARGIN_STEP;
}

/**
 * What a slot's gain teaches: every propensity forgets `recency` of itself; the chosen margin's rises by (1 - e) of the gain, and each other one's by e / (n - 1) of
 * its own (Roth and Erev, Games and Economic Behavior 8, 1995, as modified by Nicolaisen, Petrov and Tesfatsion, IEEE Transactions on
 * Evolutionary Computation 5, 2001, so that learners whose gain is nothing go on to choose).
 *
 * @param gain Gain of the slot's trade against the backstop price, as a share of the band and of the energy of the order.
 */
export function reinforce(learners: RothErev, agent: number, recency: number, gain: number): void {
  const { rowOf, propensity, choice, experimentation } = learners;
  const row = rowOf[agent] ?? 0;
  const first = row * MARGINS;
  const e = experimentation[row] ?? 0;
  for (let margin = 0; margin < MARGINS; ++margin) {
    const before = propensity[first + margin] ?? 0;
    const learnt = margin === choice[row] ? gain * (1 - e) : (before * e) / (MARGINS - 1);
    propensity[first + margin] = (1 - recency) * before + learnt;
  }
}
