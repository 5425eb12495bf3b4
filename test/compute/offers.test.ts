import { expect } from "chai";
import { encodeBytes32String } from "ethers";
import hre from "hardhat";
import { FIRST_SLOT as S } from "../support/testMarket.ts";
import { deployComputeWorld, PRICE, STAKE, started, use } from "./world.ts";

const connection = await hre.network.create();
const { networkHelpers } = connection;

async function deployed() {
  return deployComputeWorld(connection);
}

async function load() {
  const world = await networkHelpers.loadFixture(deployed);
  return { ...world, world, compute: world.market.computeMarket };
}

describe("an offer of compute", () => {
  it("is refused where a term makes no sense, by the term's name and value", async () => {
    const { compute, provider } = await load();
    // A provider of 8 accelerators; terms in the order of the call.
    const good = { accelerators: 8, price: PRICE, stakeTicks: STAKE, least: 900, most: 1_000_000, powerW: 700 };
    for (const [change, name, value] of [
      [{ accelerators: 0 }, "accelerators", 0],
      [{ accelerators: 9 }, "accelerators", 9],
      [{ price: 0 }, "price", 0],
      [{ stakeTicks: 0 }, "stakeTicks", 0],
      [{ least: 0 }, "minAcceleratorSeconds", 0],
      [{ least: 1_000_001 }, "minAcceleratorSeconds", 1_000_001],
      [{ powerW: 0 }, "powerW", 0],
    ] as const) {
      const { accelerators, price, stakeTicks, least, most, powerW } = { ...good, ...change };
      await expect(compute.connect(provider).makeOffer(accelerators, price, stakeTicks, least, most, powerW))
        .to.be.revertedWithCustomError(compute, "BadParameter")
        .withArgs(encodeBytes32String(name), value);
    }
  });

  it("is a provider's alone: nobody else makes one, and nobody else takes it back", async () => {
    const { compute, market, requester, provider } = await load();
    const { providers } = market;
    await expect(compute.connect(requester).makeOffer(1, PRICE, STAKE, 900, 1_000, 700))
      .to.be.revertedWithCustomError(providers, "UnknownProvider")
      .withArgs(requester.address);
    await expect(compute.connect(requester).cancelOffer(1))
      .to.be.revertedWithCustomError(compute, "NotEntitled")
      .withArgs(requester.address);
    await providers.connect(provider).endProvider(provider);
    await expect(compute.connect(provider).makeOffer(1, PRICE, STAKE, 900, 1_000, 700))
      .to.be.revertedWithCustomError(providers, "ProviderInactive")
      .withArgs(provider.address);
  });

  it("tells of each use of its leases, and pays nothing for a lease that never was", async () => {
    const { world, compute } = await load();
    await started(world);
    await use(world, S + 1);
    const { slot, acceleratorSeconds, energyWh } = await compute.useInfo(1, 0);
    expect([slot, acceleratorSeconds, energyWh]).to.deep.equal([BigInt(S + 1), 3_600n, 700n]);
    await expect(compute.claimPay(7, 1)).to.be.revertedWithCustomError(compute, "WrongLeaseState").withArgs(7, 0);
  });
});
