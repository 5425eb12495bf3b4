import { expect } from "chai";
import hre from "hardhat";
import JouleworkLocal from "../../modules/JouleworkLocal.ts";
import { ROLES } from "../../src/chain/roles.ts";

const connection = await hre.network.create();
const { ethers, ignition, networkHelpers } = connection;

/** The delay of the production parameters: one hour. */
const DELAY = 3600;

async function production() {
  const { accessManager, creditDesk, energyExchange, handOver } = await ignition.deploy(JouleworkLocal);
  const [deployer, governor, , , guardian] = await ethers.getSigners();
  if (deployer === undefined || governor === undefined || guardian === undefined) {
    throw new Error("the test chain has too few accounts");
  }
  const manager = await ethers.getContractAt("AccessManager", await accessManager.getAddress());
  const desk = await ethers.getContractAt("CreditDesk", await creditDesk.getAddress());
  const exchange = await ethers.getContractAt("EnergyExchange", await energyExchange.getAddress());
  const over = await ethers.getContractAt("HandOver", await handOver.getAddress());
  return {
    manager: manager.connect(governor),
    desk: desk.connect(governor),
    handOver: over.connect(governor),
    exchange,
    deployer,
    governor,
    guardian,
  };
}

async function load() {
  const parts = await networkHelpers.loadFixture(production);
  const target = await parts.desk.getAddress();
  const call = parts.desk.interface.encodeFunctionData("setPrices", [400_000n, 300_000n]);
  return { ...parts, target, call };
}

describe("the governor's delay in production", () => {
  it("stands on its role, it administers no roles, and nothing is left for the deployer", async () => {
    const { manager, governor, deployer, handOver } = await load();
    expect([...(await manager.hasRole(ROLES.GOVERNOR, governor.address))]).to.deep.equal([true, BigInt(DELAY)]);
    expect([...(await manager.hasRole(ROLES.ADMIN, governor.address))]).to.deep.equal([false, 0n]);
    expect([...(await manager.hasRole(ROLES.ADMIN, await handOver.getAddress()))]).to.deep.equal([true, 0n]);
    for (const role of Object.values(ROLES)) {
      expect([...(await manager.hasRole(role, deployer.address))]).to.deep.equal([false, 0n]);
    }
  });

  it("refuses a direct call, and an execution that was not scheduled", async () => {
    const { manager, desk, governor, target, call } = await load();
    const operation = await manager.hashOperation(governor.address, target, call);
    await expect(desk.setPrices(400_000n, 300_000n))
      .to.be.revertedWithCustomError(manager, "AccessManagerNotScheduled")
      .withArgs(operation);
    await expect(manager.execute(target, call))
      .to.be.revertedWithCustomError(manager, "AccessManagerNotScheduled")
      .withArgs(operation);
  });

  it("executes what was scheduled, not a second before the delay is over, and once", async () => {
    const { manager, desk, governor, target, call } = await load();
    const operation = await manager.hashOperation(governor.address, target, call);
    const scheduled = await manager.schedule(target, call, 0);
    await expect(scheduled).to.emit(manager, "OperationScheduled");
    const from = Number((await scheduled.getBlock())?.timestamp) + DELAY;
    expect(await manager.getSchedule(operation)).to.equal(from);

    await networkHelpers.time.setNextBlockTimestamp(from - 1);
    await expect(manager.execute(target, call))
      .to.be.revertedWithCustomError(manager, "AccessManagerNotReady")
      .withArgs(operation);
    await networkHelpers.time.setNextBlockTimestamp(from);
    await expect(manager.execute(target, call)).to.emit(desk, "PricesSet").withArgs(400_000n, 300_000n);
    await expect(manager.execute(target, call)).to.be.revertedWithCustomError(manager, "AccessManagerNotScheduled");
  });

  it("executes by a direct call as well, once scheduled and due", async () => {
    const { manager, exchange, desk, governor, guardian } = await load();
    const target = await exchange.getAddress();
    await exchange.connect(guardian).pause();
    const call = exchange.interface.encodeFunctionData("unpause");
    await manager.schedule(target, call, 0);
    await networkHelpers.time.increase(DELAY);
    await expect(exchange.connect(governor).unpause()).to.emit(exchange, "Unpaused");
    expect(await desk.sellPrice()).to.equal(300_000n);
  });

  it("lets nobody else schedule, and takes a cancelled operation back", async () => {
    const { manager, deployer, governor, target, call } = await load();
    await expect(manager.connect(deployer).schedule(target, call, 0)).to.be.revertedWithCustomError(
      manager,
      "AccessManagerUnauthorizedCall",
    );
    await manager.schedule(target, call, 0);
    await expect(manager.connect(deployer).cancel(governor.address, target, call)).to.be.revertedWithCustomError(
      manager,
      "AccessManagerUnauthorizedCancel",
    );
    await manager.cancel(governor.address, target, call);
    await networkHelpers.time.increase(DELAY);
    await expect(manager.execute(target, call)).to.be.revertedWithCustomError(manager, "AccessManagerNotScheduled");
  });

  it("holds for changes of the roles themselves", async () => {
    const { manager, governor, deployer, handOver } = await load();
    const target = await handOver.getAddress();
    await expect(handOver.grantRole(ROLES.GRID, deployer.address, 0)).to.be.revertedWithCustomError(
      manager,
      "AccessManagerNotScheduled",
    );
    const call = handOver.interface.encodeFunctionData("grantRole", [ROLES.GRID, deployer.address, 0]);
    await manager.schedule(target, call, 0);
    await networkHelpers.time.increase(DELAY);
    await manager.connect(governor).execute(target, call);
    expect((await manager.hasRole(ROLES.GRID, deployer.address)).isMember).to.equal(true);
  });

  it("does not keep the guardian from stopping entries at once", async () => {
    const { exchange, guardian } = await load();
    await exchange.connect(guardian).pause();
    expect(await exchange.paused()).to.equal(true);
  });
});
