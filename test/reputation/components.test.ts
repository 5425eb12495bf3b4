import { expect } from "chai";
import hre from "hardhat";
import { advanceComponent, decayComponent } from "../../src/game/components.ts";
import { contributionSample } from "../../src/game/samples.ts";
import { DEFAULT_TIER_RULES, tierOfScore } from "../../src/game/tiers.ts";
import { Choices, fuzzRuns } from "../differential/random.ts";
import type { ComponentsHarness } from "../../typechain-types/index.ts";

const NO_SAMPLE = 2 ** 24 - 1;

describe("the components of reputation", () => {
  let harness: ComponentsHarness;
  before(async () => {
    const { ethers } = await hre.network.create();
    harness = await ethers.deployContract("ComponentsHarness");
  });

  /** What contract and twin both say. */
  async function decayed(component: number, days: number): Promise<number> {
    const found = Number(await harness.decay(component, days));
    expect(decayComponent(component, days)).to.equal(found);
    return found;
  }

  async function advanced(component: number, elapsed: number, sample?: number): Promise<number> {
    const found = Number(await harness.advance(component, elapsed, sample ?? NO_SAMPLE));
    expect(advanceComponent(component, elapsed, sample)).to.equal(found);
    return found;
  }

  describe("decay", () => {
    it("takes half of the distance from neutral in 8 days, on both sides", async () => {
      expect(await decayed(900_000, 8)).to.equal(700_000);
      expect(await decayed(100_000, 8)).to.equal(300_000);
      expect(await decayed(900_000, 24)).to.equal(550_000);
    });

    it("takes 2^(-1/8) of the distance a day, whole halvings first", async () => {
      // 400,000 x 0.917004 = 366,801.6; 400,000 / 2 x 0.771105 = 154,221 after 11 days.
      expect(await decayed(900_000, 1)).to.equal(866_801);
      expect(await decayed(900_000, 11)).to.equal(654_221);
      expect(await decayed(100_000, 1)).to.equal(133_199);
    });

    it("leaves neutral where it is, and everything at neutral in the end", async () => {
      expect(await decayed(500_000, 3)).to.equal(500_000);
      expect(await decayed(1_000_000, 159)).to.equal(500_000);
      expect(await decayed(0, 159)).to.equal(500_000);
      expect(await decayed(0, 160)).to.equal(500_000);
      expect(await decayed(1_000_000, 16_000_000)).to.equal(500_000);
    });

    it("follows the exponential to a ppm or two, whatever the day", () => {
      for (let day = 0; day <= 200; ++day) {
        const exact = 500_000 + 500_000 * 2 ** (-day / 8);
        expect(Math.abs(decayComponent(1_000_000, day) - exact)).to.be.lessThan(2);
      }
    });
  });

  describe("a sample", () => {
    it("pulls by a quarter, rounded toward where the component was", async () => {
      expect(await advanced(500_000, 1, 1_000_000)).to.equal(625_000);
      expect(await advanced(625_000, 1, 0)).to.equal(468_750);
      expect(await advanced(999_998, 1, 1_000_000)).to.equal(999_998);
      expect(await advanced(3, 1, 0)).to.equal(3);
    });

    it("counts after the idle days before it", async () => {
      // 8 idle days take 900,000 to 700,000; then (1,000,000 - 700,000) / 4.
      expect(await advanced(900_000, 9, 1_000_000)).to.equal(775_000);
      expect(await advanced(900_000, 9)).to.equal(await decayed(900_000, 9));
    });
  });

  describe("contribution", () => {
    it("starts at neutral and is full at two slots of rated power", async () => {
      for (const [flexibleWh, sample] of [
        [1, 500_250],
        [1_000, 750_000],
        [1_999, 999_750],
        [2_000, 1_000_000],
        [90_000, 1_000_000],
      ] as const) {
        expect(Number(await harness.contribution(flexibleWh, 1_000))).to.equal(sample);
        expect(contributionSample(flexibleWh, 1_000)).to.equal(sample);
      }
    });

    it("has no sample without flexible energy, or without a meter", async () => {
      for (const [flexibleWh, ratedWh] of [
        [0, 1_000],
        [5, 0],
      ] as const) {
        expect(Number(await harness.contribution(flexibleWh, ratedWh))).to.equal(NO_SAMPLE);
        expect(contributionSample(flexibleWh, ratedWh)).to.equal(undefined);
      }
    });
  });

  describe("tiers", () => {
    async function tier(score: number, held: number): Promise<number> {
      const found = Number(await harness.tierOf(score, held, DEFAULT_TIER_RULES));
      expect(tierOfScore(score, held, DEFAULT_TIER_RULES)).to.equal(found);
      return found;
    }

    it("begin at their thresholds", async () => {
      const scores = [549_999, 550_000, 619_999, 620_000, 699_999, 700_000, 799_999, 800_000, 1_000_000];
      const tiers = [];
      for (const score of scores) tiers.push(await tier(score, 0));
      expect(tiers).to.deep.equal([0, 1, 1, 2, 2, 3, 3, 4, 4]);
    });

    it("are kept until the score is more than the hysteresis below", async () => {
      expect(await tier(780_000, 4)).to.equal(4);
      expect(await tier(779_999, 4)).to.equal(3);
      expect(await tier(530_000, 1)).to.equal(1);
      expect(await tier(529_999, 1)).to.equal(0);
    });

    it("fall and rise over several at once", async () => {
      expect(await tier(610_000, 4)).to.equal(2);
      expect(await tier(0, 4)).to.equal(0);
      expect(await tier(810_000, 1)).to.equal(4);
    });

    it("do not flicker while a score moves within the hysteresis", async () => {
      let held = 0;
      let changes = 0;
      for (const score of [619_000, 620_000, 605_000, 621_000, 600_000, 620_000, 619_999]) {
        const next = await tier(score, held);
        if (next !== held) ++changes;
        held = next;
      }
      expect(held).to.equal(2);
      expect(changes).to.equal(2);
    });
  });

  it("are the same in contract and twin, and bounded, for any component, days, sample and tier", async () => {
    const choices = new Choices("components of reputation");
    for (let run = 0; run < fuzzRuns(8); ++run) {
      const component = choices.whole(0, 1_000_000);
      const sample = choices.chance(0.3) ? undefined : choices.whole(0, 1_000_000);
      const next = await advanced(component, choices.whole(1, choices.chance(0.5) ? 20 : 200), sample);
      expect(next).to.be.within(0, 1_000_000);
      const tier2Ppm = 560_000 + choices.whole(0, 1_000);
      const rules = { ...DEFAULT_TIER_RULES, tier2Ppm, hysteresisPpm: choices.whole(0, 49_999) };
      const edge = choices.of([550_000, tier2Ppm, 700_000, 800_000]);
      const held = choices.whole(0, 4);
      const score = choices.chance(0.5) ? next : edge - choices.whole(-1, rules.hysteresisPpm + 1);
      expect(tierOfScore(score, held, rules)).to.equal(Number(await harness.tierOf(score, held, rules)));
    }
  });
});
