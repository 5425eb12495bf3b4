import { expect } from "chai";
import hre from "hardhat";
import { ROLES } from "../../src/chain/roles.ts";
import { ticksToBaseUnits } from "../../src/units.ts";
import { FIRST_SLOT as S } from "../support/testMarket.ts";
import { deployComputeWorld, request, STAKE, started } from "./world.ts";

const connection = await hre.network.create();
const { ethers, networkHelpers } = connection;
const WEEK_SLOTS = 672;

async function deployed() {
  const world = await deployComputeWorld(connection);
  await world.market.handOver.connect(world.market.governor).grantRole(ROLES.COMPUTE, world.market.worker.address, 0);
  await world.market.providers.connect(world.provider).allowLocker(world.market.worker, true);
  return world;
}

async function load() {
  const world = await networkHelpers.loadFixture(deployed);
  const { providers, worker } = world.market;
  return { ...world, world, providers, jobs: providers.connect(worker) };
}

describe("a provider of compute", () => {
  it("is registered by the site's owner, whom it named, for an active meter that nobody else stands for", async () => {
    const { market, meter, owner, provider, other, providers } = await load();
    const as = providers.connect(owner);
    await expect(as.registerProvider(other, meter.address, 1))
      .to.be.revertedWithCustomError(providers, "NotSponsored")
      .withArgs(other.address, owner.address);
    await expect(providers.connect(other).registerProvider(other, meter.address, 1))
      .to.be.revertedWithCustomError(providers, "MeterUnfit")
      .withArgs(meter.address);
    await providers.connect(other).setSponsor(owner);
    await expect(as.registerProvider(other, meter.address, 1))
      .to.be.revertedWithCustomError(providers, "MeterTaken")
      .withArgs(meter.address, provider.address);
    await expect(as.registerProvider(provider, meter.address, 0)).to.be.revertedWithCustomError(
      providers,
      "BadParameter",
    );
    await market.exchange.connect(market.registrar).suspendMeter(meter.address);
    expect((await providers.providerInfo(provider)).active).to.equal(false);
    await expect(as.registerProvider(provider, meter.address, 1)).to.be.revertedWithCustomError(
      providers,
      "MeterUnfit",
    );
  });

  it("ends by itself or its site's owner, and takes no new work from then on", async () => {
    const { market, owner, provider, requester, other, providers, jobs } = await load();
    await expect(providers.endProvider(other)).to.be.revertedWithCustomError(providers, "UnknownProvider");
    await expect(providers.connect(other).endProvider(provider))
      .to.be.revertedWithCustomError(providers, "NotEntitled")
      .withArgs(other.address);
    await providers.connect(owner).endProvider(provider);
    await expect(jobs.lockStake(provider, 1)).to.be.revertedWithCustomError(providers, "ProviderInactive");
    await expect(market.computeMarket.connect(requester).requestLease(request())).to.be.revertedWithCustomError(
      market.computeMarket,
      "ProviderInactive",
    );
  });

  it("is another's affair once its site has a new owner, and frees its meter for that one", async () => {
    const { market, meter, owner, provider, other, providers } = await load();
    const { nonce } = await market.exchange.siteInfo(meter.site);
    const value = { site: meter.site, newOwner: other.address, nonce };
    const signatures = [owner, other].map(async (signer) => market.consent(signer, "SiteTransfer", value));
    const [from = "", to = ""] = await Promise.all(signatures);
    await market.exchange.transferSite(meter.site, other.address, from, to);
    expect((await providers.providerInfo(provider)).active).to.equal(false);
    await providers.connect(other).registerProvider(other, meter.address, 2);
    expect((await providers.providerInfo(other)).active).to.equal(true);
    // The stake is still the provider's.
    await providers.connect(provider).requestUnstake(4n * STAKE);
  });

  it("moves to another site once its work is done, and frees the meter that stood for it", async () => {
    const { market, meter, owner, provider, other, providers, jobs } = await load();
    const next = await market.addMeter({ kind: "consumer", owner });
    const as = providers.connect(owner);
    await jobs.lockStake(provider, STAKE);
    await expect(as.registerProvider(provider, next.address, 8))
      .to.be.revertedWithCustomError(providers, "StakeNotLocked")
      .withArgs(provider.address, 0, STAKE);
    await jobs.releaseStake(provider, STAKE);
    await as.registerProvider(provider, next.address, 8);
    const info = await providers.providerInfo(provider);
    expect([info.site, info.meter, info.active]).to.deep.equal([BigInt(next.site), next.address, true]);
    await providers.connect(other).setSponsor(owner);
    await as.registerProvider(other, meter.address, 1);
    expect((await providers.providerInfo(other)).meter).to.equal(meter.address);
  });

  it("has stake locked by those alone that it let, and what they locked stays theirs to release without a role", async () => {
    const { market, provider, providers, jobs } = await load();
    await jobs.lockStake(provider, STAKE);
    await providers.connect(provider).allowLocker(market.worker, false);
    expect(await providers.isLocker(provider, market.worker)).to.equal(false);
    await expect(jobs.lockStake(provider, 1))
      .to.be.revertedWithCustomError(providers, "LockerNotAllowed")
      .withArgs(provider.address, market.worker.address);
    await market.handOver.connect(market.governor).revokeRole(ROLES.COMPUTE, market.worker.address);
    await jobs.releaseStake(provider, STAKE);
    expect(await providers.freeStake(provider)).to.equal(4n * STAKE);
  });

  it("gets back what is free, a week after it asked", async () => {
    const { market, world, provider, providers } = await load();
    await started(world);
    const as = providers.connect(provider);
    await expect(as.requestUnstake(3n * STAKE + 1n))
      .to.be.revertedWithCustomError(providers, "StakeTooSmall")
      .withArgs(provider.address, 3n * STAKE + 1n, 3n * STAKE);
    await expect(as.requestUnstake(0)).to.be.revertedWithCustomError(providers, "BadParameter");
    await expect(as.cancelUnstake()).to.be.revertedWithCustomError(providers, "StakeUnbonding");
    await market.at(S + 2);
    await as.requestUnstake(STAKE);
    expect(await providers.freeStake(provider)).to.equal(2n * STAKE);
    await as.cancelUnstake();
    await market.at(S + 3);
    await as.requestUnstake(STAKE);
    await market.mineAt(S + 3 + WEEK_SLOTS, -1);
    await expect(as.collectStake(provider)).to.be.revertedWithCustomError(providers, "StakeUnbonding");
    await market.at(S + 3 + WEEK_SLOTS);
    await as.collectStake(provider);
    expect(await market.credit.balanceOf(provider)).to.equal(ticksToBaseUnits(STAKE));
  });

  it("answers with what a contract locked to that contract alone; the season pool gets what is not the reward", async () => {
    const { market, world, provider, other, providers, jobs } = await load();
    await started(world);
    await expect(jobs.slashStake(provider, 1, other, 0))
      .to.be.revertedWithCustomError(providers, "StakeNotLocked")
      .withArgs(provider.address, 1, 0);
    await jobs.lockStake(provider, STAKE);
    await expect(jobs.slashStake(provider, 5, other, 6)).to.be.revertedWithCustomError(providers, "StakeTooSmall");
    const before = await market.credit.balanceOf(other);
    await jobs.slashStake(provider, STAKE / 2n, other, 1_000);
    expect((await market.credit.balanceOf(other)) - before).to.equal(ticksToBaseUnits(1_000n));
    expect(await market.credit.balanceOf(market.seasons)).to.equal(ticksToBaseUnits(STAKE / 2n - 1_000n));
    await expect(jobs.releaseStake(provider, STAKE)).to.be.revertedWithCustomError(providers, "StakeNotLocked");
    await jobs.releaseStake(provider, STAKE / 2n);
    const { stakeTicks, lockedTicks } = await providers.providerInfo(provider);
    expect([stakeTicks, lockedTicks]).to.deep.equal([(7n * STAKE) / 2n, STAKE]);
    expect(await market.credit.balanceOf(providers)).to.equal(ticksToBaseUnits(stakeTicks));
  });
});

describe("the queue of waiting energy", () => {
  it("answers within 50,000 gas with a million gate openings behind it", async () => {
    const { market } = await load();
    const { worker } = market;
    const queue = market.energyQueue.connect(worker);
    const item = ethers.id("item");
    await queue.setQueued(item, 1, worker, 100, 10n ** 12n);
    // The length of the zone's list; the entries in between are zero, and as dear to look at.
    const place = ethers.keccak256(ethers.AbiCoder.defaultAbiCoder().encode(["uint16", "uint256"], [1, 3]));
    const address = await queue.getAddress();
    expect(BigInt(await ethers.provider.getStorage(address, place))).to.equal(1n);
    await networkHelpers.setStorageAt(address, place, 2n ** 20n);
    const gas = await queue.queuedWh.estimateGas(1, S + 9);
    // Less what the transaction itself costs.
    expect(Number(gas) - 21_000).to.be.lessThan(50_000);
  });

  it("counts at most what the escrow buys, and an eighth of the zone for one requester", async () => {
    const { market } = await load();
    const { worker } = market;
    const queue = market.energyQueue.connect(worker);
    const { ratedWh } = await market.exchange.zoneInfo(1);
    const [first, second] = [ethers.id("1"), ethers.id("2")];
    await queue.setQueued(first, 1, worker, 1_000_000, 300_000n * 50n);
    expect(await queue.countedWh(worker, first)).to.equal(50n);
    await queue.setQueued(second, 1, worker, 1_000_000, 10n ** 15n);
    expect(await queue.countedWh(worker, second)).to.equal(ratedWh / 8n - 50n);
    await queue.setQueued(first, 1, worker, 0, 0);
    await market.mineAt(S + 5);
    expect(await queue.queuedWh(1, S + 9)).to.equal(ratedWh / 8n - 50n);
    await queue.setQueued(second, 1, worker, 0, 0);
    expect(await queue.queuedWh(1, S + 13)).to.equal(ratedWh / 8n - 50n);
    expect(await queue.queuedWh(1, S + 14)).to.equal(0n);
    // No gate was ever open for the first slots of time.
    expect(await queue.queuedWh(1, 7)).to.equal(0n);
  });
});
