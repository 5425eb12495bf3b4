import { expect } from "chai";
import { MaxUint256 } from "ethers";
import hre from "hardhat";
import { deployTestMarket, type TestMarket } from "../support/testMarket.ts";

const connection = await hre.network.create();
const { ethers, networkHelpers } = connection;

const CREDIT = 10n ** 18n;
/** The test desk sells and redeems at 0.30 of a token with six decimals. */
const PRICE = 300_000n;

async function deployed(): Promise<TestMarket> {
  const market = await deployTestMarket(connection, { creditLineTicks: 0n });
  await market.token.mint(market.worker.address, 10n ** 12n);
  await market.token.connect(market.worker).approve(market.desk, MaxUint256);
  return market;
}

async function withoutMeters() {
  const market = await networkHelpers.loadFixture(deployed);
  const { desk, token, credit, worker, grid, governor } = market;
  return { market, desk: desk.connect(worker), token, credit, worker, grid, governor };
}

async function feeOnTransfer() {
  const market = await networkHelpers.loadFixture(deployed);
  const token = await ethers.deployContract("FeeOnTransferToken");
  const desk = await ethers.deployContract("CreditDesk", [market.credit, token, market.manager, PRICE, PRICE]);
  await token.mint(market.worker.address, 10n ** 9n);
  await token.connect(market.worker).approve(desk, MaxUint256);
  return { desk: desk.connect(market.worker), token };
}

describe("CreditDesk", () => {
  describe("buy", () => {
    it("refuses an amount of zero", async () => {
      const { desk, worker } = await withoutMeters();
      await expect(desk.buy(worker.address, 0n, MaxUint256)).to.be.revertedWithCustomError(desk, "ZeroAmount");
    });

    it("refuses to take more than the caller accepts", async () => {
      const { desk, worker } = await withoutMeters();
      await expect(desk.buy(worker.address, 10n * CREDIT, 10n * PRICE - 1n))
        .to.be.revertedWithCustomError(desk, "PriceMoved")
        .withArgs(10n * PRICE, 10n * PRICE - 1n);
    });

    it("refuses a token that keeps a fee on transfer", async () => {
      const { desk } = await feeOnTransfer();
      await expect(desk.pledge(10_000n))
        .to.be.revertedWithCustomError(desk, "TransferMismatch")
        .withArgs(10_000n, 9_900n);
      await expect(desk.buy(await desk.getAddress(), CREDIT, MaxUint256))
        .to.be.revertedWithCustomError(desk, "TransferMismatch")
        .withArgs(300_000n, 297_000n);
    });

    it("sells for the price, and the payment backs what it created", async () => {
      const { desk, token, credit, worker, grid } = await withoutMeters();
      const funds = await desk.funds();
      const sale = desk.buy(grid.address, 10n * CREDIT, 10n * PRICE);
      await expect(sale)
        .to.emit(desk, "CreditsSold")
        .withArgs(worker.address, grid.address, 10n * CREDIT, 10n * PRICE);
      await expect(sale).to.changeTokenBalance(ethers, credit, grid, 10n * CREDIT);
      await expect(sale).to.changeTokenBalances(ethers, token, [worker, desk], [-10n * PRICE, 10n * PRICE]);
      expect(await desk.funds()).to.equal(funds + 10n * PRICE);
      expect(await desk.backing()).to.be.gte(await credit.totalSupply());
    });

    it("rounds the payment up: one base unit of credit costs one base unit of the token", async () => {
      const { desk, worker } = await withoutMeters();
      expect(await desk.buy.staticCall(worker.address, 1n, MaxUint256)).to.equal(1n);
      const exact = CREDIT / PRICE; // 3,333,333,333,333 base units, worth a little less than one
      expect(await desk.buy.staticCall(worker.address, exact, MaxUint256)).to.equal(1n);
      expect(await desk.buy.staticCall(worker.address, exact + 1n, MaxUint256)).to.equal(2n);
    });
  });

  describe("redeem", () => {
    async function withCredits() {
      const parts = await withoutMeters();
      await parts.desk.buy(parts.worker.address, 10n * CREDIT, MaxUint256);
      await parts.credit.connect(parts.worker).approve(parts.desk, MaxUint256);
      return parts;
    }

    it("refuses what is too little to be paid", async () => {
      const { desk, worker } = await withCredits();
      await expect(desk.redeem(worker.address, CREDIT / PRICE, 0n)).to.be.revertedWithCustomError(desk, "ZeroAmount");
    });

    it("refuses to pay less than the caller accepts", async () => {
      const { desk, worker } = await withCredits();
      await expect(desk.redeem(worker.address, CREDIT, PRICE + 1n))
        .to.be.revertedWithCustomError(desk, "PriceMoved")
        .withArgs(PRICE, PRICE + 1n);
    });

    it("refuses more than its funds, donations not counted", async () => {
      const { desk, market, token, worker, grid } = await withCredits();
      const funds = await desk.funds();
      await market.desk.connect(grid).setCreditLine(10n ** 30n);
      await market.desk.connect(grid).withdrawPledge(grid.address, funds);
      await token.mint(await desk.getAddress(), 10n ** 12n);
      expect(await desk.funds()).to.equal(0n);
      await expect(desk.redeem(worker.address, CREDIT, 0n))
        .to.be.revertedWithCustomError(desk, "FundsShort")
        .withArgs(PRICE, 0n);
    });

    it("refuses credits that the caller does not have", async () => {
      const { desk, credit, worker } = await withCredits();
      await expect(desk.redeem(worker.address, 11n * CREDIT, 0n)).to.be.revertedWithCustomError(
        credit,
        "ERC20InsufficientBalance",
      );
    });

    it("destroys the credits and pays, rounded down", async () => {
      const { desk, token, credit, worker, grid } = await withCredits();
      const amount = 2n * CREDIT + CREDIT / PRICE; // the odd part is worth less than a base unit
      const supply = await credit.totalSupply();
      const redemption = desk.redeem(grid.address, amount, 2n * PRICE);
      await expect(redemption)
        .to.emit(desk, "CreditsRedeemed")
        .withArgs(worker.address, grid.address, amount, 2n * PRICE);
      await expect(redemption).to.changeTokenBalances(ethers, token, [desk, grid], [-2n * PRICE, 2n * PRICE]);
      expect(await credit.totalSupply()).to.equal(supply - amount);
      expect(await desk.backing()).to.be.gte(await credit.totalSupply());
    });

    it("never gains anybody anything by buying and redeeming in small pieces", async () => {
      const { desk, token, credit, worker } = await withCredits();
      const before = await token.balanceOf(worker.address);
      const credits = await credit.balanceOf(worker.address);
      for (const amount of [CREDIT / PRICE + 1n, CREDIT / 7n, 4_999_999_999_999n]) {
        await desk.buy(worker.address, amount, MaxUint256);
        await desk.redeem(worker.address, amount, 0n);
      }
      expect(await credit.balanceOf(worker.address)).to.equal(credits);
      expect(await token.balanceOf(worker.address)).to.be.lt(before);
    });
  });

  describe("pledge and withdrawPledge", () => {
    it("refuses a pledge of nothing", async () => {
      const { desk } = await withoutMeters();
      await expect(desk.pledge(0n)).to.be.revertedWithCustomError(desk, "ZeroAmount");
    });

    it("raises backing and headroom by what the pledge is worth at the redeem price", async () => {
      const { desk, worker } = await withoutMeters();
      const [funds, backing, headroom] = [await desk.funds(), await desk.backing(), await desk.headroomTicks()];
      await expect(desk.pledge(9n * PRICE))
        .to.emit(desk, "PledgeChanged")
        .withArgs(worker.address, 9n * PRICE, funds + 9n * PRICE);
      expect(await desk.backing()).to.equal(backing + 9n * CREDIT);
      expect(await desk.headroomTicks()).to.equal(headroom + 9n * 10n ** 9n);
    });

    it("refuses to take back more than is there", async () => {
      const { market, desk, grid } = await withoutMeters();
      const funds = await desk.funds();
      await expect(market.desk.connect(grid).withdrawPledge(grid.address, funds + 1n))
        .to.be.revertedWithCustomError(desk, "FundsShort")
        .withArgs(funds + 1n, funds);
    });

    it("refuses to take back what backs credits in circulation", async () => {
      const { market, desk, grid, credit } = await withoutMeters();
      const pledged = 9n * PRICE;
      await desk.pledge(pledged);
      // Sales were rounded up, so a little more than the pledge may be free.
      const free = (await desk.funds()) - ((await credit.totalSupply()) * PRICE + CREDIT - 1n) / CREDIT;
      await expect(market.desk.connect(grid).withdrawPledge(grid.address, free + 1n)).to.be.revertedWithCustomError(
        desk,
        "Unbacked",
      );
      await expect(market.desk.connect(grid).withdrawPledge(grid.address, free)).to.changeTokenBalance(
        ethers,
        market.token,
        grid,
        free,
      );
      expect(await desk.backing()).to.be.gte(await credit.totalSupply());
    });
  });

  describe("setCreditLine", () => {
    it("refuses to leave credits without backing", async () => {
      const { market, desk, grid, credit } = await withoutMeters();
      const asGrid = market.desk.connect(grid);
      await asGrid.setCreditLine(10n ** 30n);
      await asGrid.withdrawPledge(grid.address, await desk.funds());
      const supply = await credit.totalSupply();
      await expect(asGrid.setCreditLine(supply - 1n))
        .to.be.revertedWithCustomError(desk, "Unbacked")
        .withArgs(supply, supply - 1n);
      await expect(asGrid.setCreditLine(supply)).to.emit(desk, "CreditLineSet").withArgs(supply);
      expect(await desk.headroomTicks()).to.equal(0n);
    });

    it("counts headroom in whole ticks, rounded down", async () => {
      const { market, desk, grid } = await withoutMeters();
      const spare = (await desk.backing()) - (await market.credit.totalSupply());
      const line = 5n * 10n ** 9n - (spare % 10n ** 9n);
      await market.desk.connect(grid).setCreditLine(line);
      const exact = await desk.headroomTicks();
      await market.desk.connect(grid).setCreditLine(line - 1n);
      expect(await desk.headroomTicks()).to.equal(exact - 1n);
    });

    it("takes the largest line there is without ever stopping the desk or a settlement", async () => {
      const { market, desk, grid } = await withoutMeters();
      await market.desk.connect(grid).setCreditLine(MaxUint256);
      await desk.pledge(PRICE);
      expect(await desk.backing()).to.equal(MaxUint256);
      const meter = await market.addMeter({ kind: "consumer" });
      await market.at(1_944_961, 1);
      await expect(market.settleFlows(1_944_960, [{ meter, importWh: 10 }])).to.emit(market.exchange, "ReadingSettled");
    });
  });

  describe("setPrices", () => {
    it("refuses a redeem price of zero or above the sell price", async () => {
      const { market, desk, governor } = await withoutMeters();
      const asGovernor = market.desk.connect(governor);
      await expect(asGovernor.setPrices(PRICE, 0n))
        .to.be.revertedWithCustomError(desk, "BadPrices")
        .withArgs(PRICE, 0n);
      await expect(asGovernor.setPrices(PRICE, PRICE + 1n))
        .to.be.revertedWithCustomError(desk, "BadPrices")
        .withArgs(PRICE, PRICE + 1n);
    });

    it("refuses a redeem price at which funds no longer back the credits", async () => {
      const { market, desk, governor } = await withoutMeters();
      await expect(market.desk.connect(governor).setPrices(2n * PRICE, 2n * PRICE)).to.be.revertedWithCustomError(
        desk,
        "Unbacked",
      );
    });

    it("sells and redeems at the new prices", async () => {
      const { market, desk, governor, worker } = await withoutMeters();
      await expect(market.desk.connect(governor).setPrices(2n * PRICE, PRICE / 2n))
        .to.emit(desk, "PricesSet")
        .withArgs(2n * PRICE, PRICE / 2n);
      expect(await desk.buy.staticCall(worker.address, CREDIT, MaxUint256)).to.equal(2n * PRICE);
      await desk.buy(worker.address, CREDIT, MaxUint256);
      await market.credit.connect(worker).approve(desk, MaxUint256);
      expect(await desk.redeem.staticCall(worker.address, CREDIT, 0n)).to.equal(PRICE / 2n);
    });
  });
});
