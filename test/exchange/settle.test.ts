import { concat, ZeroHash } from "ethers";
import { expect } from "chai";
import hre from "hardhat";
import { marketDomain } from "../../src/market/messages.ts";
import { BALANCE_CEILING_TICKS, MAX_REGISTER_WH, meterSlotLimitWh } from "../../src/market/meterWord.ts";
import { encodeReadings } from "../../src/market/readings.ts";
import { readingSigner, signReading } from "../../src/market/sign.ts";
import type { TestMeter } from "../support/testMarket.ts";
import type { ItemError } from "../../src/market/itemErrors.ts";
import { MALLEABLE, UNRECOVERABLE } from "./books.ts";
import { eventsOf, linesOf } from "./events.ts";
import { addZone, community, S, skipped, T, type Community } from "./given.ts";

interface Reading {
  meter: TestMeter;
  importWh: number;
  exportWh: number;
}

describe("settling readings", () => {
  let given: () => Promise<Community>;
  before(async () => {
    const connection = await hre.network.create();
    async function settling() {
      return community(connection);
    }
    given = () => connection.networkHelpers.loadFixture(settling);
  });

  /** A batch skips the reading, settles the others, and the verb for one reading reverts with the same error. */
  async function expectRefused(all: Community, slot: number, reading: Reading, reason: ItemError, other: Reading) {
    const { market } = all;
    const before = await market.exchange.meterWord(reading.meter.address);
    const alone = market.readings(slot, [reading]);
    await expect(market.exchange.settleReading(1, slot, alone))
      .to.be.revertedWithCustomError(market.exchange, reason)
      .withArgs(reading.meter.address, slot);
    const sent = await market.exchange.settle(1, slot, market.readings(slot, [reading, other]));
    await expect(sent)
      .to.emit(market.exchange, "ReadingSkipped")
      .withArgs(...skipped(reading.meter, slot, reason));
    expect(await market.exchange.meterWord(reading.meter.address)).to.equal(before);
    return (await market.word(other.meter)).lastSlot === slot;
  }

  const idle = (meter: TestMeter): Reading => ({ meter, importWh: 0, exportWh: 0 });

  describe("refuses a whole batch", () => {
    it("that is empty, truncated or over-long", async () => {
      const { market, buyer } = await given();
      await market.at(S + 1, 10);
      const batch = market.readings(S, [idle(buyer)]);
      for (const bytes of ["0x", batch.slice(0, -2), `${batch}00`, concat([batch, batch.slice(0, 72)])]) {
        const length = (bytes.length - 2) / 2;
        await expect(market.exchange.settle(1, S, bytes))
          .to.be.revertedWithCustomError(market.exchange, "BadBatchLength")
          .withArgs(length);
        await expect(market.exchange.settleReading(1, S, bytes))
          .to.be.revertedWithCustomError(market.exchange, "BadBatchLength")
          .withArgs(length);
      }
      await expect(market.exchange.settleReading(1, S, concat([batch, batch])))
        .to.be.revertedWithCustomError(market.exchange, "BadBatchLength")
        .withArgs(148);
    });

    it("of a zone or a slot that cannot be", async () => {
      const { market, buyer } = await given();
      const batch = market.readings(S, [idle(buyer)]);
      await expect(market.exchange.settle(5, S, batch)).to.be.revertedWithCustomError(market.exchange, "BadZone");
      for (const slot of [0, 2 ** 24]) {
        await expect(market.exchange.settle(1, slot, batch))
          .to.be.revertedWithCustomError(market.exchange, "SlotOutOfRange")
          .withArgs(slot);
      }
    });

    it("with a malleable or unrecoverable signature, and says which", async () => {
      const { market, buyer } = await given();
      await market.at(S + 1, 10);
      const sound = market.readings(S, [idle(buyer)]);
      for (const [signature, error] of [
        [MALLEABLE, "MalleableSignature"],
        [UNRECOVERABLE, "UnrecoverableSignature"],
      ] as const) {
        await expect(market.exchange.settle(1, S, concat([sound, `0x${"00".repeat(10)}`, signature])))
          .to.be.revertedWithCustomError(market.exchange, error)
          .withArgs(1);
      }
    });

    it("whose slot's ring record is still needed", async () => {
      const { market, buyer, seller } = await given();
      await market.at(S + 1, 10);
      await market.settleFlows(S, [{ meter: buyer }]);
      await market.at(S + 129, 10);
      await expect(market.exchange.settle(1, S + 128, market.readings(S + 128, [idle(seller)])))
        .to.be.revertedWithCustomError(market.exchange, "RecordInUse")
        .withArgs(S + 128, S);
    });
  });

  describe("refuses one reading", () => {
    it("of somebody who is no meter, or a meter elsewhere", async () => {
      const all = await given();
      const { market, buyer, seller } = all;
      await addZone(market, 2, 8);
      const abroad = await market.addMeter({ kind: "consumer", zone: 2 });
      const key = market.newKey();
      const stranger: TestMeter = { ...buyer, key, address: key.address };
      await market.at(S + 1, 10);
      expect(await expectRefused(all, S, idle(stranger), "UnknownMeter", idle(buyer))).to.equal(true);
      expect(await expectRefused(all, S, idle(abroad), "WrongZone", idle(seller))).to.equal(true);
    });

    it("that a meter signed for another chain or another exchange, which nobody here has signed", async () => {
      const { market, buyer } = await given();
      const { chainId, verifyingContract } = market.domain.fields;
      const before = await market.word(buyer);
      await market.at(S + 1, 10);
      for (const domain of [
        marketDomain(chainId + 1, verifyingContract),
        marketDomain(chainId, await market.desk.getAddress()),
      ]) {
        const reading = signReading(domain, buyer.key, { zone: 1, slot: S, importWh: 10, exportWh: 0 });
        const signer = readingSigner(market.domain, reading, reading.signature);
        expect(signer).not.to.equal(buyer.address);
        await expect(market.exchange.settle(1, S, encodeReadings([reading])))
          .to.emit(market.exchange, "ReadingSkipped")
          .withArgs(...skipped(signer, S, "UnknownMeter"));
      }
      expect(await market.word(buyer)).to.deep.equal(before);
    });

    it("of a suspended meter", async () => {
      const all = await given();
      await all.market.exchange.connect(all.market.registrar).suspendMeter(all.buyer.address);
      await all.market.at(S + 1, 10);
      expect(await expectRefused(all, S, idle(all.buyer), "MeterSuspended", idle(all.seller))).to.equal(true);
    });

    it("of a slot that has not ended, to the second", async () => {
      const all = await given();
      const { market, buyer, seller } = all;
      await market.at(S + 1, -4);
      expect(await expectRefused(all, S, idle(buyer), "ReadingTooEarly", idle(seller))).to.equal(false);
      await market.at(S + 1);
      await market.exchange.settle(1, S, market.readings(S, [idle(buyer)]));
      expect((await market.word(buyer)).lastSlot).to.equal(S);
    });

    it("twice, and one of a slot before", async () => {
      const all = await given();
      const { market, buyer, seller, home } = all;
      await market.at(S + 1, 10);
      await market.exchange.settle(1, S, market.readings(S, [idle(buyer)]));
      expect(await expectRefused(all, S, { ...idle(buyer), importWh: 5 }, "ReadingTooOld", idle(seller))).to.equal(
        true,
      );
      await market.at(S + 2, 10);
      await market.exchange.settle(1, T, market.readings(T, [idle(buyer)]));
      expect(await expectRefused(all, S, idle(buyer), "ReadingTooOld", idle(home))).to.equal(true);
    });

    it("twice within one batch", async () => {
      const { market, buyer } = await given();
      await market.at(S + 1, 10);
      const batch = market.readings(S, [
        { meter: buyer, importWh: 10, exportWh: 0 },
        { meter: buyer, importWh: 20, exportWh: 0 },
      ]);
      await expect(market.exchange.settle(1, S, batch))
        .to.emit(market.exchange, "ReadingSkipped")
        .withArgs(...skipped(buyer, S, "ReadingTooOld"));
      expect((await market.word(buyer)).importWh).to.equal(10);
    });

    it("out of order, until the slot that was left out is past its deadline", async () => {
      const all = await given();
      const { market, buyer, seller } = all;
      await market.at(S + 1, 10);
      await market.settleFlows(S, [{ meter: seller }]);
      await market.at(T + 4, -8);
      expect(await expectRefused(all, T, idle(buyer), "EarlierSlotOpen", idle(seller))).to.equal(true);
      // S may be read until T + 4; then T is read as a gap.
      await market.at(T + 4);
      await market.exchange.settle(1, T, market.readings(T, [idle(buyer)]));
      expect((await market.word(buyer)).lastSlot).to.equal(T);
    });

    it("with a register below its last value, either of them", async () => {
      const all = await given();
      const { market, seller, home } = all;
      const old = await market.addMeter({ kind: "prosumer", importWh: 500, exportWh: 700 });
      await market.at(S + 1, 10);
      const lower = { meter: old, importWh: 499, exportWh: 700 };
      expect(await expectRefused(all, S, lower, "RegisterDecreased", idle(seller))).to.equal(true);
      const lowerExport = { meter: old, importWh: 500, exportWh: 699 };
      expect(await expectRefused(all, S, lowerExport, "RegisterDecreased", idle(home))).to.equal(true);
      await market.exchange.settle(1, S, market.readings(S, [{ meter: old, importWh: 500, exportWh: 700 }]));
    });

    it("one watt-hour beyond rated power, in either direction, over one slot and over several", async () => {
      const all = await given();
      const { market, seller, home, buyer } = all;
      const limitWh = meterSlotLimitWh(await market.word(home));
      await market.at(S + 1, 10);
      const high = { meter: home, importWh: limitWh + 1, exportWh: 0 };
      expect(await expectRefused(all, S, high, "EnergyBeyondRatedPower", idle(seller))).to.equal(true);
      const out = { meter: home, importWh: 0, exportWh: limitWh + 1 };
      expect(await expectRefused(all, S, out, "EnergyBeyondRatedPower", idle(buyer))).to.equal(true);
      await market.at(S + 7, 10);
      const three = { meter: home, importWh: 3 * limitWh + 1, exportWh: 0 };
      expect(await expectRefused(all, S + 2, three, "EnergyBeyondRatedPower", idle(seller))).to.equal(true);
      await market.exchange.settle(1, S + 2, market.readings(S + 2, [{ ...three, importWh: 3 * limitWh }]));
      expect((await market.word(home)).importWh).to.equal(3 * limitWh);
    });

    it("of a battery that gave more than it can have held and taken", async () => {
      const all = await given();
      const { market, seller, buyer } = all;
      const battery = await market.addMeter({
        kind: "storage",
        source: "storage",
        storageCapacityWh: 1_000,
        bestEfficiencyPpm: 900_000,
        importWh: 10_000,
        exportWh: 5_000,
      });
      // It may have been full: 1,000 Wh, and 90 % of what it takes: 101 Wh give 90.
      await market.at(S + 1, 10);
      const lie = { meter: battery, importWh: 10_101, exportWh: 6_091 };
      expect(await expectRefused(all, S, lie, "StorageBeyondCapacity", idle(seller))).to.equal(true);
      await market.exchange.settle(1, S, market.readings(S, [{ ...lie, exportWh: 6_090 }]));
      await market.at(S + 2, 10);
      const next = { meter: battery, importWh: 10_101, exportWh: 6_091 };
      expect(await expectRefused(all, T, next, "StorageBeyondCapacity", idle(buyer))).to.equal(false);
      await market.exchange.settle(1, T, market.readings(T, [{ ...next, importWh: 10_102 }]));
    });

    it("whose value would not fit the balance, in time and as a gap", async () => {
      const all = await given();
      const { market, seller, buyer } = all;
      const rich = await market.addMeter({
        kind: "producer",
        source: "wind",
        balanceTicks: BALANCE_CEILING_TICKS - 5n,
      });
      await market.at(S + 1, 10);
      const one = { meter: rich, importWh: 0, exportWh: 1 };
      expect(await expectRefused(all, S, one, "BalanceOverflow", idle(seller))).to.equal(true);
      await market.at(S + 6, 10);
      expect(await expectRefused(all, S + 1, one, "BalanceOverflow", idle(buyer))).to.equal(true);
    });
  });

  it("returns no root and leaves no trace when every reading is skipped", async () => {
    const { market, buyer } = await given();
    await market.at(S + 1, 10);
    const batch = market.readings(S, [{ ...idle(buyer), importWh: MAX_REGISTER_WH }]);
    expect(await market.exchange.settle.staticCall(1, S, batch)).to.equal(ZeroHash);
    const events = await eventsOf(market, await market.exchange.settle(1, S, batch));
    // Who touches a slot first fixes the prices up to it.
    const others = events.map(({ name }) => name).filter((name) => name !== "TariffFixed");
    expect(others).to.deep.equal(["SlotOpened", "ReadingSkipped"]);
    expect((await market.exchange.slotRecord(1, S)).readCount).to.equal(0n);
  });

  describe("pays", () => {
    /** Trade 500 Wh at 200,000 between seller and buyer in T, read up to S. */
    async function traded(all: Community) {
      const { market, seller, buyer } = all;
      await market.clear(T, [
        market.order(seller, T, "offer", 500, 150_000),
        market.order(buyer, T, "bid", 500, 250_000),
      ]);
      await market.at(T, 10);
      await market.settleFlows(S, [{ meter: seller }, { meter: buyer }]);
      await market.at(T + 1, 10);
    }

    it("each side its deviation at the backstop, whatever the other side does", async () => {
      const cases = [
        // seller's export, buyer's import, what the seller gets and what the buyer gets at settlement
        [500, 500, 100_000_000n, -(500n * 20_000n + 500n * 10_000n)],
        [600, 400, 100_000_000n + 100n * 100_000n, 100n * 100_000n - 400n * 30_000n],
        [450, 650, 100_000_000n - 50n * 300_000n, -150n * 300_000n - 500n * 20_000n - 150n * 50_000n - 650n * 10_000n],
        [0, 0, 100_000_000n - 500n * 300_000n, 500n * 100_000n],
      ] as const;
      for (const [exportWh, importWh, sellerTicks, buyerTicks] of cases) {
        const all = await given();
        const { market, seller, buyer } = all;
        await traded(all);
        const start = { seller: await market.word(seller), buyer: await market.word(buyer) };
        await market.settleFlows(T, [
          { meter: seller, exportWh },
          { meter: buyer, importWh },
        ]);
        const end = { seller: await market.word(seller), buyer: await market.word(buyer) };
        expect(end.buyer.balanceTicks - start.buyer.balanceTicks).to.equal(buyerTicks);
        const undelivered = BigInt(Math.max(0, 500 - exportWh));
        // What was sold and not delivered came over the grid, for which its buyer paid the local network charge.
        expect(end.seller.balanceTicks - start.seller.balanceTicks).to.equal(sellerTicks - undelivered * 30_000n);
      }
    });

    it("no export of a meter without a bond, beyond what it takes in itself", async () => {
      const { market } = await given();
      const unbonded = await market.addMeter({ kind: "prosumer", bonded: false });
      await market.at(S + 1, 10);
      const start = (await market.word(unbonded)).balanceTicks;
      const sent = await market.settleFlows(S, [{ meter: unbonded, importWh: 100, exportWh: 400 }]);
      const line = (await linesOf(market, sent)).get(unbonded.address)?.line;
      expect(line).to.deep.equal({ mintedTicks: 0n, burnedTicks: 0n, networkTicks: 5_000_000n, levyTicks: 1_000_000n });
      expect((await market.word(unbonded)).balanceTicks).to.equal(start - 6_000_000n);
    });

    it("whoever settles a share of the slot's work money for each position", async () => {
      const all = await given();
      const { market, seller, buyer } = all;
      await traded(all);
      // Fee 1 % of 100,000,000; 40 % of it is work money, of which clearing has had half.
      expect((await market.exchange.slotRecord(1, T)).workTicks).to.equal(200_000n);
      const sent = await market.settleFlows(T, [{ meter: seller, exportWh: 500 }]);
      await expect(sent).to.emit(market.exchange, "WorkPaid").withArgs(1, T, market.worker.address, 100_000n);
      await market.settleFlows(T, [{ meter: buyer, importWh: 500 }]);
      expect(await market.exchange.earned(market.worker.address)).to.equal(200_000n);
      const record = await market.exchange.slotRecord(1, T);
      expect([record.workTicks, record.openPositions]).to.deep.equal([0n, 0n]);
    });
  });

  it("asks for disconnection where a meter that imported holds less than a slot at rated power", async () => {
    const { market } = await given();
    const deposit = BigInt(640) * 300_000n;
    const meter = await market.addMeter({ kind: "consumer", powerClass: 0x14, balanceTicks: deposit + 360_000n });
    expect(meterSlotLimitWh(await market.word(meter))).to.equal(640);
    await market.at(S + 1, 10);
    const enough = await market.settleFlows(S, [{ meter, importWh: 1 }]);
    expect((await eventsOf(market, enough)).map(({ name }) => name)).to.not.include("DisconnectionRequested");
    await market.at(S + 2, 10);
    await expect(market.settleFlows(T, [{ meter, importWh: 1 }]))
      .to.emit(market.exchange, "DisconnectionRequested")
      .withArgs(meter.address, T, deposit - 360_000n, deposit);
  });
});
