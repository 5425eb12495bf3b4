import { expect } from "chai";
import hre from "hardhat";
import { FAULT_CODES, faultHash } from "../../src/market/penalties.ts";
import { replaceDevice } from "../support/consents.ts";
import { storeWord } from "../support/storedWords.ts";
import { MALLEABLE } from "./books.ts";
import { CUT, PART, reading, REWARD, twoTales } from "./faults.ts";
import { account, addZone, community, S, T, type Community } from "./given.ts";

describe("two readings of one slot that contradict each other", () => {
  let given: () => Promise<Community>;
  before(async () => {
    const connection = await hre.network.create();
    async function faulty() {
      return community(connection);
    }
    given = () => connection.networkHelpers.loadFixture(faulty);
  });

  describe("reportEquivocation", () => {
    it("refuses readings that are no readings by their bytes", async () => {
      const { market, seller } = await given();
      const { exchange } = market;
      const [zone, slot, a, b] = twoTales(market, seller);
      for (const [bytes, length] of [
        ["0x", 0],
        [a.slice(0, -2), 73],
        [`${a}00`, 75],
        [`${a}${b.slice(2)}`, 148],
      ] as const) {
        await expect(exchange.reportEquivocation(zone, slot, bytes, b))
          .to.be.revertedWithCustomError(exchange, "BadBatchLength")
          .withArgs(length);
        await expect(exchange.reportEquivocation(zone, slot, a, bytes))
          .to.be.revertedWithCustomError(exchange, "BadBatchLength")
          .withArgs(length);
      }
      const registers = a.slice(0, 22);
      await expect(exchange.reportEquivocation(zone, slot, `${registers}${MALLEABLE.slice(2)}`, b))
        .to.be.revertedWithCustomError(exchange, "MalleableSignature")
        .withArgs(0);
      await expect(exchange.reportEquivocation(zone, slot, a, `${registers}${"00".repeat(64)}`))
        .to.be.revertedWithCustomError(exchange, "UnrecoverableSignature")
        .withArgs(1);
    });

    it("refuses what does not contradict: one reading twice, two meters, two slots", async () => {
      const { market, seller, home } = await given();
      const { exchange } = market;
      const [zone, slot, a, b] = twoTales(market, seller);
      const others = [a, reading(market, home, slot, 0, 101), reading(market, seller, slot + 1, 0, 101)];
      for (const other of others) {
        await expect(exchange.reportEquivocation(zone, slot, a, other)).to.be.revertedWithCustomError(
          exchange,
          "NothingProven",
        );
      }
      // Both were signed for another slot, so strangers come out, and not the same one.
      await expect(exchange.reportEquivocation(zone, slot + 1, a, b)).to.be.revertedWithCustomError(
        exchange,
        "NothingProven",
      );
    });

    it("refuses a key that never was a meter, and a meter of another zone", async () => {
      const { market, seller } = await given();
      const { exchange } = market;
      const stranger = { ...seller, key: market.newKey() };
      await expect(exchange.reportEquivocation(...twoTales(market, stranger)))
        .to.be.revertedWithCustomError(exchange, "UnknownMeter")
        .withArgs(stranger.key.address, S);
      await addZone(market, 2, 8);
      const [a, b] = [reading(market, seller, S, 0, 1, 2), reading(market, seller, S, 0, 2, 2)];
      await expect(exchange.reportEquivocation(2, S, a, b))
        .to.be.revertedWithCustomError(exchange, "WrongZone")
        .withArgs(seller.address, S);
    });

    it("takes a slot for as long as a bond asked back in it is locked, and not an instant longer", async () => {
      const { market, seller } = await given();
      const { exchange } = market;
      const asOwner = exchange.connect(seller.owner);
      await market.at(S, 100);
      await asOwner.requestUnbond(seller.site, PART);
      await market.at(S + 128, -1);
      await exchange.reportEquivocation(...twoTales(market, seller));
      await market.at(S + 128, 0);
      await exchange.passOver(1, S);
      const late = { ...seller, key: market.newKey() };
      await expect(exchange.reportEquivocation(...twoTales(market, late)))
        .to.be.revertedWithCustomError(exchange, "SlotOutOfRange")
        .withArgs(S);
      await expect(asOwner.collectBond(seller.site, seller.owner.address))
        .to.emit(exchange, "BondCollected")
        .withArgs(seller.site, seller.owner.address, PART - CUT, 0);
    });

    it("takes the largest slot and registers there are, and refuses a slot beyond", async () => {
      const { market, seller } = await given();
      const { exchange } = market;
      const most = 2 ** 40 - 1;
      const last = 2 ** 24 - 1;
      const [a, b] = [reading(market, seller, last, most, 0), reading(market, seller, last, most, most)];
      await expect(exchange.reportEquivocation(1, last, a, b)).to.emit(exchange, "Penalised");
      for (const slot of [0, 2 ** 24, 2 ** 32 - 1]) {
        await expect(exchange.reportEquivocation(1, slot, a, b))
          .to.be.revertedWithCustomError(exchange, "SlotOutOfRange")
          .withArgs(slot);
      }
    });

    it("cuts half of the meter's part of the bond: a quarter for the reporter, the rest for the season", async () => {
      const { market, seller } = await given();
      const reporter = account(market, 19);
      const asReporter = market.exchange.connect(reporter);
      await storeWord(market, seller.address, { tier: 3, reliability: 3_000 });
      const season = (await asReporter.zoneInfo(1)).accruals.season;
      const held = await market.credit.balanceOf(await market.exchange.getAddress());
      const sent = asReporter.reportEquivocation(...twoTales(market, seller));
      await expect(sent)
        .to.emit(market.exchange, "Penalised")
        .withArgs(seller.site, seller.address, S, FAULT_CODES.equivocation, CUT, REWARD, reporter.address);
      await expect(sent).to.emit(market.exchange, "MeterSynced");

      const site = await asReporter.siteInfo(seller.site);
      expect([site.bondTicks, site.faults]).to.deep.equal([PART - CUT, 1n]);
      expect((await asReporter.zoneInfo(1)).accruals.season - season).to.equal(CUT - REWARD);
      expect(await asReporter.earned(reporter.address)).to.equal(REWARD);
      // Not a tick has come or gone: what the bond lost is owed to the reporter and the season.
      expect(await market.credit.balanceOf(await market.exchange.getAddress())).to.equal(held);
      const word = await market.word(seller);
      expect([word.reliability, word.tier, word.flags.bonded]).to.deep.equal([0, 0, false]);

      await asReporter.collectEarnings(reporter.address);
      expect(await market.credit.balanceOf(reporter.address)).to.equal(REWARD * 10n ** 9n);
    });

    it("splits any bond to the tick", async () => {
      const { market, seller } = await given();
      const { exchange } = market;
      const giver = exchange.connect(account(market, 12));
      await market.fund(account(market, 12), 10n ** 12n);
      let posted = PART;
      for (const [index, extra] of [1n, 2n, 3n, 1_000_003n, 7n].entries()) {
        await giver.postBond(seller.site, extra);
        posted += extra;
        await giver.reportEquivocation(...twoTales(market, seller, S + index));
        const { bondTicks } = await exchange.siteInfo(seller.site);
        const { season } = (await exchange.zoneInfo(1)).accruals;
        const earned = await exchange.earned(account(market, 12).address);
        expect(bondTicks + season + earned).to.equal(posted);
      }
      // Two faults take the whole part; later ones what was posted in between.
      expect((await exchange.siteInfo(seller.site)).bondTicks).to.equal(0n);
    });

    it("punishes each meter and slot once, whoever reports and in whichever order", async () => {
      const { market, seller } = await given();
      const { exchange } = market;
      const [zone, slot, a, b] = twoTales(market, seller);
      await exchange.reportEquivocation(zone, slot, a, b);
      const c = reading(market, seller, slot, 5, 5);
      for (const [first, second] of [
        [a, b],
        [b, a],
        [a, c],
      ] as const) {
        await expect(exchange.connect(market.grid).reportEquivocation(zone, slot, first, second))
          .to.be.revertedWithCustomError(exchange, "AlreadyPenalised")
          .withArgs(faultHash("equivocation", seller.address, slot));
      }
      await exchange.reportEquivocation(...twoTales(market, seller, S + 1));
      expect((await exchange.siteInfo(seller.site)).faults).to.equal(2n);
    });

    it("costs a site without a bond no money, and its standing all the same", async () => {
      const { market, buyer } = await given();
      await storeWord(market, buyer.address, { tier: 2 });
      await expect(market.exchange.reportEquivocation(...twoTales(market, buyer)))
        .to.emit(market.exchange, "Penalised")
        .withArgs(buyer.site, buyer.address, S, 1, 0, 0, (reporter: string) => reporter !== buyer.owner.address);
      expect((await market.exchange.siteInfo(buyer.site)).faults).to.equal(1n);
      const { reliability, tier } = await market.word(buyer);
      expect([reliability, tier]).to.deep.equal([0, 0]);
    });

    it("takes the tier of every meter of the site, the reliability of the one meter, and keeps positions", async () => {
      const { market, seller, buyer } = await given();
      const second = await market.addMeter({ kind: "producer", source: "wind", site: seller.site, bonded: false });
      await storeWord(market, seller.address, { tier: 4, reliability: 4_095 });
      await storeWord(market, second.address, { tier: 4, reliability: 4_095 });
      await market.fund(seller.owner, PART);
      await market.exchange.connect(seller.owner).postBond(seller.site, PART);
      await market.clear(T, [
        market.order(seller, T, "offer", 100, 150_000),
        market.order(buyer, T, "bid", 100, 250_000),
      ]);
      const before = await market.word(seller);
      await market.exchange.reportEquivocation(...twoTales(market, seller));
      const after = await market.word(seller);
      expect(after).to.deep.equal({ ...before, tier: 0, reliability: 0, flags: { ...before.flags, bonded: false } });
      const other = await market.word(second);
      expect([other.tier, other.reliability, other.flags.bonded]).to.deep.equal([0, 4_095, false]);
    });

    it("holds a replaced key to what could be settled with it, and to nothing that it signs later", async () => {
      const { market, seller } = await given();
      const { exchange } = market;
      await market.at(S + 1, 1);
      await market.settleFlows(S, [{ meter: seller, exportWh: 100 }]);
      const { meter: next } = await replaceDevice(market, seller, market.newKey());
      await expect(exchange.reportEquivocation(...twoTales(market, seller, S + 1)))
        .to.be.revertedWithCustomError(exchange, "BadMeterStatus")
        .withArgs(seller.address, 3);
      await expect(exchange.reportEquivocation(...twoTales(market, seller, S)))
        .to.emit(exchange, "Penalised")
        .withArgs(seller.site, seller.address, S, 1, CUT, REWARD, (reporter: string) => reporter !== next.address);
      const { tier, flags, reliability } = await market.word(next);
      expect([tier, flags.bonded, reliability]).to.deep.equal([0, false, 0x800]);
    });

    it("finds a suspended meter liable, and a settled reading as good as an unsettled one", async () => {
      const { market, seller } = await given();
      await market.at(S + 1, 1);
      await market.settleFlows(S, [{ meter: seller, exportWh: 100 }]);
      await market.exchange.connect(market.registrar).suspendMeter(seller.address);
      await expect(market.exchange.reportEquivocation(...twoTales(market, seller))).to.emit(
        market.exchange,
        "Penalised",
      );
      expect((await market.word(seller)).flags.suspended).to.equal(true);
    });

    it("goes on while the exchange is paused", async () => {
      const { market, seller } = await given();
      await market.exchange.connect(market.guardian).pause();
      await expect(market.exchange.reportEquivocation(...twoTales(market, seller))).to.emit(
        market.exchange,
        "Penalised",
      );
    });
  });
});
