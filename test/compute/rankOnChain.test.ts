import { expect } from "chai";
import hre from "hardhat";
import { compareRequests } from "../../src/compute/compareRequests.ts";
import { rankOffers } from "../../src/compute/rankOffers.ts";
import { readOffers } from "../../src/compute/readOffers.ts";
import type { Deployment } from "../../src/chain/deployment.ts";
import { hardhatRpc } from "../audit/hardhatRpc.ts";
import { FIRST_SLOT as S } from "../support/testMarket.ts";
import { deployComputeWorld, PRICE, request, type ComputeWorld } from "./world.ts";

const connection = await hre.network.create();
const { networkHelpers } = connection;

async function deployed() {
  const world = await deployComputeWorld(connection);
  const { market } = world;
  const contracts = {
    EnergyExchange: await market.exchange.getAddress(),
    ComputeMarket: await market.computeMarket.getAddress(),
    Providers: await market.providers.getAddress(),
    Reputation: await market.reputation.getAddress(),
  };
  return { world, deployment: { deployBlock: 0, contracts } as unknown as Deployment };
}

async function load() {
  const { world, deployment } = await networkHelpers.loadFixture(deployed);
  return { world, compute: world.market.computeMarket, deployment };
}

const offers = (deployment: Deployment) => readOffers({ rpc: hardhatRpc(connection), deployment });

/** Two requests of others: for 5 accelerators at 1.2 times the offer's price, for 2 at 1.1 times. */
async function crowd({ market, other }: ComputeWorld): Promise<void> {
  const asOther = market.computeMarket.connect(other);
  await asOther.requestLease(request({ accelerators: 2, price: (PRICE * 11n) / 10n }));
  await asOther.requestLease(request({ accelerators: 5, price: (PRICE * 12n) / 10n }));
}

describe("the rank of offers beside the contract's order", () => {
  it("foretells the order in which the market starts what waits", async () => {
    const { world, compute, deployment } = await load();
    await crowd(world);
    await compute.connect(world.requester).requestLease(request({ accelerators: 1, price: (PRICE * 11n) / 10n }));
    const [offer] = await offers(deployment);
    const foretold = [...(offer?.waiting ?? [])].sort(compareRequests).map(({ lease }) => lease);
    expect(foretold).to.deep.equal([2, 1, 3]);
    await world.market.mineAt(S + 1);
    for (const lease of foretold) {
      expect(await compute.nextRequest(1)).to.equal(BigInt(lease));
      await compute.startNext(1);
    }
  });

  for (const [accelerators, least] of [
    [1, 100_000n],
    [3, 110_001n],
    [4, 120_001n],
    [8, 120_001n],
  ] as const) {
    it(`names the least price at which ${String(accelerators)} accelerators start at once`, async () => {
      const { world, compute, deployment } = await load();
      await crowd(world);
      const [offer] = rankOffers(await offers(deployment), accelerators);
      expect(offer?.starts).to.equal(true);
      const price = offer?.effectivePrice ?? 0n;
      expect(price).to.equal(least);

      /** Whether a request at this price is among those that start in the next slot. */
      async function starts(offered: bigint): Promise<boolean> {
        const before = await networkHelpers.takeSnapshot();
        await compute.connect(world.requester).requestLease(request({ accelerators, price: offered }));
        await world.market.mineAt(S + 1);
        while ((await compute.nextRequest(1)) !== 0n) await compute.startNext(1);
        const { state } = await compute.leaseInfo(3);
        await before.restore();
        return state === 2n;
      }

      expect(await starts(price)).to.equal(true);
      if (price > PRICE) expect(await starts(price - 1n)).to.equal(false);
    });
  }

  it("names a price that a full list makes room for", async () => {
    const { world, compute, deployment } = await load();
    const [asRequester, asOther] = [compute.connect(world.requester), compute.connect(world.other)];
    await asRequester.requestLease(request({ accelerators: 7 }));
    await world.market.mineAt(S + 1);
    await compute.startNext(1);
    for (let count = 0; count < 16; ++count) await asOther.requestLease(request({ accelerators: 2 }));
    const [offer] = rankOffers(await offers(deployment), 1);
    expect(offer).to.include({ effectivePrice: PRICE + 1n, starts: true });
    const asked = (price: bigint) => asRequester.requestLease(request({ accelerators: 1, price }));
    await expect(asked(PRICE)).to.be.revertedWithCustomError(compute, "WaitingFull");
    await asked(PRICE + 1n);
    await world.market.mineAt(S + 2);
    expect(await compute.nextRequest(1)).to.equal(18n);
  });

  it("knows who lacks stake or has not let the market lock it, and lists no closed offer", async () => {
    const { world, compute, deployment } = await load();
    const { provider, market, meter } = world;
    const [backed] = await offers(deployment);
    expect(backed).to.deep.include({ offer: 1, provider: provider.address, backed: true, tier: 0, waiting: [] });
    expect(backed?.site).to.equal(meter.site);
    await market.providers.connect(provider).allowLocker(compute, false);
    expect((await offers(deployment))[0]?.backed).to.equal(false);
    await market.providers.connect(provider).allowLocker(compute, true);
    await market.providers.connect(provider).requestUnstake(200_000_000n);
    expect((await offers(deployment))[0]?.backed).to.equal(false);
    await compute.connect(provider).cancelOffer(1);
    expect(await offers(deployment)).to.deep.equal([]);
  });

  it("forgets a request that will be out of time", async () => {
    const { world, compute, deployment } = await load();
    await compute.connect(world.requester).requestLease(request({ waitSlots: 1 }));
    expect((await offers(deployment))[0]?.waiting).to.have.length(1);
    await world.market.mineAt(S + 1);
    expect((await offers(deployment))[0]?.waiting).to.deep.equal([]);
  });
});
