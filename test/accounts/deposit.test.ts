import { expect } from "chai";
import { MaxUint256, Signature } from "ethers";
import hre from "hardhat";
import { BALANCE_CEILING_TICKS } from "../../src/market/meterWord.ts";
import { ticksToBaseUnits } from "../../src/units.ts";
import { deployTestMarket, FIRST_SLOT, type TestMarket, type TestMeter } from "../support/testMarket.ts";

const connection = await hre.network.create();
const { ethers, networkHelpers } = connection;
const S = FIRST_SLOT;

async function deployed(): Promise<{ market: TestMarket; meter: TestMeter; second: TestMeter; elsewhere: TestMeter }> {
  const market = await deployTestMarket(connection);
  const meter = await market.addMeter({ kind: "consumer", balanceTicks: 100n });
  const second = await market.addMeter({ kind: "consumer", site: meter.site, balanceTicks: 0n });
  const elsewhere = await market.addMeter({ kind: "consumer", balanceTicks: 0n });
  await market.fund(market.worker, 1_000n);
  return { market, meter, second, elsewhere };
}

async function load() {
  const parts = await networkHelpers.loadFixture(deployed);
  return {
    ...parts,
    exchange: parts.market.exchange.connect(parts.market.worker),
    asOwner: parts.market.exchange.connect(parts.meter.owner),
    stranger: parts.market.newKey(),
  };
}

async function signPermit(market: TestMarket, ticks: bigint, deadline = MaxUint256): Promise<Signature> {
  const owner = market.worker;
  const spender = await market.exchange.getAddress();
  const names = ["owner:address", "spender:address", "value:uint256", "nonce:uint256", "deadline:uint256"];
  const signature = await owner.signTypedData(
    {
      name: "Joulework Energy Credit",
      version: "1",
      chainId: (await ethers.provider.getNetwork()).chainId,
      verifyingContract: await market.credit.getAddress(),
    },
    { Permit: names.map((field) => ({ name: field.split(":")[0] ?? "", type: field.split(":")[1] ?? "" })) },
    {
      owner: owner.address,
      spender,
      value: ticksToBaseUnits(ticks),
      nonce: await market.credit.nonces(owner.address),
      deadline,
    },
  );
  return Signature.from(signature);
}

describe("money of a meter", () => {
  describe("deposit", () => {
    it("refuses nothing, an address that is no meter, and credits that the caller lacks", async () => {
      const { market, exchange, meter, stranger } = await load();
      await expect(exchange.deposit(meter.address, 0)).to.be.revertedWithCustomError(exchange, "NothingToPay");
      await expect(exchange.deposit(stranger.address, 1))
        .to.be.revertedWithCustomError(exchange, "UnknownMeter")
        .withArgs(stranger.address, 0);
      const held = (await market.credit.balanceOf(market.worker.address)) / 10n ** 9n;
      await expect(exchange.deposit(meter.address, held + 1n)).to.be.revertedWithCustomError(
        market.credit,
        "ERC20InsufficientBalance",
      );
    });

    it("credits any meter from anybody's credits, tick for 1e9 base units", async () => {
      const { market, exchange, meter } = await load();
      const deposit = exchange.deposit(meter.address, 7);
      await expect(deposit).to.changeTokenBalances(
        ethers,
        market.credit,
        [market.worker, exchange],
        [-7_000_000_000n, 7_000_000_000n],
      );
      await expect(deposit)
        .to.emit(exchange, "Deposited")
        .withArgs(meter.address, market.worker.address, 7, await exchange.meterWord(meter.address));
      expect((await market.word(meter)).balanceTicks).to.equal(107n);
    });

    it("fills a balance to its ceiling and not a tick beyond, whatever is asked", async () => {
      const { market, exchange, meter } = await load();
      await market.fund(market.worker, BALANCE_CEILING_TICKS);
      const room = BALANCE_CEILING_TICKS - 100n;
      for (const amount of [room + 1n, 2n ** 64n, MaxUint256]) {
        await expect(exchange.deposit(meter.address, amount))
          .to.be.revertedWithCustomError(exchange, "BalanceOverflow")
          .withArgs(meter.address, 0);
      }
      const before = await market.word(meter);
      await exchange.deposit(meter.address, room);
      expect(await market.word(meter)).to.deep.equal({ ...before, balanceTicks: BALANCE_CEILING_TICKS });
      await expect(exchange.deposit(meter.address, 1)).to.be.revertedWithCustomError(exchange, "BalanceOverflow");
    });
  });

  describe("depositWithPermit", () => {
    it("needs no allowance before", async () => {
      const { market, exchange, meter } = await load();
      await market.credit.connect(market.worker).approve(exchange, 0);
      const { v, r, s } = await signPermit(market, 9n);
      await exchange.depositWithPermit(meter.address, 9, MaxUint256, v, r, s);
      expect((await market.word(meter)).balanceTicks).to.equal(109n);
      expect(await market.credit.allowance(market.worker.address, exchange)).to.equal(0n);
    });

    it("goes through where somebody has submitted the permit before", async () => {
      const { market, exchange, meter } = await load();
      await market.credit.connect(market.worker).approve(exchange, 0);
      const { v, r, s } = await signPermit(market, 9n);
      await market.credit
        .connect(market.guardian)
        .permit(market.worker.address, exchange, ticksToBaseUnits(9n), MaxUint256, v, r, s);
      await exchange.depositWithPermit(meter.address, 9, MaxUint256, v, r, s);
      expect((await market.word(meter)).balanceTicks).to.equal(109n);
    });

    it("refuses a permit that gives no allowance", async () => {
      const { market, exchange, meter } = await load();
      await market.credit.connect(market.worker).approve(exchange, 0);
      const small = await signPermit(market, 8n);
      await expect(
        exchange.depositWithPermit(meter.address, 9, MaxUint256, small.v, small.r, small.s),
      ).to.be.revertedWithCustomError(market.credit, "ERC20InsufficientAllowance");
      const late = await signPermit(market, 9n, 1n);
      await expect(
        exchange.depositWithPermit(meter.address, 9, 1n, late.v, late.r, late.s),
      ).to.be.revertedWithCustomError(market.credit, "ERC20InsufficientAllowance");
    });

    it("takes nothing from anybody but the caller", async () => {
      const { market, exchange, meter } = await load();
      const { v, r, s } = await signPermit(market, 9n);
      await expect(
        exchange.connect(market.guardian).depositWithPermit(meter.address, 9, MaxUint256, v, r, s),
      ).to.be.revertedWithCustomError(market.credit, "ERC20InsufficientAllowance");
    });
  });

  describe("moveBalance", () => {
    it("refuses everybody but the owner, and meters that do not exist", async () => {
      const { market, exchange, meter, second, stranger } = await load();
      for (const caller of [market.worker, market.registrar, market.governor]) {
        await expect(exchange.connect(caller).moveBalance(meter.address, second.address, 1))
          .to.be.revertedWithCustomError(exchange, "NotEntitled")
          .withArgs(caller.address);
      }
      await expect(exchange.moveBalance(stranger.address, second.address, 1))
        .to.be.revertedWithCustomError(exchange, "UnknownMeter")
        .withArgs(stranger.address, 0);
    });

    it("refuses a meter of another site, the meter itself, a retired one, and more than is there", async () => {
      const { market, asOwner, meter, second, elsewhere } = await load();
      for (const to of [elsewhere.address, meter.address]) {
        await expect(asOwner.moveBalance(meter.address, to, 1))
          .to.be.revertedWithCustomError(asOwner, "UnknownMeter")
          .withArgs(to, 0);
      }
      await expect(asOwner.moveBalance(meter.address, second.address, 101))
        .to.be.revertedWithCustomError(asOwner, "AmountTooLarge")
        .withArgs(101, 100);
      await asOwner.connect(market.registrar).retireMeter(second.address);
      await expect(asOwner.moveBalance(meter.address, second.address, 1))
        .to.be.revertedWithCustomError(asOwner, "UnknownMeter")
        .withArgs(second.address, 0);
    });

    it("refuses beyond the ceiling of the other meter", async () => {
      const { market, exchange, asOwner, meter, second } = await load();
      await market.fund(market.worker, BALANCE_CEILING_TICKS);
      await exchange.deposit(second.address, BALANCE_CEILING_TICKS - 99n);
      await expect(asOwner.moveBalance(meter.address, second.address, 100))
        .to.be.revertedWithCustomError(asOwner, "BalanceOverflow")
        .withArgs(second.address, 0);
      await asOwner.moveBalance(meter.address, second.address, 99);
      expect((await market.word(second)).balanceTicks).to.equal(BALANCE_CEILING_TICKS);
    });

    it("moves, and no token moves with it", async () => {
      const { market, asOwner, meter, second } = await load();
      const moved = asOwner.moveBalance(meter.address, second.address, 60);
      await expect(moved).to.changeTokenBalance(ethers, market.credit, asOwner, 0n);
      await expect(moved)
        .to.emit(asOwner, "BalanceMoved")
        .withArgs(
          meter.address,
          second.address,
          60,
          await asOwner.meterWord(meter.address),
          await asOwner.meterWord(second.address),
        );
      expect((await market.word(meter)).balanceTicks).to.equal(40n);
      expect((await market.word(second)).balanceTicks).to.equal(60n);
    });

    it("pays the site's debt first, and refuses while debt remains", async () => {
      const { market, asOwner, meter, second } = await load();
      await market.at(S + 1, 1);
      await market.settleFlows(S, [{ meter: second, importWh: 1 }]);
      await expect(asOwner.moveBalance(meter.address, second.address, 1))
        .to.be.revertedWithCustomError(asOwner, "SiteIndebted")
        .withArgs(meter.site, 300_000 - 100);
      await asOwner.connect(market.worker).deposit(meter.address, 1_000);
      await market.fund(market.worker, 300_000n);
      await asOwner.connect(market.worker).deposit(meter.address, 300_000 - 100);
      await expect(asOwner.moveBalance(meter.address, second.address, 1_000))
        .to.emit(asOwner, "BalanceSeized")
        .to.emit(asOwner, "BalanceMoved");
      expect((await market.word(second)).balanceTicks).to.equal(1_000n);
      expect((await asOwner.siteInfo(meter.site)).debtTicks).to.equal(0n);
    });
  });
});
