import { expect } from "chai";
import hre from "hardhat";
import { ROLES } from "../../src/chain/roles.ts";
import { DEFAULT_TIER_RULES } from "../../src/game/tiers.ts";
import { deployReputationBench, FIRST_DAY } from "../reputation/bench.ts";
import { deployCommunity, HAND_OVER_SITES } from "./community.ts";

const connection = await hre.network.create();
const { ethers, networkHelpers } = connection;

async function before() {
  return deployCommunity(connection);
}

async function reputationAlone() {
  return deployReputationBench(connection);
}

async function load() {
  const community = await networkHelpers.loadFixture(before);
  const { market, meters } = community;
  const sites = meters.map(({ site }) => site);
  const timelock = await market.timelock.getAddress();
  const holds = async (role: bigint, account: string) => (await market.manager.hasRole(role, account)).isMember;
  return { ...community, sites, timelock, holds, handOver: market.handOver.connect(market.worker) };
}

describe("the hand-over from the council to the community", () => {
  it("is refused to everybody until enough sites have votes", async () => {
    const { market, handOver, sites } = await load();
    for (const [synced, site] of sites.entries()) {
      for (const account of [market.worker, market.governor]) {
        await expect(handOver.connect(account).complete())
          .to.be.revertedWithCustomError(handOver, "TooFewVotingSites")
          .withArgs(synced, HAND_OVER_SITES);
      }
      await market.reputation.sync(site);
      await networkHelpers.time.increase(1);
    }
    await handOver.complete();
  });

  it("gives ADMIN and GOVERNOR to the timelock alone, by anybody's call", async () => {
    const { market, handOver, sites, timelock, holds } = await load();
    await market.reputation.syncMany(sites);
    await expect(handOver.complete())
      .to.emit(handOver, "HandedOver")
      .withArgs(market.governor.address, timelock, HAND_OVER_SITES);
    const accounts = [...market.signers.map(({ address }) => address), timelock, await handOver.getAddress()];
    for (const role of [ROLES.ADMIN, ROLES.GOVERNOR]) {
      for (const account of accounts) expect(await holds(role, account), account).to.equal(account === timelock);
    }
    expect(await handOver.completed()).to.equal(true);
  });

  it("happens once, and takes back neither role nor word", async () => {
    const { market, handOver, sites } = await load();
    await market.reputation.syncMany(sites);
    await handOver.complete();
    const council = handOver.connect(market.governor);
    await expect(council.complete()).to.be.revertedWithCustomError(handOver, "AlreadyHandedOver");
    // Not even the timelock, which governs now, grants through the council's door.
    const timelock = await market.timelock.getAddress();
    await networkHelpers.setBalance(timelock, 10n ** 18n);
    const governing = handOver.connect(await ethers.getImpersonatedSigner(timelock));
    await expect(governing.grantRole(ROLES.GRID, market.worker.address, 0)).to.be.revertedWithCustomError(
      handOver,
      "AlreadyHandedOver",
    );
    for (const verb of [
      () => council.grantRole(ROLES.GRID, market.governor.address, 0),
      () => council.revokeRole(ROLES.GRID, market.grid.address),
      () => market.exchange.connect(market.governor).setMatcher(1, market.worker.address, 2_000_000),
      () => market.reputation.connect(market.governor).setTierRules(DEFAULT_TIER_RULES),
    ]) {
      await expect(verb()).to.be.revertedWithCustomError(market.exchange, "AccessManagedUnauthorized");
    }
    await expect(
      market.manager.connect(market.governor).grantRole(ROLES.GOVERNOR, market.governor.address, 0),
    ).to.be.revertedWithCustomError(market.manager, "AccessManagerUnauthorizedAccount");
  });

  it("holds although sites lose their votes again", async () => {
    const { market, handOver, sites, meters, holds, timelock } = await load();
    await market.reputation.syncMany(sites);
    await handOver.complete();
    for (const { address } of meters) await market.exchange.connect(market.registrar).suspendMeter(address);
    await networkHelpers.time.increase(86_400);
    await market.reputation.syncMany(sites);
    expect(await market.reputation.votingSites()).to.equal(0n);
    await expect(handOver.complete()).to.be.revertedWithCustomError(handOver, "AlreadyHandedOver");
    expect(await holds(ROLES.GOVERNOR, timelock)).to.equal(true);
  });

  it("cannot be undermined beforehand: the council names no second governor or administrator", async () => {
    const { market, handOver, sites, holds } = await load();
    const council = handOver.connect(market.governor);
    for (const role of [ROLES.ADMIN, ROLES.GOVERNOR]) {
      await expect(council.grantRole(role, market.worker.address, 0))
        .to.be.revertedWithCustomError(handOver, "RoleKept")
        .withArgs(role);
      await expect(council.revokeRole(role, await handOver.getAddress()))
        .to.be.revertedWithCustomError(handOver, "RoleKept")
        .withArgs(role);
    }
    // Nor does it administer roles or contracts, whatever it calls on the manager itself.
    const manager = market.manager.connect(market.governor);
    const target = await market.exchange.getAddress();
    for (const verb of [
      () => manager.grantRole(ROLES.ADMIN, market.worker.address, 0),
      () => manager.setRoleAdmin(ROLES.GRID, ROLES.GOVERNOR),
      () => manager.setTargetFunctionRole(target, ["0x8456cb59"], ROLES.GOVERNOR),
      () => manager.setTargetClosed(target, true),
      () => manager.updateAuthority(target, market.worker.address),
    ]) {
      await expect(verb()).to.be.revertedWithCustomError(market.manager, "AccessManagerUnauthorizedAccount");
    }
    await market.reputation.syncMany(sites);
    await handOver.complete();
    expect(await holds(ROLES.ADMIN, market.governor.address)).to.equal(false);
  });

  it("drops what the council scheduled and did not execute", async () => {
    const { manager, reputation, setSite, sync, owners } = await networkHelpers.loadFixture(reputationAlone);
    const [council, owner, timelock] = owners;
    if (council === undefined || owner === undefined || timelock === undefined) throw new Error("too few accounts");
    const parts = [manager, reputation, council.address, timelock.address, 1] as const;
    const handOver = await ethers.deployContract("HandOver", [...parts]);
    await manager.grantRole(ROLES.ADMIN, handOver, 0);
    await manager.grantRole(ROLES.GOVERNOR, council.address, 3_600);
    await setSite(1, owner.address, [{ meter: owner.address }]);
    await sync(1, FIRST_DAY);
    const call = reputation.interface.encodeFunctionData("setTierRules", [DEFAULT_TIER_RULES]);
    await manager.connect(council).schedule(reputation, call, 0);
    await handOver.complete();
    await networkHelpers.time.increase(3_600);
    await expect(manager.connect(council).execute(reputation, call)).to.be.revertedWithCustomError(
      manager,
      "AccessManagerUnauthorizedCall",
    );
  });

  it("leaves the council the naming of the other roles until then", async () => {
    const { market, handOver, holds } = await load();
    const council = handOver.connect(market.governor);
    await council.grantRole(ROLES.INSPECTOR, market.worker.address, 0);
    expect(await holds(ROLES.INSPECTOR, market.worker.address)).to.equal(true);
    await council.revokeRole(ROLES.INSPECTOR, market.worker.address);
    expect(await holds(ROLES.INSPECTOR, market.worker.address)).to.equal(false);
    await expect(handOver.grantRole(ROLES.INSPECTOR, market.worker.address, 0))
      .to.be.revertedWithCustomError(handOver, "AccessManagedUnauthorized")
      .withArgs(market.worker.address);
  });

  it("is deployed with a council, another account as timelock, and a threshold", async () => {
    const { market, timelock, handOver } = await load();
    const [manager, reputation] = [await market.manager.getAddress(), await market.reputation.getAddress()];
    const council = market.governor.address;
    for (const [first, second, threshold] of [
      [ethers.ZeroAddress, timelock, 1],
      [council, ethers.ZeroAddress, 1],
      [council, council, 1],
      [council, timelock, 0],
    ] as const) {
      await expect(ethers.deployContract("HandOver", [manager, reputation, first, second, threshold]))
        .to.be.revertedWithCustomError(handOver, "BadHandOver")
        .withArgs(first, second, threshold);
    }
    expect(await handOver.council()).to.equal(council);
    expect(await handOver.timelock()).to.equal(timelock);
    expect(await handOver.reputation()).to.equal(reputation);
  });
});
