import { expect } from "chai";
import { ZeroAddress } from "ethers";
import hre from "hardhat";
import { storeAccrual } from "../support/storedWords.ts";
import { deployTestMarket, FIRST_SLOT, TERMS, type TestMarket } from "../support/testMarket.ts";

const connection = await hre.network.create();
const { ethers, networkHelpers } = connection;
const S = FIRST_SLOT;
const BASE = 10n ** 9n;

/** A slot in which 800 Wh were traded at 200,000 ticks, settled by the worker. */
async function traded(): Promise<TestMarket> {
  const market = await deployTestMarket(connection);
  const seller = await market.addMeter({ kind: "producer", source: "solar" });
  const buyer = await market.addMeter({ kind: "consumer" });
  await market.clear(S + 1, [
    market.order(seller, S + 1, "offer", 800, 150_000),
    market.order(buyer, S + 1, "bid", 800, 250_000),
  ]);
  await market.at(S + 1, 1);
  await market.settleFlows(S, [{ meter: seller }, { meter: buyer }]);
  await market.at(S + 2, 1);
  await market.settleFlows(S + 1, [
    { meter: seller, exportWh: 800 },
    { meter: buyer, importWh: 900 },
  ]);
  return market;
}

async function load() {
  const market = await networkHelpers.loadFixture(traded);
  return { market, exchange: market.exchange.connect(market.worker) };
}

/** The trading fee of the slot, 1 % of what was traded. */
const FEE = 1_600_000n;

describe("what a slot leaves to others", () => {
  describe("collectEarnings", () => {
    it("refuses who earned nothing, and the address zero", async () => {
      const { market, exchange } = await load();
      await expect(
        exchange.connect(market.guardian).collectEarnings(market.guardian.address),
      ).to.be.revertedWithCustomError(exchange, "NothingToPay");
      await expect(exchange.collectEarnings(ZeroAddress)).to.be.revertedWithCustomError(
        market.credit,
        "ERC20InvalidReceiver",
      );
      expect(await exchange.earned(market.worker.address)).to.be.gt(0n);
    });

    it("shares 40 % of the fee among who cleared and who settled, to the tick", async () => {
      const { market, exchange } = await load();
      const [cleared, settled] = [
        await exchange.earned(market.matcher.address),
        await exchange.earned(market.worker.address),
      ];
      expect(cleared).to.be.gt(0n);
      expect(settled).to.be.gt(0n);
      expect(cleared + settled).to.equal((FEE * 4n) / 10n);
    });

    it("pays nobody for the work on a slot of a zone that takes no trading fee", async () => {
      const market = await deployTestMarket(await hre.network.create());
      const { exchange } = market;
      const seller = await market.addMeter({ kind: "producer", source: "solar" });
      const buyer = await market.addMeter({ kind: "consumer" });
      const free = S + 12;
      await exchange.connect(market.governor).setZoneTerms(1, { ...TERMS, feePpm: 0, fromSlot: free });
      for (let slot = S; slot < free - 1; ++slot) {
        await market.at(slot + 1, 1);
        await market.settleFlows(slot, [{ meter: seller }, { meter: buyer }]);
      }
      await market.clear(free, [
        market.order(seller, free, "offer", 800, 150_000),
        market.order(buyer, free, "bid", 800, 250_000),
      ]);
      expect((await exchange.slotRecord(1, free)).matchedWh).to.equal(800n);
      await market.at(free, 1);
      await market.settleFlows(free - 1, [{ meter: seller }, { meter: buyer }]);
      await market.at(free + 1, 1);
      const settled = await market.settleFlows(free, [
        { meter: seller, exportWh: 800 },
        { meter: buyer, importWh: 800 },
      ]);
      await expect(settled).to.not.emit(exchange, "WorkPaid");
      expect((await exchange.slotRecord(1, free)).openPositions).to.equal(0n);
      for (const { address } of [market.worker, market.matcher]) expect(await exchange.earned(address)).to.equal(0n);
    });

    it("pays the caller where it says, once", async () => {
      const { market, exchange } = await load();
      const earned = await exchange.earned(market.worker.address);
      const collected = exchange.collectEarnings(market.inspector.address);
      await expect(collected).to.changeTokenBalances(
        ethers,
        market.credit,
        [market.inspector, exchange],
        [earned * BASE, -earned * BASE],
      );
      await expect(collected)
        .to.emit(exchange, "EarningsCollected")
        .withArgs(market.worker.address, market.inspector.address, earned);
      await expect(exchange.collectEarnings(market.inspector.address)).to.be.revertedWithCustomError(
        exchange,
        "NothingToPay",
      );
    });
  });

  describe("the sum of a charge", () => {
    const most = 2n ** 64n - 1n;

    it("grows to the end of its 64 bits, and never into its neighbour's", async () => {
      const { market, exchange } = await load();
      const meter = await market.addMeter({ kind: "consumer" });
      const place = S + 20;
      const import10 = async () => {
        await market.at(S + 3, 1);
        return market.settleFlows(S + 2, [{ meter, importWh: 10 }]);
      };
      const cancel = async () => {
        await market.at(place - 5, 1);
        return exchange.connect(meter.owner).cancelOrder(place, meter.address);
      };
      const charges = [
        { charge: "network", ticks: 10n * BigInt(TERMS.networkGridPrice), send: import10 },
        { charge: "levy", ticks: 10n * BigInt(TERMS.levyPrice), send: import10 },
        // A cancellation costs as much as a placement.
        { charge: "season", ticks: 1_000_000n, send: cancel },
      ] as const;
      const snapshot = await networkHelpers.takeSnapshot();
      for (const { charge, ticks, send } of charges) {
        await storeAccrual(market, 1, charge, most - ticks + 1n);
        await expect(send(), charge).to.be.revertedWithPanic(0x11);
        await snapshot.restore();
        await storeAccrual(market, 1, charge, most - ticks);
        await send();
        expect((await exchange.zoneInfo(1)).accruals[charge], charge).to.equal(most);
        await snapshot.restore();
      }
    });
  });

  describe("collectCharges", () => {
    it("refuses a zone that does not exist, and where nothing has accrued", async () => {
      const { exchange } = await load();
      await expect(exchange.collectCharges(9)).to.be.revertedWithCustomError(exchange, "BadZone").withArgs(9);
      await exchange.collectCharges(1);
      await expect(exchange.collectCharges(1)).to.be.revertedWithCustomError(exchange, "NothingToPay");
    });

    it("pays each charge to its own account, by anybody", async () => {
      const { market, exchange } = await load();
      const { accounts } = await exchange.zoneInfo(1);
      const network = 800n * BigInt(TERMS.networkLocalPrice) + 100n * BigInt(TERMS.networkGridPrice);
      const levy = 900n * BigInt(TERMS.levyPrice);
      await expect(exchange.connect(market.guardian).collectCharges(1)).to.changeTokenBalances(
        ethers,
        market.credit,
        [accounts.network, accounts.levy, accounts.fee, accounts.season],
        [network * BASE, levy * BASE, ((FEE * 4n) / 10n) * BASE, ((FEE * 2n) / 10n) * BASE],
      );
      expect([...(await exchange.zoneInfo(1)).accruals]).to.deep.equal([0n, 0n, 0n, 0n]);
    });
  });
});
