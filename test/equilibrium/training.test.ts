import { expect } from "chai";
import { measureShirking, TRAINING_COSTS } from "../../src/equilibrium/training.ts";
import { near } from "../meters/profiles/near.ts";

const [LOW = 0, HIGH = 0] = TRAINING_COSTS;
const shirking = (size: number, cost: number) => measureShirking({ size, cost, rounds: 200, seed: 1 });

describe("a worker that trains less than it is told to", () => {
  it("has a fair part of the pool less its cost where it is honest", () => {
    const fair = 1_000_000_000;
    expect(shirking(16, LOW).honestTicks).to.satisfy(near((1 - LOW) * fair, 0.04 * fair));
  });

  // With pay q f^r / (q f^r + rest) of n fair parts the first step less costs r (1 - 1/n) of the pay: for r = 1/2 and many workers, half.
  it("gains where training costs more than half of the pay, and not where it costs far less", () => {
    for (const size of [8, 16]) {
      expect(shirking(size, LOW).informed.share).to.equal(0);
      expect(shirking(size, HIGH).planned.low ?? 0).to.be.greaterThan(0);
    }
  });

  it("plans no copy and no update of zeros, which are paid nothing", () => {
    for (const cost of TRAINING_COSTS) expect(shirking(8, cost).planned.strategy).to.match(/% of the steps$/);
  });
});
