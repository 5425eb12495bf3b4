import { expect } from "chai";
import { MaxUint256, Signature, ZeroAddress } from "ethers";
import hre from "hardhat";
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import type { EnergyCredit } from "../../typechain-types/index.ts";
import { deployTestMarket, type TestMarket } from "../support/testMarket.ts";

const connection = await hre.network.create();
const { ethers, networkHelpers } = connection;

async function deployed(): Promise<TestMarket> {
  return deployTestMarket(connection);
}

async function unfixed() {
  const [deployer, stranger] = await ethers.getSigners();
  if (deployer === undefined || stranger === undefined) throw new Error("the test chain has no accounts");
  const credit = await ethers.deployContract("EnergyCredit");
  const someContract = await (await ethers.deployContract("TestPaymentToken")).getAddress();
  return { credit, deployer, stranger, someContract };
}

const PERMIT = {
  Permit: [
    { name: "owner", type: "address" },
    { name: "spender", type: "address" },
    { name: "value", type: "uint256" },
    { name: "nonce", type: "uint256" },
    { name: "deadline", type: "uint256" },
  ],
};

async function permit(
  credit: EnergyCredit,
  owner: HardhatEthersSigner,
  value: { spender: string; value: bigint; nonce: bigint; deadline: bigint },
  chainId?: bigint,
): Promise<Signature> {
  const domain = {
    name: "Joulework Energy Credit",
    version: "1",
    chainId: chainId ?? (await ethers.provider.getNetwork()).chainId,
    verifyingContract: await credit.getAddress(),
  };
  return Signature.from(await owner.signTypedData(domain, PERMIT, { owner: owner.address, ...value }));
}

describe("EnergyCredit", () => {
  describe("fixIssuers", () => {
    it("refuses everybody but the deployer", async () => {
      const { credit, stranger, someContract } = await networkHelpers.loadFixture(unfixed);
      await expect(credit.connect(stranger).fixIssuers(someContract, someContract))
        .to.be.revertedWithCustomError(credit, "NotIssuer")
        .withArgs(stranger.address);
    });

    it("refuses an exchange or a desk that has no code", async () => {
      const { credit, stranger, someContract } = await networkHelpers.loadFixture(unfixed);
      await expect(credit.fixIssuers(stranger.address, someContract))
        .to.be.revertedWithCustomError(credit, "NotAContract")
        .withArgs(stranger.address);
      await expect(credit.fixIssuers(someContract, ZeroAddress))
        .to.be.revertedWithCustomError(credit, "NotAContract")
        .withArgs(ZeroAddress);
    });

    it("fixes the issuers once, with an event, and never again", async () => {
      const { credit, someContract } = await networkHelpers.loadFixture(unfixed);
      await expect(credit.fixIssuers(someContract, someContract))
        .to.emit(credit, "IssuersSet")
        .withArgs(someContract, someContract);
      await expect(credit.fixIssuers(someContract, someContract)).to.be.revertedWithCustomError(credit, "IssuersFixed");
    });

    it("has fixed exchange and desk in a deployed system", async () => {
      const market = await networkHelpers.loadFixture(deployed);
      expect(await market.credit.exchange()).to.equal(await market.exchange.getAddress());
      expect(await market.credit.desk()).to.equal(await market.desk.getAddress());
    });
  });

  describe("given a deployed system", () => {
    it("mints and burns for nobody but the issuers, governance and deployer included", async () => {
      const market = await networkHelpers.loadFixture(deployed);
      const supply = await market.credit.totalSupply();
      for (const account of market.signers.slice(0, 8)) {
        await expect(market.credit.connect(account).mint(account.address, 1n))
          .to.be.revertedWithCustomError(market.credit, "NotIssuer")
          .withArgs(account.address);
        await expect(market.credit.connect(account).burn(1n))
          .to.be.revertedWithCustomError(market.credit, "NotIssuer")
          .withArgs(account.address);
      }
      expect(await market.credit.totalSupply()).to.equal(supply);
    });

    it("lets both issuers mint and burn their own credits", async () => {
      const market = await networkHelpers.loadFixture(deployed);
      const holder = market.worker.address;
      for (const issuer of [await market.exchange.getAddress(), await market.desk.getAddress()]) {
        await networkHelpers.impersonateAccount(issuer);
        await networkHelpers.setBalance(issuer, 10n ** 18n);
        const as = market.credit.connect(await ethers.getSigner(issuer));
        await expect(as.mint(holder, 7n)).to.changeTokenBalance(ethers, market.credit, holder, 7n);
        await as.mint(issuer, 5n);
        await expect(as.burn(5n)).to.changeTokenBalance(ethers, market.credit, issuer, -5n);
        await networkHelpers.stopImpersonatingAccount(issuer);
      }
    });

    it("has 18 decimals, so that a tick is 1e9 base units and a credit 1e9 ticks", async () => {
      const market = await networkHelpers.loadFixture(deployed);
      expect(await market.credit.decimals()).to.equal(18n);
      expect(await market.credit.symbol()).to.equal("JOULE");
      // The payment token of local chains has six, as most stablecoins do: amounts of both are never mixed up.
      expect(await market.token.decimals()).to.equal(6n);
    });
  });

  describe("permit", () => {
    it("sets an allowance by signature, once", async () => {
      const market = await networkHelpers.loadFixture(deployed);
      const owner = market.worker;
      const spender = market.grid.address;
      const { v, r, s } = await permit(market.credit, owner, { spender, value: 9n, nonce: 0n, deadline: MaxUint256 });
      await market.credit.connect(market.guardian).permit(owner.address, spender, 9n, MaxUint256, v, r, s);
      expect(await market.credit.allowance(owner.address, spender)).to.equal(9n);
      expect(await market.credit.nonces(owner.address)).to.equal(1n);
      await expect(market.credit.permit(owner.address, spender, 9n, MaxUint256, v, r, s)).to.be.revertedWithCustomError(
        market.credit,
        "ERC2612InvalidSigner",
      );
    });

    it("refuses another value, another chain and an expired deadline", async () => {
      const market = await networkHelpers.loadFixture(deployed);
      const owner = market.worker;
      const spender = market.grid.address;
      const message = { spender, value: 9n, nonce: 0n, deadline: MaxUint256 };
      const good = await permit(market.credit, owner, message);
      await expect(
        market.credit.permit(owner.address, spender, 10n, MaxUint256, good.v, good.r, good.s),
      ).to.be.revertedWithCustomError(market.credit, "ERC2612InvalidSigner");
      const foreign = await permit(market.credit, owner, message, 1n);
      await expect(
        market.credit.permit(owner.address, spender, 9n, MaxUint256, foreign.v, foreign.r, foreign.s),
      ).to.be.revertedWithCustomError(market.credit, "ERC2612InvalidSigner");
      const late = await permit(market.credit, owner, { ...message, deadline: 1n });
      await expect(
        market.credit.permit(owner.address, spender, 9n, 1n, late.v, late.r, late.s),
      ).to.be.revertedWithCustomError(market.credit, "ERC2612ExpiredSignature");
    });
  });
});
