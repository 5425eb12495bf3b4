import { expect } from "chai";
import { Interface } from "ethers";
import hre from "hardhat";
import { encodeBook } from "../../src/market/book.ts";
import { ROLES } from "../../src/chain/roles.ts";
import { EnergyExchange__factory } from "../../typechain-types/index.ts";
import { deployTestMarket, FIRST_SLOT, type TestMarket, type TestMeter } from "../support/testMarket.ts";
import { refusal, writingFunctions, zeroCall } from "../support/refusals.ts";
import { replaceDevice } from "../support/consents.ts";

const connection = await hre.network.create();
const { networkHelpers } = connection;
const S = FIRST_SLOT;
const ABI = new Interface(EnergyExchange__factory.abi);

/** What a pause stops, and nothing else. */
const ENTRIES = ["commitBook", "placeOrder", "registerMeter", "registerSite"];

interface Running {
  readonly market: TestMarket;
  readonly seller: TestMeter;
  readonly buyer: TestMeter;
  readonly feeder: TestMeter;
}

/** A market in the middle of things: a signed order committed, one placed on chain, a withdrawal and a bond on their way. */
async function running(): Promise<Running> {
  const market = await deployTestMarket(connection);
  const seller = await market.addMeter({ kind: "producer", source: "solar" });
  const buyer = await market.addMeter({ kind: "consumer" });
  const feeder = await market.addMeter({ kind: "feeder", balanceTicks: 0n });
  await market.fund(market.worker, 1_000_000_000n);
  await market.exchange.connect(buyer.owner).requestWithdrawal(buyer.address, 1_000n, buyer.owner.address);
  await market.exchange.connect(buyer.owner).placeOrder(S + 4, buyer.address, 1, 10, 200_000);
  const book = market.book(S + 1, [
    market.order(seller, S + 1, "offer", 100, 150_000),
    market.order(buyer, S + 1, "bid", 100, 250_000),
  ]);
  await market.at(S + 1, -590);
  await market.exchange.connect(market.matcher).commitBook(1, S + 1, book.hash, 2);
  await market.exchange.connect(market.guardian).pause();
  return { market, seller, buyer, feeder };
}

async function load() {
  const parts = await networkHelpers.loadFixture(running);
  return { ...parts, exchange: parts.market.exchange.connect(parts.market.worker) };
}

describe("a pause", () => {
  it("stops exactly the four entries, whoever calls", async () => {
    const { market } = await load();
    await market.handOver.connect(market.governor).grantRole(ROLES.EVIDENCE, market.worker.address, 0);
    const to = await market.exchange.getAddress();
    const stopped = new Set<string>();
    for (const verb of writingFunctions(ABI)) {
      const data = zeroCall(ABI, verb);
      for (const account of market.signers.slice(0, 8)) {
        const refused = await refusal(connection, { from: account.address, to, data });
        if (refused === ABI.getError("EnforcedPause")?.selector && verb.name !== "pause") stopped.add(verb.name);
      }
    }
    expect([...stopped].sort()).to.deep.equal(ENTRIES);
  });

  it("stops them inside a multicall as well", async () => {
    const { exchange, buyer } = await load();
    const calls = [exchange.interface.encodeFunctionData("placeOrder", [S + 5, buyer.address, 1, 10, 200_000])];
    await expect(exchange.connect(buyer.owner).multicall(calls)).to.be.revertedWithCustomError(
      exchange,
      "EnforcedPause",
    );
  });

  it("lets a committed book clear, be settled and closed, and pays who did the work", async () => {
    const { market, exchange, seller, buyer, feeder } = await load();
    const book = market.book(S + 1, [
      market.order(seller, S + 1, "offer", 100, 150_000),
      market.order(buyer, S + 1, "bid", 100, 250_000),
    ]);
    const { bidEntries, offerEntries } = encodeBook(book);
    await market.at(S + 1, -400);
    await exchange.connect(market.matcher).clear(1, S + 1, bidEntries, offerEntries);
    await market.at(S + 1, 1);
    await market.settleFlows(S, [{ meter: seller }, { meter: buyer }, { meter: feeder }]);
    await market.at(S + 2, 1);
    const flows = [
      { meter: seller, exportWh: 100 },
      { meter: buyer, importWh: 100 },
      { meter: feeder, importWh: 0 },
    ];
    await expect(market.settleFlows(S + 1, flows)).to.emit(exchange, "BatchSettled");
    await exchange.close(1, S, []);
    await expect(exchange.close(1, S + 1, [])).to.emit(exchange, "SlotClosed");
    expect((await exchange.slotRecord(1, S + 1)).matchedWh).to.equal(100n);
    await exchange.collectEarnings(market.worker.address);
    await exchange.collectCharges(1);
    await exchange.collectWithdrawal(1);
  });

  it("lets an order be cancelled, which gives back what it locked", async () => {
    const { market, exchange, buyer } = await load();
    const before = (await market.word(buyer)).balanceTicks;
    await expect(exchange.connect(buyer.owner).cancelOrder(S + 4, buyer.address)).to.emit(exchange, "OrderCancelled");
    expect((await market.word(buyer)).balanceTicks).to.be.gt(before);
  });

  it("lets money be deposited, moved, withdrawn and redeemed to the last credit", async () => {
    const { market, exchange, buyer } = await load();
    const asOwner = exchange.connect(buyer.owner);
    await exchange.deposit(buyer.address, 5n);
    const balance = (await market.word(buyer)).balanceTicks;
    await asOwner.requestWithdrawal(buyer.address, balance, buyer.owner.address);
    await market.at(S + 10, 0);
    for (const slot of [S, S + 1, S + 2, S + 3, S + 4]) await exchange.close(1, slot, []);
    await market.at(S + 110, 0);
    await asOwner.collectWithdrawal(1);
    await asOwner.collectWithdrawal(2);
    const held = await market.credit.balanceOf(buyer.owner.address);
    await market.credit.connect(buyer.owner).approve(market.desk, held);
    await expect(market.desk.connect(buyer.owner).redeem(buyer.owner.address, held, 0)).to.emit(
      market.desk,
      "CreditsRedeemed",
    );
  });

  it("lets a bond be asked back and collected", async () => {
    const { market, exchange, seller } = await load();
    const asOwner = exchange.connect(seller.owner);
    const { bondTicks } = await exchange.siteInfo(seller.site);
    await asOwner.requestUnbond(seller.site, bondTicks);
    await market.at(S + 140, 0);
    for (const slot of [S, S + 1, S + 2, S + 3, S + 4]) await exchange.close(1, slot, []);
    await asOwner.collectBond(seller.site, seller.owner.address);
    expect((await exchange.siteInfo(seller.site)).bondTicks).to.equal(0n);
  });

  it("lets a meter be replaced, a site be transferred and a debt be paid", async () => {
    const { market, exchange, buyer } = await load();
    await market.at(S + 1, 1);
    const { meter } = await replaceDevice(market, buyer, market.newKey());
    const message = { site: meter.site, newOwner: market.worker.address, nonce: 1 };
    await exchange.transferSite(
      meter.site,
      market.worker.address,
      await market.consent(meter.owner, "SiteTransfer", message),
      await market.consent(market.worker, "SiteTransfer", message),
    );
    const balance = (await market.word(meter)).balanceTicks;
    await exchange.requestWithdrawal(meter.address, balance, market.worker.address);
    await market.settleFlows(S, [{ meter, importWh: 10 }]);
    await expect(exchange.payDebt(meter.site, 3_000_000n)).to.emit(exchange, "DebtRepaid");
  });

  it("ends by the governor's word, and entries go on", async () => {
    const { market, exchange, buyer } = await load();
    await expect(exchange.connect(market.guardian).pause()).to.be.revertedWithCustomError(exchange, "EnforcedPause");
    await exchange.connect(market.governor).unpause();
    await expect(exchange.connect(market.governor).unpause()).to.be.revertedWithCustomError(exchange, "ExpectedPause");
    await exchange.connect(buyer.owner).placeOrder(S + 5, buyer.address, 1, 10, 200_000);
  });
});
