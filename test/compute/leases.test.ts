import { expect } from "chai";
import hre from "hardhat";
import { ticksToBaseUnits } from "../../src/units.ts";
import { FIRST_SLOT as S, TERMS } from "../support/testMarket.ts";
import { deployComputeWorld, PRICE, read, request, STAKE, started, use } from "./world.ts";

const connection = await hre.network.create();
const { networkHelpers } = connection;

async function deployed() {
  return deployComputeWorld(connection);
}

async function load() {
  const world = await networkHelpers.loadFixture(deployed);
  return { ...world, world, compute: world.market.computeMarket };
}

async function running() {
  const loaded = await load();
  await started(loaded.world);
  return loaded;
}

describe("a lease", () => {
  it("is paid by the slot until its escrow is empty, and goes on when topped up", async () => {
    const { world, market, compute, provider, requester } = await running();
    // 10,000 accelerator-seconds at 100,000 ticks: three slots of 3,600 are 800 more than that.
    await use(world, S + 1);
    await use(world, S + 2);
    await expect(use(world, S + 3))
      .to.emit(compute, "UseReported")
      .withArgs(1, 2, S + 3, 3_600, 700, 280_000_000n, 0)
      .and.to.emit(compute, "LeasePaused")
      .withArgs(1, S + 4, true);
    const { leaf, root } = await read(world, S + 4, 700);
    await expect(compute.connect(provider).reportUse(1, 900, 700, leaf, root, []))
      .to.be.revertedWithCustomError(compute, "UseOutOfRange")
      .withArgs(1, S + 4, S + 4, S + 3);
    await expect(compute.connect(requester).resumeLease(1)).to.be.revertedWithCustomError(compute, "EscrowEmpty");
    await expect(compute.connect(requester).topUp(1, 900n * PRICE))
      .to.emit(compute, "LeaseResumed")
      .withArgs(1, S + 5);
    await use(world, S + 5, 900);
    await expect(compute.claimPay(1, 100)).to.be.revertedWithCustomError(compute, "NothingToClaim");
    await market.mineAt(S + 22, 60);
    expect(await compute.claimPay.staticCall(1, 2)).to.equal(720_000_000n);
    await compute.claimPay(1, 100);
    expect(await compute.earned(provider)).to.equal(1_090_000_000n);
    await compute.connect(provider).collect(provider);
    expect(await market.credit.balanceOf(provider)).to.equal(ticksToBaseUnits(1_090_000_000n));
    expect(await market.credit.balanceOf(compute)).to.equal(0n);
    await expect(compute.connect(provider).collect(provider))
      .to.be.revertedWithCustomError(compute, "NothingToPay")
      .withArgs(provider.address);
  });

  it("ends by time alone where both sides are silent, and its escrow is the requester's", async () => {
    const { market, compute, provider, requester } = await running();
    await market.mineAt(S + 96 + 112);
    await expect(compute.closeLease(1))
      .to.be.revertedWithCustomError(compute, "TooSoon")
      .withArgs(1, S + 209);
    await market.at(S + 209);
    await expect(compute.closeLease(1)).to.emit(compute, "LeaseClosed").withArgs(1, requester.address, 1_000_000_000n);
    expect(await compute.earned(requester)).to.equal(1_000_000_000n);
    expect((await market.providers.providerInfo(provider)).lockedTicks).to.equal(0n);
    expect((await compute.offerInfo(1)).leasedAccelerators).to.equal(0n);
    await expect(compute.closeLease(1)).to.be.revertedWithCustomError(compute, "WrongLeaseState").withArgs(1, 4);
  });

  it("gives refused pay and a share of both sides to the season pool, to neither of them", async () => {
    const { world, market, compute, provider, requester } = await running();
    for (const slot of [S + 1, S + 2]) await use(world, slot);
    await expect(compute.connect(provider).refuseUse(1, 1)).to.be.revertedWithCustomError(compute, "NotEntitled");
    await expect(compute.connect(requester).refuseUse(1, 2)).to.be.revertedWithCustomError(compute, "UseSettled");
    const seasons = await market.seasons.getAddress();
    // 360,000,000 of pay; an eighth is 45,000,000 from escrow and stake each.
    await expect(compute.connect(requester).refuseUse(1, 1))
      .to.emit(compute, "UseRefused")
      .withArgs(1, 1, 360_000_000n, 45_000_000n, 45_000_000n, S + 3);
    expect(await market.credit.balanceOf(seasons)).to.equal(ticksToBaseUnits(450_000_000n));
    expect((await market.providers.providerInfo(provider)).stakeTicks).to.equal(4n * STAKE - 45_000_000n);
    await compute.claimPay(1, 9);
    expect(await compute.earned(provider)).to.equal(360_000_000n);
    await market.at(S + 4);
    await compute.connect(provider).closeLease(1);
    expect(await compute.earned(requester)).to.equal(235_000_000n);
  });

  it("is paused after two days of silence, not ended, and resumed by either side", async () => {
    const { market, compute, provider, requester, other } = await load();
    await compute.connect(requester).requestLease(request({ durationSlots: 2_000 }));
    await market.at(S + 1);
    await compute.startNext(1);
    await expect(compute.pauseLease(1))
      .to.be.revertedWithCustomError(compute, "TooSoon")
      .withArgs(1, S + 193);
    await market.at(S + 193);
    await expect(compute.pauseLease(1))
      .to.emit(compute, "LeasePaused")
      .withArgs(1, S + 193, false);
    await expect(compute.connect(other).resumeLease(1)).to.be.revertedWithCustomError(compute, "NotEntitled");
    await compute.connect(provider).resumeLease(1);
    await market.at(S + 386);
    await compute.pauseLease(1);
    await market.at(S + 386 + 672);
    await expect(compute.closeLease(1)).to.emit(compute, "LeaseClosed");
  });

  it("ends at once by its requester's notice and a day after its provider's", async () => {
    const { compute, provider, requester, other } = await running();
    await expect(compute.connect(other).giveNotice(1)).to.be.revertedWithCustomError(compute, "NotEntitled");
    await compute.connect(provider).giveNotice(1);
    expect((await compute.leaseInfo(1)).endSlot).to.equal(BigInt(S + 96));
    await compute.connect(requester).giveNotice(1);
    expect((await compute.leaseInfo(1)).endSlot).to.equal(BigInt(S + 1));
  });

  it("takes no use outside its policy, its accelerators, its meter or its turn", async () => {
    const { world, market, compute, provider, requester } = await load();
    await compute.connect(requester).requestLease(request({ maxImportPrice: 299_999 }));
    await market.at(S + 1);
    await expect(compute.startNext(1)).to.be.revertedWithCustomError(compute, "NothingWaits").withArgs(1);
    await compute.connect(requester).requestLease(request());
    await market.at(S + 2);
    await compute.startNext(1);
    const { leaf, root } = await read(world, S + 2, 700);
    const report = (seconds: number, changes: object = {}, energyWh = 700) =>
      compute.connect(provider).reportUse(2, seconds, energyWh, { ...leaf, ...changes }, root, []);
    await expect(report(3_601)).to.be.revertedWithCustomError(compute, "UseTooLarge").withArgs(2, 3_601, 3_600);
    await expect(report(1, { zone: 2 })).to.be.revertedWithCustomError(compute, "ForeignReading");
    await expect(report(1, { flags: 1 })).to.be.revertedWithCustomError(compute, "GapReading");
    await expect(report(1, {}, 701)).to.be.revertedWithCustomError(market.exchange, "EvidenceUsed");
    await expect(report(1, { slot: S + 1 })).to.be.revertedWithCustomError(compute, "UseOutOfRange");
    await report(900);
    await expect(report(900)).to.be.revertedWithCustomError(compute, "UseOutOfRange");
    await compute.connect(requester).acceptUse(2);
    await compute.claimPay(2, 1);
    expect(await compute.earned(provider)).to.equal(900n * PRICE);
  });
});

describe("a lease's provider", () => {
  it("has at most sixteen uses open to objection", async () => {
    const { world, compute, provider } = await running();
    const readings = [];
    for (let slot = S + 1; slot <= S + 17; ++slot) readings.push(await read(world, slot, 700));
    const reports = readings.map(
      ({ leaf, root }) =>
        () =>
          compute.connect(provider).reportUse(1, 100, 700, leaf, root, []),
    );
    const last = reports.pop();
    for (const report of reports) await report();
    await expect(last?.()).to.be.revertedWithCustomError(compute, "TooManyOpenUses").withArgs(1);
  });

  it("is paid nothing for a slot before the pause that an empty escrow brought", async () => {
    const { world, compute, provider } = await running();
    await use(world, S + 1);
    await use(world, S + 2);
    const [third, fourth] = [await read(world, S + 3, 700), await read(world, S + 4, 700)];
    const as = compute.connect(provider);
    await expect(as.reportUse(1, 3_600, 700, third.leaf, third.root, []))
      .to.emit(compute, "LeasePaused")
      .withArgs(1, S + 5, true);
    await expect(as.reportUse(1, 900, 700, fourth.leaf, fourth.root, []))
      .to.be.revertedWithCustomError(compute, "EscrowEmpty")
      .withArgs(1);
  });

  it("is not paid in slots that are dearer than the lease allows", async () => {
    const { world, market, compute, provider } = await running();
    const terms = { ...TERMS, fromSlot: S + 12, importPrice: 340_000 };
    await market.exchange.connect(market.governor).setZoneTerms(1, terms);
    const { leaf, root } = await read(world, S + 14, 700);
    await expect(compute.connect(provider).reportUse(1, 100, 700, leaf, root, []))
      .to.be.revertedWithCustomError(compute, "PolicyNotMet")
      .withArgs(1, S + 14, 340_000, 0);
  });
});

describe("requests for a lease", () => {
  it("are served by price, then by age, as far as they fit and their policy is met", async () => {
    const { market, compute, requester, other } = await load();
    await compute.connect(requester).requestLease(request({ accelerators: 8 }));
    await compute.connect(other).requestLease(request({ price: 2n * PRICE }));
    await compute.connect(other).requestLease(request());
    await expect(compute.startNext(1)).to.be.revertedWithCustomError(compute, "NothingWaits");
    await market.at(S + 1);
    for (const lease of [2, 3]) {
      await expect(compute.startNext(1))
        .to.emit(compute, "LeaseStarted")
        .withArgs(lease, 1, S + 1, S + 96, STAKE);
    }
    await expect(compute.startNext(1)).to.be.revertedWithCustomError(compute, "NothingWaits");
    await expect(compute.connect(other).withdrawRequest(1))
      .to.be.revertedWithCustomError(compute, "TooSoon")
      .withArgs(1, S + 11);
    await market.at(S + 11);
    await compute.connect(other).withdrawRequest(1);
    expect(await compute.earned(requester)).to.equal(1_000_000_000n);
    expect(await compute.waitingFor(1)).to.deep.equal([]);
  });

  it("make room for one ahead of the last when sixteen wait", async () => {
    const { compute, requester, other } = await load();
    for (let i = 0; i < 16; ++i) await compute.connect(requester).requestLease(request());
    await expect(compute.connect(other).requestLease(request()))
      .to.be.revertedWithCustomError(compute, "WaitingFull")
      .withArgs(1);
    await expect(compute.connect(other).requestLease(request({ price: PRICE + 1n })))
      .to.emit(compute, "RequestEnded")
      .withArgs(16, requester.address, 1_000_000_000n);
  });

  it("make room in the place of one that is out of time, whoever comes", async () => {
    const { market, compute, requester, other } = await load();
    for (let i = 1; i <= 16; ++i) {
      await compute.connect(requester).requestLease(request({ waitSlots: i === 5 ? 1 : 10 }));
    }
    await market.at(S + 1);
    await expect(compute.connect(other).requestLease(request())).to.be.revertedWithCustomError(compute, "WaitingFull");
    await market.at(S + 2);
    await expect(compute.connect(other).requestLease(request()))
      .to.emit(compute, "RequestEnded")
      .withArgs(5, requester.address, 1_000_000_000n);
    const waiting = await compute.waitingFor(1);
    expect([waiting.length, waiting.includes(5n), waiting.includes(17n)]).to.deep.equal([16, false, true]);
  });

  it("are refused below the offer's terms", async () => {
    const { compute, provider, requester } = await load();
    const ask = (changes: Partial<Record<string, number | bigint>>) =>
      compute.connect(requester).requestLease(request(changes));
    await expect(ask({ offer: 2 }))
      .to.be.revertedWithCustomError(compute, "UnknownOffer")
      .withArgs(2);
    await expect(ask({ price: PRICE - 1n })).to.be.revertedWithCustomError(compute, "BidTooLow");
    for (const bad of [{ accelerators: 9 }, { acceleratorSeconds: 899 }, { durationSlots: 0 }, { waitSlots: 193 }]) {
      await expect(ask(bad)).to.be.revertedWithCustomError(compute, "BadParameter");
    }
    await expect(ask({ site: 1 })).to.be.revertedWithCustomError(compute, "NotEntitled");
    await compute.connect(provider).cancelOffer(1);
    await expect(ask({})).to.be.revertedWithCustomError(compute, "OfferClosed").withArgs(1);
  });

  it("queue their energy until they start", async () => {
    const { market, compute, requester } = await load();
    await compute.connect(requester).requestLease(request());
    const { ratedWh } = await market.exchange.zoneInfo(1);
    // 10,000 s at 700 W are 1,944 Wh; the escrow buys 3,333.
    const counted = ratedWh / 8n < 1_944n ? ratedWh / 8n : 1_944n;
    expect(counted).to.be.greaterThan(0n);
    expect(await market.energyQueue.requesterWh(1, requester)).to.equal(counted);
    expect(await market.energyQueue.queuedWh(1, S + 8)).to.equal(0n);
    expect(await market.energyQueue.queuedWh(1, S + 9)).to.equal(counted);
    await market.at(S + 1);
    await compute.startNext(1);
    expect(await market.energyQueue.queuedWh(1, S + 9)).to.equal(counted);
    expect(await market.energyQueue.queuedWh(1, S + 10)).to.equal(0n);
  });
});
