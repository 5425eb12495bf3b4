import { expect } from "chai";
import { AbiCoder, MaxUint256 } from "ethers";
import hre from "hardhat";
import Joulework from "../../modules/Joulework.ts";
import { CREDIT, deployDesk, deployUnfundedDesk, PRICE, roleHolders } from "./givenDesk.ts";

const connection = await hre.network.create();
const { ethers, networkHelpers } = connection;

describe("payment tokens", () => {
  // 3 tokens a credit; 7 credits and one base unit, whose worth is whole only from 18 decimals on.
  const cases: [number, bigint, bigint][] = [
    [0, 22n, 21n],
    [2, 2_101n, 2_100n],
    [6, 21_000_001n, 21_000_000n],
    [18, 21_000_000_000_000_000_003n, 21_000_000_000_000_000_003n],
    [24, 21_000_000_000_000_000_003_000_000n, 21_000_000_000_000_000_003_000_000n],
  ];
  for (const [decimals, paid, worth] of cases) {
    it(`of ${String(decimals)} decimals are bought with and redeemed to the base unit`, async () => {
      const given = await deployDesk(connection, decimals, 3n * 10n ** BigInt(decimals));
      const { desk, token, credit, alice } = given;
      const asAlice = desk.connect(alice);
      const amount = 7n * CREDIT + 1n;
      await expect(asAlice.buy(alice.address, amount, MaxUint256)).to.changeTokenBalance(ethers, token, alice, -paid);
      expect(await desk.backing()).to.be.gte(amount);
      await expect(asAlice.redeem(alice.address, amount, 0n)).to.changeTokenBalance(ethers, token, alice, worth);
      expect(await credit.totalSupply()).to.equal(0n);
      expect(await desk.funds()).to.equal(paid - worth);
    });
  }

  it("without return values are taken and paid", async () => {
    const token = await ethers.deployContract("ReturnlessToken");
    const paymentToken = await token.getAddress();
    const deployed = await connection.ignition.deploy(Joulework, {
      parameters: { Joulework: { paymentToken, ...(await roleHolders(connection)) } },
    });
    const desk = await ethers.getContractAt("CreditDesk", await deployed.creditDesk.getAddress());
    const credit = await ethers.getContractAt("EnergyCredit", await deployed.energyCredit.getAddress());
    const [, , , grid, alice] = await ethers.getSigners();
    if (grid === undefined || alice === undefined) throw new Error("the test chain has too few accounts");
    await token.mint(alice.address, 100n * PRICE);
    await token.connect(alice).approve(desk, MaxUint256);
    await credit.connect(alice).approve(desk, MaxUint256);
    const asAlice = desk.connect(alice);
    await asAlice.buy(alice.address, 50n * CREDIT, MaxUint256);
    await asAlice.redeem(alice.address, 20n * CREDIT, 0n);
    expect(await token.balanceOf(alice.address)).to.equal(70n * PRICE);
    await desk.connect(grid).setCreditLine(30n * CREDIT);
    await desk.connect(grid).withdrawPledge(grid.address, 30n * PRICE);
    await asAlice.redeemOrQueue(alice.address, 30n * CREDIT, 0n);
    await asAlice.pledge(30n * PRICE);
    await desk.payQueue(1n);
    expect(await token.balanceOf(alice.address)).to.equal(70n * PRICE);
    expect(await token.balanceOf(desk)).to.equal(0n);
  });

  it("with a fee kept on transfer are refused, buying and pledging", async () => {
    const { credit, manager, alice } = await deployDesk(connection);
    const token = await ethers.deployContract("FeeOnTransferToken");
    const desk = await ethers.deployContract("CreditDesk", [credit, token, manager, PRICE, PRICE]);
    await token.mint(alice.address, 10n ** 9n);
    await token.connect(alice).approve(desk, MaxUint256);
    await expect(desk.connect(alice).pledge(10_000n))
      .to.be.revertedWithCustomError(desk, "TransferMismatch")
      .withArgs(10_000n, 9_900n);
    await expect(desk.connect(alice).buy(alice.address, CREDIT, MaxUint256))
      .to.be.revertedWithCustomError(desk, "TransferMismatch")
      .withArgs(PRICE, PRICE - PRICE / 100n);
  });

  it("that begin to charge the sender on top are refused before they use up what backs credits", async () => {
    const { desk, token, alice } = await deployDesk(connection);
    await desk.connect(alice).buy(alice.address, 10n * CREDIT, MaxUint256);
    await token.setSurcharge(1n);
    await expect(desk.connect(alice).redeem(alice.address, CREDIT, 0n))
      .to.be.revertedWithCustomError(desk, "TransferMismatch")
      .withArgs(PRICE, PRICE + 1n);
    expect(await token.balanceOf(desk)).to.equal(10n * PRICE);
  });

  it("are never sent to the desk itself", async () => {
    const { desk, alice } = await deployDesk(connection);
    await desk.connect(alice).buy(alice.address, 10n * CREDIT, MaxUint256);
    await expect(desk.connect(alice).redeem(await desk.getAddress(), CREDIT, 0n))
      .to.be.revertedWithCustomError(desk, "TransferMismatch")
      .withArgs(PRICE, 0n);
  });

  it("beyond 128 bits are refused, so that no amount stops a settlement", async () => {
    const { desk, token, governor, alice } = await deployDesk(connection);
    const { interface: math } = await ethers.getContractFactory("CreditDesk");
    await token.mint(alice.address, 2n ** 130n);
    await expect(desk.connect(alice).pledge(2n ** 128n)).to.be.revertedWithCustomError(
      { interface: math },
      "SafeCastOverflowedUintDowncast",
    );
    await expect(desk.connect(governor).setPrices(2n ** 128n, 1n)).to.be.revertedWithCustomError(
      { interface: math },
      "SafeCastOverflowedUintDowncast",
    );
    await desk.connect(governor).setPrices(2n ** 128n - 1n, 1n);
    await desk.connect(alice).pledge(2n ** 128n - 1n);
    expect(await desk.backing()).to.equal((2n ** 128n - 1n) * CREDIT);
    expect(await desk.headroomTicks()).to.equal((2n ** 128n - 1n) * 10n ** 9n);
  });

  describe("that call back in the middle of a transfer", () => {
    async function withCredits() {
      const given = await deployUnfundedDesk(connection);
      await given.desk.connect(given.carol).pledge(50n * PRICE);
      await given.desk.connect(given.alice).redeemOrQueue(given.alice.address, 60n * CREDIT, 0n);
      return given;
    }
    const calls: [string, unknown[]][] = [
      ["buy", ["0x0000000000000000000000000000000000000001", CREDIT, MaxUint256]],
      ["redeem", ["0x0000000000000000000000000000000000000001", CREDIT, 0n]],
      ["redeemOrQueue", ["0x0000000000000000000000000000000000000001", CREDIT, 0n]],
      ["payQueue", [5n]],
      ["cancelRedemption", [1n]],
      ["collectRedemption", [1n, "0x0000000000000000000000000000000000000001"]],
      ["pledge", [1n]],
    ];
    for (const [verb, args] of calls) {
      it(`find ${verb} locked, and the transfer goes on`, async () => {
        const { desk, token, alice, carol } = await networkHelpers.loadFixture(withCredits);
        const locked = desk.interface.encodeErrorResult("ReentrancyGuardReentrantCall");
        const data = desk.interface.encodeFunctionData(verb as "pledge", args as [bigint]);
        await token.callBack(await desk.getAddress(), data);
        await expect(desk.connect(carol).pledge(10n * PRICE)).to.changeTokenBalance(ethers, token, desk, 10n * PRICE);
        expect(await token.succeeded()).to.equal(false);
        expect(await token.answer()).to.equal(locked);
        await token.callBack(await desk.getAddress(), data);
        await expect(desk.payQueue(1n)).to.changeTokenBalance(ethers, token, alice, 60n * PRICE);
        expect(await token.succeeded()).to.equal(false);
        expect(await token.answer()).to.equal(locked);
      });
    }

    it("see a bound in the middle of a payment that never allows more than before and after it", async () => {
      const { desk, token, carol } = await networkHelpers.loadFixture(withCredits);
      const before = await desk.headroomTicks();
      await token.callBack(await desk.getAddress(), desk.interface.encodeFunctionData("headroomTicks"));
      await desk.connect(carol).pledge(10n * PRICE);
      const inTheMiddle = AbiCoder.defaultAbiCoder().decode(["uint256"], await token.answer())[0] as bigint;
      expect(inTheMiddle).to.equal(before);
      const raised = await desk.headroomTicks();
      await token.callBack(await desk.getAddress(), desk.interface.encodeFunctionData("headroomTicks"));
      await desk.payQueue(1n);
      expect(AbiCoder.defaultAbiCoder().decode(["uint256"], await token.answer())[0]).to.equal(raised);
      expect(await desk.headroomTicks()).to.equal(raised);
    });
  });
});
