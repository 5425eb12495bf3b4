import { ZeroHash } from "ethers";
import { expect } from "chai";
import hre from "hardhat";
import { signDelegatedOrder, signReceipt, type SignedOrder } from "../../src/market/sign.ts";
import { signingKey } from "../../src/market/signer.ts";
import { sideCode } from "../../src/market/side.ts";
import { clearBook, commitHash, MALLEABLE } from "./books.ts";
import { account, community, S, T, type Community } from "./given.ts";

const PENALTY = 20_000_000_000n;

/** The order as `reportMissing` takes it. */
const reported = ({ zone, slot, side, energyWh, limitPrice, meter, kind }: SignedOrder) => ({
  zone,
  slot,
  side: sideCode(side),
  energyWh,
  limitPrice,
  meter,
  delegated: kind === "delegated",
});

describe("the matcher's duty", () => {
  let given: () => Promise<Community & { bid: SignedOrder; offer: SignedOrder }>;
  before(async () => {
    const connection = await hre.network.create();
    async function duty() {
      const all = await community(connection);
      const bid = all.market.order(all.buyer, T, "bid", 700, 250_000);
      const offer = all.market.order(all.seller, T, "offer", 700, 150_000);
      return { ...all, bid, offer };
    }
    given = () => connection.networkHelpers.loadFixture(duty);
  });

  describe("its bond", () => {
    it("takes any amount but none and more than 48 bits of ticks, from anybody", async () => {
      const { market } = await given();
      const giver = account(market, 19);
      await market.fund(giver, 10n);
      const exchange = market.exchange.connect(giver);
      for (const amount of [0n, 2n ** 48n]) {
        await expect(exchange.postMatcherBond(market.matcher.address, amount)).to.be.revertedWithCustomError(
          exchange,
          "BadParameter",
        );
      }
      await expect(exchange.postMatcherBond(market.matcher.address, 10n))
        .to.emit(exchange, "MatcherBondChanged")
        .withArgs(market.matcher.address, 10n, 500_000_000_010n);
    });

    it("is paid back 256 slots after it was asked for, whole, once", async () => {
      const { market } = await given();
      const exchange = market.exchange.connect(market.matcher);
      await expect(exchange.collectMatcherBond(market.matcher.address)).to.be.revertedWithCustomError(
        exchange,
        "NothingToPay",
      );
      await expect(exchange.requestMatcherUnlock())
        .to.emit(exchange, "MatcherUnlockRequested")
        .withArgs(market.matcher.address, S + 256);
      await market.at(S + 256, -1);
      await expect(exchange.collectMatcherBond(market.matcher.address))
        .to.be.revertedWithCustomError(exchange, "NotMature")
        .withArgs(S + 256, S + 255);
      const before = await market.credit.balanceOf(market.matcher.address);
      await market.at(S + 256);
      await exchange.collectMatcherBond(market.matcher.address);
      const paid = (await market.credit.balanceOf(market.matcher.address)) - before;
      expect(paid).to.equal(500_000_000_000n * 10n ** 9n);
      await expect(exchange.collectMatcherBond(market.matcher.address)).to.be.revertedWithCustomError(
        exchange,
        "NothingToPay",
      );
      await expect(market.exchange.connect(account(market, 19)).requestMatcherUnlock()).to.be.revertedWithCustomError(
        exchange,
        "NothingToPay",
      );
    });
  });

  describe("to clear what it committed", () => {
    it("cannot be called broken without a record, a commitment, the slot's start, or after clearing", async () => {
      const { market, bid, offer } = await given();
      await expect(market.exchange.reportUncleared(1, T))
        .to.be.revertedWithCustomError(market.exchange, "NoSlotRecord")
        .withArgs(1, T);
      const book = market.book(T, [bid, offer]);
      await commitHash(market, T, book.hash, 2);
      await market.at(T, -1);
      await expect(market.exchange.reportUncleared(1, T)).to.be.revertedWithCustomError(
        market.exchange,
        "NothingProven",
      );
      await market.at(T + 1, -460);
      await market.exchange.clear(1, T + 1, "0x", "0x");
      await market.mineAt(T + 1);
      await expect(market.exchange.reportUncleared(1, T + 1)).to.be.revertedWithCustomError(
        market.exchange,
        "NothingProven",
      );
    });

    it("cannot be called broken when its committed book was cleared", async () => {
      const { market, bid, offer } = await given();
      await clearBook(market, market.book(T, [bid, offer]));
      await market.mineAt(T);
      await expect(market.exchange.reportUncleared(1, T)).to.be.revertedWithCustomError(
        market.exchange,
        "NothingProven",
      );
    });

    it("costs 20 credits when broken, half to whoever reports, half to the season pool, once", async () => {
      const { market, bid, offer } = await given();
      await commitHash(market, T, market.book(T, [bid, offer]).hash, 2);
      await market.at(T);
      const reporter = account(market, 19);
      await expect(market.exchange.connect(reporter).reportUncleared(1, T))
        .to.emit(market.exchange, "MatcherPenalised")
        .withArgs(
          market.matcher.address,
          1,
          T,
          (fault: string) => fault !== ZeroHash,
          PENALTY,
          reporter.address,
          PENALTY / 2n,
        );
      expect((await market.exchange.matcherBond(market.matcher.address)).ticks).to.equal(500_000_000_000n - PENALTY);
      expect((await market.exchange.zoneInfo(1)).accruals.season).to.equal(PENALTY / 2n);
      await expect(market.exchange.reportUncleared(1, T)).to.be.revertedWithCustomError(
        market.exchange,
        "AlreadyPenalised",
      );
      await market.exchange.connect(reporter).collectEarnings(reporter.address);
      expect(await market.credit.balanceOf(reporter.address)).to.equal((PENALTY / 2n) * 10n ** 9n);
    });

    it("is not kept by clearing the placed orders alone", async () => {
      const { market, bid, offer, home } = await given();
      await market.exchange.connect(home.owner).placeOrder(T, home.address, 1, 100, 200_000);
      await commitHash(market, T, market.book(T, [bid, offer]).hash, 2);
      await market.at(T, -100);
      await market.exchange.clear(1, T, "0x0200", "0x");
      await market.at(T);
      await market.exchange.reportUncleared(1, T);
      expect((await market.exchange.matcherBond(market.matcher.address)).ticks).to.equal(500_000_000_000n - PENALTY);
    });

    it("ends the right to commit once the bond is below the least one", async () => {
      const { market } = await given();
      // 500 credits carry 21 penalties until less than 100 are left.
      for (let i = 0; i < 26; ++i) {
        await commitHash(market, T + i, `0x${"11".repeat(32)}`).catch((error: unknown) => {
          // Below the least bond the matcher commits no more.
          if (i < 21 || !String(error).includes("AmountTooLarge")) throw error;
        });
        await market.at(T + i);
        await market.exchange.reportUncleared(1, T + i).catch((error: unknown) => {
          if (i < 21 || !String(error).includes("NoSlotRecord")) throw error;
        });
      }
      expect((await market.exchange.matcherBond(market.matcher.address)).ticks).to.equal(80_000_000_000n);
    });
  });

  describe("to take receipted orders into its book", () => {
    it("costs 20 credits when broken, once an order", async () => {
      const { market, bid, offer } = await given();
      const receipt = signReceipt(market.domain, market.matcherKey, bid);
      const book = market.book(T, [offer]);
      await commitHash(market, T, book.hash, 1);
      await market.at(T, -480);
      const reporter = account(market, 19);
      const report = () =>
        market.exchange
          .connect(reporter)
          .reportMissing(reported(bid), bid.signature, receipt.signature, [...book.signedHashes]);
      await expect(report()).to.emit(market.exchange, "MatcherPenalised");
      expect(await market.exchange.earned(reporter.address)).to.equal(PENALTY / 2n);
      await expect(report()).to.be.revertedWithCustomError(market.exchange, "AlreadyPenalised");
      const other = signReceipt(market.domain, market.matcherKey, offer);
      await expect(
        market.exchange.reportMissing(reported(offer), offer.signature, other.signature, [...book.signedHashes]),
      ).to.be.revertedWithCustomError(market.exchange, "NothingProven");
    });

    it("is broken as well where no book was committed at all", async () => {
      const { market, bid, buyer } = await given();
      const receipt = signReceipt(market.domain, market.matcherKey, bid);
      // Somebody has touched the slot, so that it has a record.
      await market.at(T, -470);
      await market.exchange.clear(1, T, "0x", "0x");
      await expect(market.exchange.reportMissing(reported(bid), bid.signature, receipt.signature, []))
        .to.emit(market.exchange, "MatcherPenalised")
        .withArgs(
          market.matcher.address,
          1,
          T,
          (fault: string) => fault !== ZeroHash,
          PENALTY,
          (reporter: string) => reporter !== buyer.address,
          PENALTY / 2n,
        );
    });

    it("holds for delegated orders", async () => {
      const { market, offer, home } = await given();
      const delegate = signingKey(`0x${"42".repeat(32)}`);
      await market.exchange.connect(home.owner).setDelegate(home.address, delegate.address);
      const order = signDelegatedOrder(market.domain, delegate, home.address, {
        zone: 1,
        slot: T,
        side: "bid",
        energyWh: 10,
        limitPrice: 200_000,
      });
      const receipt = signReceipt(market.domain, market.matcherKey, order);
      const book = market.book(T, [offer]);
      await commitHash(market, T, book.hash, 1);
      await market.at(T, -480);
      await expect(
        market.exchange.reportMissing(reported(order), order.signature, receipt.signature, [...book.signedHashes]),
      ).to.emit(market.exchange, "MatcherPenalised");
    });

    it("is void for a meter that placed or cancelled on chain", async () => {
      const { market, bid, offer, buyer } = await given();
      const receipt = signReceipt(market.domain, market.matcherKey, bid);
      await market.exchange.connect(buyer.owner).cancelOrder(T, buyer.address);
      const book = market.book(T, [offer]);
      await commitHash(market, T, book.hash, 1);
      await market.at(T, -480);
      await expect(
        market.exchange.reportMissing(reported(bid), bid.signature, receipt.signature, [...book.signedHashes]),
      ).to.be.revertedWithCustomError(market.exchange, "NothingProven");
    });

    it("is not proven before committing ends, by another book, by foreign or broken signatures, or without a record", async () => {
      const { market, bid, offer, home } = await given();
      const { exchange } = market;
      const receipt = signReceipt(market.domain, market.matcherKey, bid);
      const book = market.book(T, [offer]);
      const hashes = [...book.signedHashes];
      const report = (order = bid, signature = bid.signature, signedReceipt = receipt.signature, list = hashes) =>
        exchange.reportMissing(reported(order), signature, signedReceipt, list);
      await expect(report()).to.be.revertedWithCustomError(exchange, "NoSlotRecord").withArgs(1, T);
      await commitHash(market, T, book.hash, 1);
      await market.at(T, -481);
      await expect(report()).to.be.revertedWithCustomError(exchange, "NothingProven");
      await market.at(T, -480);
      await expect(report(bid, bid.signature, receipt.signature, []))
        .to.be.revertedWithCustomError(exchange, "BookNotCommitted")
        .withArgs(ZeroHash, book.hash);
      await expect(report(bid, bid.signature, receipt.signature, [bid.hash])).to.be.revertedWithCustomError(
        exchange,
        "BookNotCommitted",
      );
      // Signed by another meter than the one named.
      await expect(report(bid, market.order(home, T, "bid", 700, 250_000).signature))
        .to.be.revertedWithCustomError(exchange, "InvalidConsent")
        .withArgs(bid.meter);
      // A receipt of somebody who is not the matcher, and one for another order.
      const stranger = signReceipt(market.domain, home.key, bid);
      await expect(report(bid, bid.signature, stranger.signature))
        .to.be.revertedWithCustomError(exchange, "InvalidConsent")
        .withArgs(home.address);
      const foreign = signReceipt(market.domain, market.matcherKey, offer);
      await expect(report(bid, bid.signature, foreign.signature)).to.be.revertedWithCustomError(
        exchange,
        "InvalidConsent",
      );
      for (const signature of ["0x", `${bid.signature}00`, bid.signature.slice(0, -2)]) {
        await expect(report(bid, signature)).to.be.revertedWithCustomError(exchange, "BadBatchLength");
      }
      await expect(report(bid, MALLEABLE)).to.be.revertedWithCustomError(exchange, "MalleableSignature").withArgs(0);
      await expect(report({ ...bid, zone: 9 })).to.be.revertedWithCustomError(exchange, "NoSlotRecord");
    });
  });
});
