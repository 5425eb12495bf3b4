import { expect } from "chai";
import hre from "hardhat";
import { deployMockWorld, meterOf, startSlot, ZONE } from "./mockWorld.ts";

const connection = await hre.network.create();
const { networkHelpers } = connection;
const ACTIVE = 1;
const PRICE = 100n;
const STAKE = 1_000n;
/** Ranks of the sites 2 to 4 of three requesters, in the order in which they ask. */
const RANKS = [(1n << 24n) | 600_000n, (3n << 24n) | 10n, (1n << 24n) | 600_001n];

async function offered() {
  const world = await deployMockWorld(connection);
  const { exchange, providers, market, signers } = world;
  const [, provider, ...others] = signers;
  const requesters = others.slice(0, 3);
  if (provider === undefined) throw new Error("an account is missing");
  await exchange.setSite(1, provider, ZONE, 0);
  await exchange.setMeter(meterOf("provider"), 1, ACTIVE);
  for (const [place, requester] of requesters.entries()) {
    await exchange.setSite(place + 2, requester, ZONE, RANKS[place] ?? 0n);
  }
  await providers.connect(provider).registerProvider(provider, meterOf("provider"), 8);
  await providers.connect(provider).postStake(provider, 10n * STAKE);
  await providers.connect(provider).allowLocker(market, true);
  await market.connect(provider).makeOffer(4, PRICE, STAKE, 900, 1_000_000, 700);
  const now = Math.floor((await networkHelpers.time.latest()) / 900);
  await startSlot(world, now + 2);
  const request = (site: number, price = PRICE) => ({
    offer: 1,
    site,
    accelerators: 4,
    acceleratorSeconds: 10_000,
    price,
    maxImportPrice: 300_000,
    maxScarcityPpm: 0,
    durationSlots: 4,
    waitSlots: 96,
  });
  return { ...world, provider, requesters, request, slot: now + 2 };
}

describe("requests at one price", () => {
  it("are served by the rank of their site, the highest first, whoever asked first", async () => {
    const { market, requesters, request, slot, ...world } = await networkHelpers.loadFixture(offered);
    for (const [place, requester] of requesters.entries()) {
      await market.connect(requester).requestLease(request(place + 2));
    }
    await startSlot({ ...world, market }, slot + 1);
    await networkHelpers.mine();
    // The second asked for has tier 3; of the two in tier 1 the third has the better score by one.
    const order: bigint[] = [];
    for (let served = 0; served < 3; ++served) {
      const next = await market.nextRequest(1);
      order.push(next);
      const lease = requesters[Number(next) - 1];
      if (lease === undefined) throw new Error("nobody waits");
      await market.connect(lease).withdrawRequest(next);
    }
    expect(order).to.deep.equal([2n, 3n, 1n]);
  });

  it("have no rank for a site that is not the requester's any more, and a better price goes before any rank", async () => {
    const { market, exchange, requesters, request, slot, ...world } = await networkHelpers.loadFixture(offered);
    const [first, second, third] = requesters;
    if (first === undefined || second === undefined || third === undefined) throw new Error("an account is missing");
    await market.connect(first).requestLease(request(2));
    await market.connect(second).requestLease(request(3));
    await exchange.setSite(3, first, ZONE, RANKS[1] ?? 0n);
    await startSlot({ ...world, market, exchange }, slot + 1);
    await networkHelpers.mine();
    expect(await market.nextRequest(1)).to.equal(1n);
    await market.connect(third).requestLease(request(0, PRICE + 1n));
    await startSlot({ ...world, market, exchange }, slot + 2);
    await networkHelpers.mine();
    expect(await market.nextRequest(1)).to.equal(3n);
  });
});

describe("an ended lease", () => {
  it("takes no more money", async () => {
    const { market, requesters, request, slot, ...world } = await networkHelpers.loadFixture(offered);
    const [requester] = requesters;
    if (requester === undefined) throw new Error("an account is missing");
    await market.connect(requester).requestLease(request(2));
    await startSlot({ ...world, market }, slot + 1);
    await market.startNext(1);
    await startSlot({ ...world, market }, slot + 200);
    await market.closeLease(1);
    await expect(market.connect(requester).topUp(1, 1_000n))
      .to.be.revertedWithCustomError(market, "WrongLeaseState")
      .withArgs(1, 4);
  });
});
