import { expect } from "chai";
import { MaxUint256, ZeroAddress } from "ethers";
import hre from "hardhat";
import { CREDIT, deployUnfundedDesk, PRICE, type GivenDesk } from "./givenDesk.ts";

const connection = await hre.network.create();
const { ethers, networkHelpers } = connection;

const unfundedDesk = () => deployUnfundedDesk(connection);
const given = () => networkHelpers.loadFixture(unfundedDesk);

/** Redemptions of `credits` each, in this order, every one of which has to wait. */
async function queued(
  { desk, alice, bob, carol }: GivenDesk,
  ...requests: ["alice" | "bob" | "carol", number][]
): Promise<void> {
  const holders = { alice, bob, carol };
  for (const [name, credits] of requests) {
    const holder = holders[name];
    await desk.connect(holder).redeemOrQueue(holder.address, BigInt(credits) * CREDIT, 0n);
  }
}

/** What waits: newest number, how many numbers are done with, credits and payment. */
async function queueOf({ desk }: GivenDesk): Promise<{ passed: number; last: number; credits: number; owed: bigint }> {
  const { passed, last, amount } = await desk.queue();
  return { passed: Number(passed), last: Number(last), credits: Number(amount / CREDIT), owed: await desk.owed() };
}

describe("redemptions that the desk cannot pay at once", () => {
  describe("redeemOrQueue", () => {
    it("refuses what is too little to be paid, and a payment below what the caller accepts", async () => {
      const { desk, alice } = await given();
      const asAlice = desk.connect(alice);
      await expect(asAlice.redeemOrQueue(alice.address, CREDIT / PRICE, 0n)).to.be.revertedWithCustomError(
        desk,
        "ZeroAmount",
      );
      await expect(asAlice.redeemOrQueue(alice.address, CREDIT, PRICE + 1n))
        .to.be.revertedWithCustomError(desk, "PriceMoved")
        .withArgs(PRICE, PRICE + 1n);
    });

    it("pays at once what the desk has to spare", async () => {
      const { desk, token, alice, bob } = await given();
      await desk.connect(bob).pledge(10n * PRICE);
      const asAlice = desk.connect(alice);
      expect(await asAlice.redeemOrQueue.staticCall(bob.address, 10n * CREDIT, 0n)).to.deep.equal([10n * PRICE, 0n]);
      const redemption = asAlice.redeemOrQueue(bob.address, 10n * CREDIT, 10n * PRICE);
      await expect(redemption)
        .to.emit(desk, "CreditsRedeemed")
        .withArgs(alice.address, bob.address, 10n * CREDIT, 10n * PRICE);
      await expect(redemption).to.changeTokenBalances(ethers, token, [desk, bob], [-10n * PRICE, 10n * PRICE]);
      expect((await desk.queue()).last).to.equal(0n);
    });

    it("takes the credits and fixes the payment where funds run short", async () => {
      const { desk, credit, token, alice, bob } = await given();
      const request = desk.connect(alice).redeemOrQueue(bob.address, 40n * CREDIT, 40n * PRICE);
      await expect(request)
        .to.emit(desk, "RedemptionQueued")
        .withArgs(1n, alice.address, bob.address, 40n * CREDIT, 40n * PRICE);
      await expect(request).to.changeTokenBalance(ethers, credit, alice, -40n * CREDIT);
      await expect(request).to.changeTokenBalance(ethers, token, bob, 0n);
      expect(await credit.totalSupply()).to.equal(260n * CREDIT);
      expect(await desk.redemption(1n)).to.deep.equal([alice.address, false, bob.address, 40n * CREDIT, 40n * PRICE]);
      // What is owed stands before every other claim on the credit line.
      expect(await desk.backing()).to.equal(260n * CREDIT);
    });

    it("needs the caller's credits, not a promise of them", async () => {
      const { desk, credit, alice } = await given();
      await expect(desk.connect(alice).redeemOrQueue(alice.address, 101n * CREDIT, 0n)).to.be.revertedWithCustomError(
        credit,
        "ERC20InsufficientBalance",
      );
    });

    it("lets nobody get ahead of who waits", async () => {
      const market = await given();
      const { desk, bob, carol } = market;
      await queued(market, ["alice", 10]);
      await desk.connect(carol).pledge(9n * PRICE);
      // Nine are there, and all of them are owed to Alice.
      await expect(desk.connect(bob).redeem(bob.address, CREDIT, 0n))
        .to.be.revertedWithCustomError(desk, "FundsShort")
        .withArgs(PRICE, 0n);
      await expect(desk.connect(bob).redeemOrQueue(bob.address, CREDIT, 0n)).to.emit(desk, "RedemptionQueued");
      // With 13, two are left beyond what the queue is owed.
      await desk.connect(carol).pledge(4n * PRICE);
      await expect(desk.connect(bob).redeem(bob.address, 3n * CREDIT, 0n))
        .to.be.revertedWithCustomError(desk, "FundsShort")
        .withArgs(3n * PRICE, 2n * PRICE);
      await desk.connect(bob).redeem(bob.address, 2n * CREDIT, 0n);
      await desk.payQueue(10n);
      expect(await queueOf(market)).to.deep.equal({ passed: 2, last: 2, credits: 0, owed: 0n });
      expect(await desk.funds()).to.equal(0n);
    });
  });

  describe("payQueue", () => {
    it("has nothing to do for an empty queue or a count of zero", async () => {
      const market = await given();
      const { desk, carol } = market;
      expect(await desk.payQueue.staticCall(5n)).to.equal(0n);
      await queued(market, ["alice", 1]);
      await desk.connect(carol).pledge(PRICE);
      expect(await desk.payQueue.staticCall(0n)).to.equal(0n);
      expect(await desk.payQueue.staticCall(1n)).to.equal(1n);
    });

    it("pays in order while funds last, and a small one waits behind a large one", async () => {
      const market = await given();
      const { desk, token, alice, bob, carol } = market;
      await queued(market, ["alice", 10], ["bob", 50], ["carol", 1]);
      await desk.connect(carol).pledge(15n * PRICE);
      const payment = desk.connect(bob).payQueue(10n);
      await expect(payment)
        .to.emit(desk, "RedemptionPaid")
        .withArgs(1n, alice.address, 10n * CREDIT, 10n * PRICE);
      await expect(payment).to.changeTokenBalances(ethers, token, [alice, bob, carol], [10n * PRICE, 0n, 0n]);
      expect(await queueOf(market)).to.deep.equal({ passed: 1, last: 3, credits: 51, owed: 51n * PRICE });
      expect(await desk.redemption(1n)).to.deep.equal([ZeroAddress, false, ZeroAddress, 0n, 0n]);

      await desk.connect(carol).pledge(46n * PRICE);
      await expect(desk.payQueue(10n)).to.changeTokenBalances(ethers, token, [bob, carol], [50n * PRICE, 1n * PRICE]);
      expect(await queueOf(market)).to.deep.equal({ passed: 3, last: 3, credits: 0, owed: 0n });
    });

    it("is paid by what buyers bring as well", async () => {
      const market = await given();
      const { desk, token, alice, carol } = market;
      await queued(market, ["alice", 10]);
      await desk.connect(carol).buy(carol.address, 10n * CREDIT, MaxUint256);
      await expect(desk.payQueue(1n)).to.changeTokenBalance(ethers, token, alice, 10n * PRICE);
    });

    it("looks at no more numbers than it is told to, cancelled ones included", async () => {
      const market = await given();
      const { desk, alice, carol } = market;
      await queued(market, ["alice", 1], ["alice", 2], ["alice", 3], ["alice", 4]);
      await desk.connect(alice).cancelRedemption(1n);
      await desk.connect(alice).cancelRedemption(2n);
      await desk.connect(carol).pledge(10n * PRICE);
      expect(await desk.payQueue.staticCall(2n)).to.equal(0n);
      await desk.payQueue(2n);
      expect(await queueOf(market)).to.deep.equal({ passed: 2, last: 4, credits: 7, owed: 7n * PRICE });
      await desk.payQueue(1n);
      expect(await queueOf(market)).to.deep.equal({ passed: 3, last: 4, credits: 4, owed: 4n * PRICE });
    });

    it("passes over what was cancelled without funds, so that a hole never blocks", async () => {
      const market = await given();
      const { desk, alice } = market;
      await queued(market, ["alice", 1]);
      await desk.connect(alice).cancelRedemption(1n);
      await desk.payQueue(5n);
      expect(await queueOf(market)).to.deep.equal({ passed: 1, last: 1, credits: 0, owed: 0n });
      await queued(market, ["bob", 1]);
      expect((await desk.redemption(2n)).seller).to.not.equal(ZeroAddress);
    });

    it("pays the price of the request, whatever the price is by then", async () => {
      const market = await given();
      const { desk, token, governor, alice, bob, carol } = market;
      await queued(market, ["alice", 10]);
      await desk.connect(carol).pledge(10n * PRICE);
      await desk.connect(governor).setPrices(PRICE, PRICE / 3n);
      await desk.connect(bob).redeemOrQueue(bob.address, 10n * CREDIT, 0n);
      await desk.connect(carol).pledge(10n * PRICE);
      await expect(desk.payQueue(2n)).to.changeTokenBalances(
        ethers,
        token,
        [alice, bob],
        [10n * PRICE, (10n * PRICE) / 3n],
      );
    });

    it("is not stopped by a recipient that the token refuses: its payment is set aside", async () => {
      const market = await given();
      const { desk, token, alice, bob, carol } = market;
      await queued(market, ["alice", 10], ["bob", 20]);
      await token.setRefused(alice.address, true);
      await desk.connect(carol).pledge(30n * PRICE);
      const payment = desk.payQueue(2n);
      await expect(payment)
        .to.emit(desk, "RedemptionRefused")
        .withArgs(1n, alice.address, 10n * CREDIT, 10n * PRICE);
      await expect(payment).to.changeTokenBalances(ethers, token, [alice, bob], [0n, 20n * PRICE]);
      // Alice's money is nobody else's: it is neither funds nor backing any more.
      expect(await desk.funds()).to.equal(0n);
      expect(await desk.setAside()).to.equal(10n * PRICE);
      expect(await desk.backing()).to.equal(300n * CREDIT);
      expect(await queueOf(market)).to.deep.equal({ passed: 2, last: 2, credits: 0, owed: 0n });
    });

    it("is not stopped by a recipient whose hook eats all gas", async () => {
      const market = await given();
      const { desk, token, alice, bob, carol } = market;
      await queued(market, ["alice", 10], ["bob", 20]);
      await token.setGasEater(alice.address, true);
      await desk.connect(carol).pledge(30n * PRICE);
      await expect(desk.payQueue(2n, { gasLimit: 2_000_000n })).to.changeTokenBalance(ethers, token, bob, 20n * PRICE);
      expect(await desk.setAside()).to.equal(10n * PRICE);
    });

    it("refuses to start a payment with so little gas that it would count as refused", async () => {
      const market = await given();
      const { desk, carol } = market;
      await queued(market, ["alice", 10]);
      await desk.connect(carol).pledge(10n * PRICE);
      const needed = (await desk.PAYMENT_GAS()) + (await desk.PAYMENT_GAS()) / 63n + 60_000n;
      await expect(desk.payQueue(1n, { gasLimit: 300_000n })).to.be.revertedWithCustomError(desk, "GasShort");
      await desk.payQueue(1n, { gasLimit: needed + 100_000n });
      expect(await desk.setAside()).to.equal(0n);
    });
  });

  describe("cancelRedemption", () => {
    it("gives the credits back, and the place is lost", async () => {
      const market = await given();
      const { desk, credit, alice } = market;
      await queued(market, ["alice", 10], ["bob", 20]);
      const cancellation = desk.connect(alice).cancelRedemption(1n);
      await expect(cancellation)
        .to.emit(desk, "RedemptionCancelled")
        .withArgs(1n, alice.address, 10n * CREDIT, 10n * PRICE);
      await expect(cancellation).to.changeTokenBalance(ethers, credit, alice, 10n * CREDIT);
      expect(await queueOf(market)).to.deep.equal({ passed: 0, last: 2, credits: 20, owed: 20n * PRICE });
      expect(await desk.backing()).to.equal(await credit.totalSupply());
    });

    it("refuses numbers that do not wait: none, cancelled, paid", async () => {
      const market = await given();
      const { desk, alice, carol } = market;
      await queued(market, ["alice", 1], ["alice", 2]);
      const asAlice = desk.connect(alice);
      await asAlice.cancelRedemption(2n);
      await desk.connect(carol).pledge(PRICE);
      await desk.payQueue(1n);
      for (const id of [0n, 1n, 2n, 3n]) {
        await expect(asAlice.cancelRedemption(id))
          .to.be.revertedWithCustomError(desk, "UnknownRedemption")
          .withArgs(id);
      }
    });

    it("refuses anybody but who gave the credits, the recipient included", async () => {
      const { desk, alice, bob } = await given();
      await desk.connect(alice).redeemOrQueue(bob.address, CREDIT, 0n);
      await expect(desk.connect(bob).cancelRedemption(1n))
        .to.be.revertedWithCustomError(desk, "NotSeller")
        .withArgs(bob.address, alice.address);
    });

    it("always has room while every redemption was queued at the present price", async () => {
      const market = await given();
      const { desk, credit, exchange, alice, bob } = market;
      await queued(market, ["alice", 10], ["bob", 20]);
      // Whatever settlement may mint is minted, and both come back.
      const headroom = await desk.headroomTicks();
      await credit.connect(exchange).mint(exchange.address, headroom * 10n ** 9n);
      await desk.connect(bob).cancelRedemption(2n);
      await desk.connect(alice).cancelRedemption(1n);
      expect(await credit.totalSupply()).to.be.lte(await desk.backing());
    });

    it("keeps room for queued credits at a higher price: neither mint nor decision may take it", async () => {
      const market = await given();
      const { desk, credit, governor, grid, exchange, alice, carol } = market;
      await queued(market, ["alice", 100]);
      await desk.connect(carol).pledge(100n * PRICE);
      // At twice the price the pledge is worth 50 credits, and 300 + 50 would do for 200 + 100.
      await desk.connect(governor).setPrices(2n * PRICE, 2n * PRICE);
      expect(await desk.backing()).to.equal(300n * CREDIT);
      expect(await desk.headroomTicks()).to.equal(50n * 10n ** 9n);
      await expect(desk.connect(grid).setCreditLine(250n * CREDIT - 1n))
        .to.be.revertedWithCustomError(desk, "Unbacked")
        .withArgs(300n * CREDIT, 300n * CREDIT - 1n);
      await credit.connect(exchange).mint(exchange.address, 50n * CREDIT);
      await desk.connect(alice).cancelRedemption(1n);
      expect(await credit.totalSupply()).to.equal(await desk.backing());
    });

    it("is refused where dearer redemptions took the room, and the place stays", async () => {
      const market = await given();
      const { desk, credit, token, governor, grid, exchange, bob, carol } = market;
      const price = async (parts: bigint) => desk.connect(governor).setPrices(4n * PRICE, (parts * PRICE) / 6n);
      await desk.connect(grid).setCreditLine(500n * CREDIT);
      await price(12n);
      await queued(market, ["alice", 100]); // owed 200
      await price(6n);
      await queued(market, ["bob", 100]); // owed 100
      await price(9n);
      await desk.connect(carol).pledge(200n * PRICE);
      await credit.connect(exchange).mint(exchange.address, (await desk.headroomTicks()) * 10n ** 9n);
      await desk.payQueue(1n);
      // Alice's payment was worth 133 1/3 credits of backing, and only 100 came out of circulation for it.
      await expect(desk.connect(bob).cancelRedemption(2n)).to.be.revertedWithCustomError(desk, "Unbacked");
      expect(await credit.totalSupply()).to.be.lte(await desk.backing());
      expect(await desk.headroomTicks()).to.equal(0n);
      await desk.connect(carol).pledge(100n * PRICE);
      await expect(desk.payQueue(1n)).to.changeTokenBalance(ethers, token, bob, 100n * PRICE);
    });

    it("lets GRID raise its line while it still does not mend everything, and not lower it", async () => {
      const market = await given();
      const { desk, credit, governor, grid, exchange, carol } = market;
      const price = async (parts: bigint) => desk.connect(governor).setPrices(4n * PRICE, (parts * PRICE) / 6n);
      await desk.connect(grid).setCreditLine(500n * CREDIT);
      await price(12n);
      await queued(market, ["alice", 100]);
      await price(6n);
      await queued(market, ["bob", 100]);
      await price(9n);
      await desk.connect(carol).pledge(200n * PRICE);
      await credit.connect(exchange).mint(exchange.address, (await desk.headroomTicks()) * 10n ** 9n);
      await desk.payQueue(1n);
      await desk.connect(grid).setCreditLine(510n * CREDIT);
      await expect(desk.connect(grid).setCreditLine(509n * CREDIT)).to.be.revertedWithCustomError(desk, "Unbacked");
    });
  });

  describe("collectRedemption", () => {
    async function refused() {
      const market = await given();
      const { desk, token, alice, carol } = market;
      await queued(market, ["alice", 10], ["bob", 1]);
      await token.setRefused(alice.address, true);
      await desk.connect(carol).pledge(10n * PRICE);
      await desk.payQueue(1n);
      return market;
    }

    it("pays what was set aside to wherever the seller says, once", async () => {
      const { desk, token, alice, carol } = await refused();
      const collection = desk.connect(alice).collectRedemption(1n, carol.address);
      await expect(collection)
        .to.emit(desk, "RedemptionCollected")
        .withArgs(1n, carol.address, 10n * PRICE);
      await expect(collection).to.changeTokenBalances(ethers, token, [desk, carol], [-10n * PRICE, 10n * PRICE]);
      expect(await desk.setAside()).to.equal(0n);
      await expect(desk.connect(alice).collectRedemption(1n, carol.address))
        .to.be.revertedWithCustomError(desk, "UnknownRedemption")
        .withArgs(1n);
    });

    it("is the seller's alone, and only after a refusal", async () => {
      const { desk, bob } = await refused();
      await expect(desk.connect(bob).collectRedemption(1n, bob.address)).to.be.revertedWithCustomError(
        desk,
        "NotSeller",
      );
      await expect(desk.connect(bob).collectRedemption(2n, bob.address))
        .to.be.revertedWithCustomError(desk, "StillQueued")
        .withArgs(2n);
    });

    it("keeps the payment where the token refuses the other recipient as well", async () => {
      const { desk, token, alice } = await refused();
      await expect(desk.connect(alice).collectRedemption(1n, alice.address)).to.be.revertedWithCustomError(
        token,
        "Refused",
      );
      expect(await desk.setAside()).to.equal(10n * PRICE);
    });

    it("stands instead of a cancellation", async () => {
      const { desk, alice } = await refused();
      await expect(desk.connect(alice).cancelRedemption(1n))
        .to.be.revertedWithCustomError(desk, "PaymentSetAside")
        .withArgs(1n);
    });
  });

  describe("what the queue is owed", () => {
    it("is not GRID's to withdraw", async () => {
      const market = await given();
      const { desk, grid, carol } = market;
      await queued(market, ["alice", 10]);
      await desk.connect(grid).setCreditLine(10_000n * CREDIT);
      await desk.connect(carol).pledge(15n * PRICE);
      await expect(desk.connect(grid).withdrawPledge(grid.address, 5n * PRICE + 1n))
        .to.be.revertedWithCustomError(desk, "FundsShort")
        .withArgs(5n * PRICE + 1n, 5n * PRICE);
      await desk.connect(grid).withdrawPledge(grid.address, 5n * PRICE);
      expect(await desk.payQueue.staticCall(1n)).to.equal(1n);
    });

    it("comes before the credit line, down to nothing", async () => {
      const market = await given();
      const { desk, credit, governor, grid } = market;
      await queued(market, ["alice", 100], ["bob", 100], ["carol", 100]);
      expect(await credit.totalSupply()).to.equal(0n);
      expect(await desk.backing()).to.equal(0n);
      expect(await desk.headroomTicks()).to.equal(0n);
      // A lower price would make the queue's claims worth more credits than the line.
      await expect(desk.connect(governor).setPrices(PRICE, PRICE / 3n))
        .to.be.revertedWithCustomError(desk, "Unbacked")
        .withArgs(900n * CREDIT, 300n * CREDIT);
      await desk.connect(grid).setCreditLine(900n * CREDIT + 5n);
      await desk.connect(governor).setPrices(PRICE, PRICE / 3n);
      expect(await desk.backing()).to.equal(5n);
    });

    it("is paid by nobody but the desk itself", async () => {
      const { desk, alice } = await given();
      await expect(desk.connect(alice).sendPayment(alice.address, 1n))
        .to.be.revertedWithCustomError(desk, "NotDesk")
        .withArgs(alice.address);
    });
  });
});
