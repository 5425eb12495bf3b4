import { expect } from "chai";
import fc from "fast-check";
import { FunctionFragment } from "ethers";
import hre from "hardhat";
import { everybodyLeaves } from "./handlers/leaving.ts";
import { buildArena, type Arena } from "./harness/arena.ts";
import { TESTED_ELSEWHERE, unreached, VERBS } from "./harness/reach.ts";
import { Run, type Summary } from "./harness/run.ts";
import { describeSummary, play, steps } from "./harness/sequence.ts";
import { SCENES } from "./scenes/index.ts";

const number = (name: string, otherwise: number): number => Number(process.env[name] ?? otherwise);
const RUNS = number("JOULEWORK_INVARIANT_RUNS", 8);
const LENGTH = number("JOULEWORK_INVARIANT_LENGTH", 200);
/** Sequences from which on chance alone is expected to reach every verb. */
const LIVE_RUNS = 50;
/** Tries to shorten a failing sequence: each plays a whole one, so that without a limit a failure looks like a hang. */
const SHRINKS = number("JOULEWORK_INVARIANT_SHRINKS", 60);
const SEED = number("JOULEWORK_INVARIANT_SEED", 20250621);

/*
 * Random sequences of calls on the deployed exchange. A ghost written by the words of the design predicts for each call
 * whether it goes through, with which error it does not, and the whole state afterwards.
 *
 * To add a verb of the exchange:
 * 1. `ghost/`: a function that changes the `World` as the verb should, and says `refuse("NameOfTheError")` where it must
 *    not go through. New state is a plain field of `World` or of what hangs on it; `harness/arena.ts` gives it its first
 *    value. `harness/chainState.ts` reads it from the chain and `harness/compare.ts` compares the two.
 * 2. `handlers/`: a handler that draws the verb's arguments from five numbers and calls `run.attempt` with them and the
 *    ghost's function; new subjects get a file of their own, which `harness/sequence.ts` spreads into `HANDLERS`.
 *    Mostly draw what may succeed: a verb that is nearly always refused finds nothing.
 * 3. `scenes/`: a scripted sequence in which the verb succeeds, listed in `scenes/index.ts`.
 * 4. `harness/reach.ts`: its name in `VERBS`, and the events and skips that are paths of their own. A verb that no
 *    sequence makes stands in `TESTED_ELSEWHERE` with its tests' folder; a verb in neither list fails the last test here.
 * 5. `harness/invariants.ts`: whatever new money the exchange holds enters `checkMoney`, what takes from a bond `checkBonds`.
 */
describe("invariants of the exchange", function () {
  this.timeout(0);
  const random: Summary = new Map();
  const scripted: Summary = new Map();
  let arena: Arena;
  let restore: () => Promise<void>;

  before(async () => {
    const connection = await hre.network.create();
    arena = await buildArena(connection);
    const snapshot = await connection.networkHelpers.takeSnapshot();
    restore = () => snapshot.restore();
  });

  it("hold after every call of random sequences, each of which goes as the ghost predicts", async () => {
    const sequences = fc.asyncProperty(fc.limitShrink(steps(LENGTH), SHRINKS), async (sequence) => {
      await restore();
      await play(arena, random, sequence);
    });
    await fc.assert(sequences, {
      numRuns: RUNS,
      seed: SEED,
      unbiased: true,
      endOnFailure: SHRINKS === 0,
    });
  });

  for (const { name, play: act } of SCENES) {
    it(`hold in a scripted sequence: ${name}`, async () => {
      await restore();
      const run = await Run.begin(arena, scripted);
      await act(run);
      await everybodyLeaves(run);
    });
  }

  it("are tried by sequences in which every verb succeeds and roles are refused what is not theirs", () => {
    if (process.env.JOULEWORK_INVARIANT_SUMMARY === "1") console.log(describeSummary(random));
    // The scripted sequences reach every corner; those of the proof's size have to do so by chance alone.
    for (const summary of RUNS >= LIVE_RUNS ? [scripted, random] : [scripted]) {
      expect(unreached(summary), describeSummary(summary)).to.deep.equal([]);
    }
    for (const summary of [random, scripted]) expect(summary.get("usurp")?.has("done")).to.not.equal(true);
    expect(scripted.has("usurp")).to.equal(true);
  });

  it("are tried on every verb that the exchange has", () => {
    const verbs = arena.market.exchange.interface.fragments.flatMap((fragment) =>
      fragment instanceof FunctionFragment && !fragment.constant ? [fragment.name] : [],
    );
    // These two are calls of the token and of the desk.
    const ours = new Set([...VERBS.filter((verb) => verb !== "donate" && verb !== "setCreditLine")]);
    expect(verbs.filter((verb) => !ours.has(verb)).sort()).to.deep.equal(Object.keys(TESTED_ELSEWHERE).sort());
    expect([...ours].filter((verb) => !verbs.includes(verb))).to.deep.equal([]);
  });
});
