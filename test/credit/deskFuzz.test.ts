import { expect } from "chai";
import { MaxUint256 } from "ethers";
import fc from "fast-check";
import hre from "hardhat";
import { deployDesk } from "./givenDesk.ts";

const connection = await hre.network.create();
const { networkHelpers } = connection;

const RUNS = 60;
const SEED = 20250621;
const desk = () => deployDesk(connection, 18);

/** Prices from a base unit to 10^24 of them, the redeem price not above the sell price; amounts up to 10^9 credits. */
const prices = fc
  .tuple(fc.bigInt(1n, 10n ** 24n), fc.bigInt(1n, 10n ** 24n))
  .map(([one, other]) => (one < other ? { redeem: one, sell: other } : { redeem: other, sell: one }));
const amount = fc.oneof(fc.bigInt(1n, 10n ** 18n), fc.bigInt(1n, 10n ** 27n));

/** The largest whole number whose double-checked product does not exceed a quotient, found by long division in decimal. */
function floorOfQuotient(dividend: bigint, divisor: bigint): bigint {
  let [quotient, rest] = [0n, 0n];
  for (const digit of dividend.toString()) {
    rest = rest * 10n + BigInt(digit);
    let times = 0n;
    while (rest >= divisor) {
      rest -= divisor;
      ++times;
    }
    quotient = quotient * 10n + times;
  }
  return quotient;
}

describe("the desk's arithmetic, over random prices and amounts", () => {
  it("sells rounded up, redeems rounded down, and the difference stays with the desk", async () => {
    const property = fc.asyncProperty(prices, amount, async ({ redeem, sell }, credits) => {
      const { desk: fresh, token, credit, governor, alice } = await networkHelpers.loadFixture(desk);
      await token.mint(alice.address, 10n ** 60n);
      await fresh.connect(governor).setPrices(sell, redeem);
      const paid = await fresh.connect(alice).buy.staticCall(alice.address, credits, MaxUint256);
      // Rounded up: the payment covers the credits, and one base unit less would not.
      expect(paid * 10n ** 18n >= credits * sell && (paid - 1n) * 10n ** 18n < credits * sell).to.equal(true);
      await fresh.connect(alice).buy(alice.address, credits, paid);
      expect(await fresh.backing()).to.be.gte(await credit.totalSupply());

      const worth = floorOfQuotient(credits * redeem, 10n ** 18n);
      if (worth === 0n) {
        await expect(fresh.connect(alice).redeem(alice.address, credits, 0n)).to.be.revertedWithCustomError(
          fresh,
          "ZeroAmount",
        );
        return;
      }
      const before = await token.balanceOf(alice.address);
      await fresh.connect(alice).redeem(alice.address, credits, worth);
      expect((await token.balanceOf(alice.address)) - before).to.equal(worth);
      expect(await fresh.funds()).to.equal(paid - worth);
      expect(paid).to.be.gte(worth);
    });
    await fc.assert(property, { numRuns: RUNS, seed: SEED });
  });

  it("gains nobody anything by queuing in pieces, at any price", async () => {
    const property = fc.asyncProperty(
      prices,
      fc.array(fc.bigInt(10n ** 18n, 10n ** 22n), { minLength: 2, maxLength: 5 }),
      async ({ redeem, sell }, pieces) => {
        const { desk: fresh, credit, token, governor, grid, alice } = await networkHelpers.loadFixture(desk);
        await fresh.connect(governor).setPrices(sell, redeem);
        const all = pieces.reduce((sum, piece) => sum + piece, 0n);
        await token.mint(alice.address, 10n ** 60n);
        await fresh.connect(alice).buy(alice.address, all, MaxUint256);
        const funds = await fresh.funds();
        await fresh.connect(grid).setCreditLine(all);
        await fresh.connect(grid).withdrawPledge(grid.address, funds);
        for (const piece of pieces) {
          if ((piece * redeem) / 10n ** 18n > 0n) await fresh.connect(alice).redeemOrQueue(alice.address, piece, 0n);
          expect(await fresh.backing()).to.be.gte(await credit.totalSupply());
        }
        expect(await fresh.owed()).to.be.lte(floorOfQuotient(all * redeem, 10n ** 18n));
      },
    );
    await fc.assert(property, { numRuns: RUNS / 2, seed: SEED });
  });
});
