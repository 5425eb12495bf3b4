import { expect } from "chai";
import { MaxUint256, ZeroAddress } from "ethers";
import hre from "hardhat";
import { BALANCE_CEILING_TICKS } from "../../src/market/meterWord.ts";
import { storeDebt } from "../support/storedWords.ts";
import { deployTestMarket, FIRST_SLOT, LIMITS, type TestMarket, type TestMeter } from "../support/testMarket.ts";

const connection = await hre.network.create();
const { ethers, networkHelpers } = connection;
const S = FIRST_SLOT;
const BASE = 10n ** 9n;
/** Power class 0x34 carries (16 + 4) * 2^(4 + 3) = 2,560 Wh a slot. */
const SLOT_LIMIT_WH = 2_560n;
/** The slot itself, 4 for readings and 96 for inspection. */
const WINDOW = 101n;
const REQUIRED = SLOT_LIMIT_WH * WINDOW * BigInt(LIMITS.exportCapPrice);

async function deployed(): Promise<{ market: TestMarket; meter: TestMeter }> {
  const market = await deployTestMarket(connection);
  const meter = await market.addMeter({ kind: "prosumer", balanceTicks: 0n, bonded: false });
  await market.fund(market.worker, 2n * REQUIRED);
  return { market, meter };
}

async function load() {
  const { market, meter } = await networkHelpers.loadFixture(deployed);
  const bonded = async () => (await market.word(meter)).flags.bonded;
  return {
    market,
    meter,
    bonded,
    exchange: market.exchange.connect(market.worker),
    asOwner: market.exchange.connect(meter.owner),
  };
}

describe("bond of a site", () => {
  describe("requiredBond", () => {
    it("is rated power times the whole time until exports are beyond inspection, at the export cap", async () => {
      const { exchange, meter } = await load();
      expect(await exchange.requiredBond(meter.site)).to.equal(REQUIRED);
      expect((await exchange.siteInfo(meter.site)).requiredBondTicks).to.equal(REQUIRED);
      expect(await exchange.requiredBond(99)).to.equal(0n);
    });

    it("is two slots at the cap price and the highest network charge where exports are worth next to nothing", async () => {
      const { market, exchange } = await load();
      const limits = { ...LIMITS, floorPrice: 0, exportCapPrice: 100 };
      const { network, levy, fee, season } = (await exchange.zoneInfo(1)).accounts;
      await market.exchange.connect(market.registrar).createZone(
        2,
        limits,
        {
          fromSlot: 0,
          importPrice: 300_000,
          exportPrice: 100,
          feePpm: 0,
          networkLocalPrice: 0,
          networkGridPrice: 0,
          levyPrice: 0,
          slopePpm: 0,
          rule: 0,
        },
        { network, levy, fee, season },
      );
      const meter = await market.addMeter({ kind: "producer", source: "wind", zone: 2, bonded: false });
      expect(await exchange.requiredBond(meter.site)).to.equal(
        SLOT_LIMIT_WH * 2n * (BigInt(LIMITS.capPrice) + 1_000_000n),
      );
    });

    it("counts exporting meters only", async () => {
      const { market, exchange, meter } = await load();
      await market.addMeter({ kind: "consumer", site: meter.site });
      expect(await exchange.requiredBond(meter.site)).to.equal(REQUIRED);
      await market.addMeter({ kind: "producer", source: "solar", site: meter.site, bonded: false });
      expect(await exchange.requiredBond(meter.site)).to.equal(2n * REQUIRED);
    });
  });

  describe("postBond", () => {
    it("refuses a site that does not exist, nothing, more than fits, and credits that the caller lacks", async () => {
      const { market, exchange, meter } = await load();
      await expect(exchange.postBond(99, 1)).to.be.revertedWithCustomError(exchange, "UnknownSite").withArgs(99);
      await expect(exchange.postBond(meter.site, 0)).to.be.revertedWithCustomError(exchange, "NothingToPay");
      for (const amount of [BALANCE_CEILING_TICKS + 1n, MaxUint256]) {
        await expect(exchange.postBond(meter.site, amount))
          .to.be.revertedWithCustomError(exchange, "AmountTooLarge")
          .withArgs(amount, BALANCE_CEILING_TICKS);
      }
      await expect(exchange.postBond(meter.site, 3n * REQUIRED)).to.be.revertedWithCustomError(
        market.credit,
        "ERC20InsufficientBalance",
      );
    });

    it("bonds the meters of the site at exactly what is required", async () => {
      const { market, exchange, meter, bonded } = await load();
      const posted = exchange.postBond(meter.site, REQUIRED - 1n);
      await expect(posted).to.changeTokenBalance(ethers, market.credit, exchange, (REQUIRED - 1n) * BASE);
      await expect(posted)
        .to.emit(exchange, "BondPosted")
        .withArgs(meter.site, market.worker.address, REQUIRED - 1n, REQUIRED - 1n);
      expect(await bonded()).to.equal(false);
      await expect(exchange.postBond(meter.site, 1)).to.emit(exchange, "MeterSynced");
      expect(await bonded()).to.equal(true);
    });

    it("no longer bonds the meters of a site at which another exporting meter is registered", async () => {
      const { market, exchange, meter, bonded } = await load();
      await exchange.postBond(meter.site, REQUIRED);
      expect(await bonded()).to.equal(true);
      // A meter that may not export asks for no bond.
      await market.addMeter({ kind: "consumer", site: meter.site, balanceTicks: 0n });
      expect(await bonded()).to.equal(true);
      const next = await market.addMeter({ kind: "producer", source: "solar", site: meter.site, bonded: false });
      expect([await bonded(), (await market.word(next)).flags.bonded]).to.deep.equal([false, false]);
      await exchange.postBond(meter.site, REQUIRED);
      expect([await bonded(), (await market.word(next)).flags.bonded]).to.deep.equal([true, true]);
    });

    it("never bonds a meter that may not export", async () => {
      const { market, exchange, meter } = await load();
      const consumer = await market.addMeter({ kind: "consumer", site: meter.site });
      await exchange.postBond(meter.site, REQUIRED);
      expect((await market.word(consumer)).flags.bonded).to.equal(false);
    });

    it("takes the largest post there is, again and again, but no bond beyond its 64 bits", async () => {
      const { market, exchange, meter } = await load();
      const most = 2n ** 64n - 1n;
      const fitting = most / BALANCE_CEILING_TICKS;
      await market.fund(market.worker, (fitting + 1n) * BALANCE_CEILING_TICKS);
      for (let i = 0n; i < fitting; ++i) await exchange.postBond(meter.site, BALANCE_CEILING_TICKS);
      const held = await market.credit.balanceOf(market.worker.address);
      await expect(exchange.postBond(meter.site, BALANCE_CEILING_TICKS)).to.be.revertedWithPanic(0x11);
      expect(await market.credit.balanceOf(market.worker.address)).to.equal(held);
      await exchange.postBond(meter.site, most - fitting * BALANCE_CEILING_TICKS);
      const site = await exchange.siteInfo(meter.site);
      expect([site.bondTicks, site.debtTicks, site.unbondingTicks]).to.deep.equal([most, 0n, 0n]);
    });
  });

  describe("requestUnbond", () => {
    it("refuses everybody but the owner, a site that does not exist, and more than the bond", async () => {
      const { market, exchange, asOwner, meter } = await load();
      await exchange.postBond(meter.site, REQUIRED);
      for (const caller of [market.worker, market.registrar, market.grid, market.governor]) {
        await expect(exchange.connect(caller).requestUnbond(meter.site, 1))
          .to.be.revertedWithCustomError(exchange, "NotEntitled")
          .withArgs(caller.address);
      }
      await expect(asOwner.requestUnbond(99, 1)).to.be.revertedWithCustomError(asOwner, "UnknownSite").withArgs(99);
      await expect(asOwner.requestUnbond(meter.site, REQUIRED + 1n))
        .to.be.revertedWithCustomError(asOwner, "AmountTooLarge")
        .withArgs(REQUIRED + 1n, REQUIRED);
    });

    it("stops counting at once, and counts again when the request is withdrawn", async () => {
      const { market, exchange, asOwner, meter, bonded } = await load();
      await exchange.postBond(meter.site, REQUIRED + 5n);
      await market.at(S, 10);
      await expect(asOwner.requestUnbond(meter.site, 5))
        .to.emit(asOwner, "UnbondRequested")
        .withArgs(meter.site, 5, S + 128);
      expect(await bonded()).to.equal(true);
      await asOwner.requestUnbond(meter.site, 6);
      expect(await bonded()).to.equal(false);
      expect((await asOwner.siteInfo(meter.site)).unbondingTicks).to.equal(6n);
      await asOwner.requestUnbond(meter.site, 0);
      expect(await bonded()).to.equal(true);
    });

    it("stays liable: what cannot be paid is burned from the bond on its way out", async () => {
      const { market, exchange, asOwner, meter } = await load();
      await exchange.postBond(meter.site, 40_000_000n);
      await asOwner.requestUnbond(meter.site, 40_000_000n);
      await market.at(S + 1, 1);
      const settled = await market.settleFlows(S, [{ meter, importWh: 100 }]);
      await expect(settled).to.emit(exchange, "DebtIncurred").withArgs(meter.site, meter.address, 30_000_000n, 0, 0);
      await market.at(S + 128, 0);
      await exchange.close(1, S, []);
      await expect(asOwner.collectBond(meter.site, meter.owner.address))
        .to.emit(exchange, "BondCollected")
        .withArgs(meter.site, meter.owner.address, 10_000_000n, 0);
    });
  });

  describe("collectBond", () => {
    it("refuses everybody but the owner, the address zero, and where nothing was asked back", async () => {
      const { market, exchange, asOwner, meter } = await load();
      await exchange.postBond(meter.site, REQUIRED);
      await expect(exchange.collectBond(meter.site, market.worker.address))
        .to.be.revertedWithCustomError(exchange, "NotEntitled")
        .withArgs(market.worker.address);
      await expect(asOwner.collectBond(meter.site, ZeroAddress))
        .to.be.revertedWithCustomError(asOwner, "BadParameter")
        .withArgs(ethers.encodeBytes32String("to"), 0);
      await expect(asOwner.collectBond(meter.site, meter.owner.address)).to.be.revertedWithCustomError(
        asOwner,
        "NothingToPay",
      );
      await expect(asOwner.collectBond(99, meter.owner.address))
        .to.be.revertedWithCustomError(asOwner, "UnknownSite")
        .withArgs(99);
    });

    it("refuses for 128 slots, and until the slot of the request is closed", async () => {
      const { market, exchange, asOwner, meter } = await load();
      await exchange.postBond(meter.site, REQUIRED);
      await asOwner.requestUnbond(meter.site, REQUIRED);
      await market.at(S + 128, -1);
      await expect(asOwner.collectBond(meter.site, meter.owner.address))
        .to.be.revertedWithCustomError(asOwner, "NotMature")
        .withArgs(S + 128, S + 127);
      await market.at(S + 128, 0);
      await expect(asOwner.collectBond(meter.site, meter.owner.address))
        .to.be.revertedWithCustomError(asOwner, "NotMature")
        .withArgs(S, S - 21);
      await exchange.passOver(1, S);
      await asOwner.collectBond(meter.site, meter.owner.address);
    });

    it("pays what was asked back, once, and leaves the rest", async () => {
      const { market, exchange, asOwner, meter, bonded } = await load();
      await exchange.postBond(meter.site, REQUIRED + 9n);
      await asOwner.requestUnbond(meter.site, 9);
      await market.at(S + 128, 0);
      await exchange.passOver(1, S);
      const to = market.inspector.address;
      await expect(asOwner.collectBond(meter.site, to)).to.changeTokenBalances(
        ethers,
        market.credit,
        [to, exchange],
        [9n * BASE, -9n * BASE],
      );
      const site = await exchange.siteInfo(meter.site);
      expect([site.bondTicks, site.unbondingTicks]).to.deep.equal([REQUIRED, 0n]);
      expect(await bonded()).to.equal(true);
      await expect(asOwner.collectBond(meter.site, to)).to.be.revertedWithCustomError(asOwner, "NothingToPay");
    });

    it("pays nothing where the debt of the site takes all of it", async () => {
      const { market, exchange, asOwner, meter } = await load();
      await exchange.postBond(meter.site, 50_000_000n);
      await asOwner.requestUnbond(meter.site, 20_000_000n);
      await market.at(S + 128, 0);
      await exchange.passOver(1, S);
      await storeDebt(market, meter.site, 50_000_000n);
      await expect(asOwner.collectBond(meter.site, meter.owner.address)).to.be.revertedWithCustomError(
        asOwner,
        "NothingToPay",
      );
      // One tick less, and that one is paid.
      await storeDebt(market, meter.site, 49_999_999n);
      await expect(asOwner.collectBond(meter.site, meter.owner.address))
        .to.emit(asOwner, "BondCollected")
        .withArgs(meter.site, meter.owner.address, 1, 0);
    });

    it("pays the debt of the site first", async () => {
      const { market, exchange, asOwner, meter } = await load();
      await market.at(S + 1, 1);
      await market.settleFlows(S, [{ meter, importWh: 100 }]);
      await exchange.postBond(meter.site, 50_000_000n);
      await asOwner.requestUnbond(meter.site, 50_000_000n);
      await market.at(S + 129, 0);
      await exchange.close(1, S, []);
      await exchange.passOver(1, S + 1);
      const supply = await market.credit.totalSupply();
      const collected = asOwner.collectBond(meter.site, meter.owner.address);
      await expect(collected).to.emit(asOwner, "DebtRepaid").withArgs(meter.site, ZeroAddress, 30_000_000n, 0);
      await expect(collected).to.changeTokenBalance(ethers, market.credit, meter.owner, 20_000_000n * BASE);
      expect(await market.credit.totalSupply()).to.equal(supply - 30_000_000n * BASE);
      expect((await market.word(meter)).flags.indebted).to.equal(false);
    });
  });
});
