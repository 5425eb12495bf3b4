import { expect } from "chai";
import { ZeroAddress } from "ethers";
import hre from "hardhat";
import { signConsent } from "../../src/market/sign.ts";
import { deployTestMarket, FIRST_SLOT, type TestMarket } from "../support/testMarket.ts";
import { deployWallet, foreignDomains, registrationOf } from "../support/consents.ts";

const connection = await hre.network.create();
const { networkHelpers } = connection;
const S = FIRST_SLOT;

async function deployed(): Promise<TestMarket> {
  return deployTestMarket(connection);
}

async function load() {
  const market = await networkHelpers.loadFixture(deployed);
  return { market, exchange: market.exchange.connect(market.registrar), key: market.newKey(), other: market.newKey() };
}

describe("sites", () => {
  describe("registerSite", () => {
    it("refuses a zone that does not exist", async () => {
      const { market, exchange, key } = await load();
      const signature = signConsent(market.domain, key, "SiteConsent", { site: 1, owner: key.address, zone: 2 });
      await expect(exchange.registerSite(2, key.address, signature))
        .to.be.revertedWithCustomError(exchange, "BadZone")
        .withArgs(2);
    });

    it("refuses a consent of somebody else, for another site, zone or owner, or none", async () => {
      const { market, exchange, key, other } = await load();
      const message = { site: 1, owner: key.address, zone: 1 };
      const signatures = [
        signConsent(market.domain, other, "SiteConsent", message),
        signConsent(market.domain, key, "SiteConsent", { ...message, site: 2 }),
        signConsent(market.domain, key, "SiteConsent", { ...message, zone: 2 }),
        signConsent(market.domain, key, "SiteConsent", { ...message, owner: other.address }),
        "0x",
        `0x${"00".repeat(65)}`,
      ];
      for (const signature of signatures) {
        await expect(exchange.registerSite(1, key.address, signature))
          .to.be.revertedWithCustomError(exchange, "InvalidConsent")
          .withArgs(key.address);
      }
      await expect(exchange.registerSite(1, ZeroAddress, `0x${"00".repeat(65)}`))
        .to.be.revertedWithCustomError(exchange, "InvalidConsent")
        .withArgs(ZeroAddress);
    });

    it("refuses a consent for another chain or another exchange", async () => {
      const { market, exchange, key } = await load();
      for (const domain of Object.values(foreignDomains(market))) {
        const signature = signConsent(domain, key, "SiteConsent", { site: 1, owner: key.address, zone: 1 });
        await expect(exchange.registerSite(1, key.address, signature)).to.be.revertedWithCustomError(
          exchange,
          "InvalidConsent",
        );
      }
    });

    it("numbers sites from one and serves a consent once", async () => {
      const { market, exchange, key } = await load();
      const signature = signConsent(market.domain, key, "SiteConsent", { site: 1, owner: key.address, zone: 1 });
      await expect(exchange.registerSite(1, key.address, signature))
        .to.emit(exchange, "SiteRegistered")
        .withArgs(1, key.address, 1);
      await expect(exchange.registerSite(1, key.address, signature)).to.be.revertedWithCustomError(
        exchange,
        "InvalidConsent",
      );
      const site = await exchange.siteInfo(1);
      expect(site.owner).to.equal(key.address);
      expect(site.zone).to.equal(1n);
      expect(site.meters).to.deep.equal([]);
      expect(site.requiredBondTicks).to.equal(0n);
    });

    it("takes an owner that is a contract, by ERC-1271", async () => {
      const { market, exchange } = await load();
      const wallet = await deployWallet(connection, market.worker);
      const owner = await wallet.getAddress();
      const message = { site: 1, owner, zone: 1 };
      const stranger = await market.consent(market.guardian, "SiteConsent", message);
      await expect(exchange.registerSite(1, owner, stranger))
        .to.be.revertedWithCustomError(exchange, "InvalidConsent")
        .withArgs(owner);
      await exchange.registerSite(1, owner, await market.consent(market.worker, "SiteConsent", message));
      expect((await exchange.siteInfo(1)).owner).to.equal(owner);

      const key = market.newKey();
      const registration = registrationOf(1, key.address);
      await exchange.registerMeter(
        registration,
        await market.consent(market.worker, "MeterConsent", registration),
        signConsent(market.domain, key, "MeterConsent", registration),
      );
      const call = exchange.interface.encodeFunctionData("setDelegate", [key.address, market.grid.address]);
      await expect(wallet.connect(market.worker).execute(exchange, call))
        .to.emit(exchange, "DelegateSet")
        .withArgs(key.address, market.grid.address);
    });
  });

  describe("transferSite", () => {
    async function withMeter() {
      const parts = await load();
      const meter = await parts.market.addMeter({ kind: "consumer" });
      const message = { site: meter.site, newOwner: parts.market.worker.address, nonce: 0 };
      return {
        ...parts,
        meter,
        message,
        byOwner: await parts.market.consent(meter.owner, "SiteTransfer", message),
        byNewOwner: await parts.market.consent(parts.market.worker, "SiteTransfer", message),
      };
    }

    it("refuses a site that does not exist", async () => {
      const { exchange, message, byOwner, byNewOwner } = await withMeter();
      await expect(exchange.transferSite(9, message.newOwner, byOwner, byNewOwner))
        .to.be.revertedWithCustomError(exchange, "UnknownSite")
        .withArgs(9);
    });

    it("refuses if the owner or the new owner has not signed", async () => {
      const { exchange, meter, message, byOwner, byNewOwner } = await withMeter();
      await expect(exchange.transferSite(meter.site, message.newOwner, byNewOwner, byNewOwner))
        .to.be.revertedWithCustomError(exchange, "InvalidConsent")
        .withArgs(meter.owner.address);
      await expect(exchange.transferSite(meter.site, message.newOwner, byOwner, byOwner))
        .to.be.revertedWithCustomError(exchange, "InvalidConsent")
        .withArgs(message.newOwner);
    });

    it("refuses while a position is open", async () => {
      const { market, exchange, meter, message, byOwner, byNewOwner } = await withMeter();
      const seller = await market.addMeter({ kind: "producer", source: "solar" });
      await market.clear(S + 1, [
        market.order(seller, S + 1, "offer", 100, 150_000),
        market.order(meter, S + 1, "bid", 100, 250_000),
      ]);
      await expect(exchange.transferSite(meter.site, message.newOwner, byOwner, byNewOwner))
        .to.be.revertedWithCustomError(exchange, "OpenPosition")
        .withArgs(meter.address);
    });

    it("changes the owner, who alone disposes of the balance from now on, and serves the signatures once", async () => {
      const { market, exchange, meter, message, byOwner, byNewOwner } = await withMeter();
      await expect(exchange.transferSite(meter.site, message.newOwner, byOwner, byNewOwner))
        .to.emit(exchange, "SiteTransferred")
        .withArgs(meter.site, meter.owner.address, message.newOwner);
      expect((await exchange.siteInfo(meter.site)).nonce).to.equal(1n);
      await expect(market.exchange.connect(meter.owner).requestWithdrawal(meter.address, 1n, meter.owner.address))
        .to.be.revertedWithCustomError(exchange, "NotEntitled")
        .withArgs(meter.owner.address);
      await market.exchange.connect(market.worker).requestWithdrawal(meter.address, 1n, market.worker.address);

      // Back to the first owner, after which the first signatures would fit again but for the nonce.
      const back = { site: meter.site, newOwner: meter.owner.address, nonce: 1 };
      await exchange.transferSite(
        meter.site,
        meter.owner.address,
        await market.consent(market.worker, "SiteTransfer", back),
        await market.consent(meter.owner, "SiteTransfer", back),
      );
      await expect(
        exchange.transferSite(meter.site, message.newOwner, byOwner, byNewOwner),
      ).to.be.revertedWithCustomError(exchange, "InvalidConsent");
    });

    it("revokes the delegates of the owner before", async () => {
      const { market, exchange, meter, message, byOwner, byNewOwner } = await withMeter();
      const second = await market.addMeter({ kind: "consumer", site: meter.site });
      await market.exchange.connect(meter.owner).setDelegate(meter.address, market.grid.address);
      const transfer = await exchange.transferSite(meter.site, message.newOwner, byOwner, byNewOwner);
      await expect(transfer).to.emit(exchange, "DelegateSet").withArgs(meter.address, ZeroAddress);
      const touched = await exchange.queryFilter(exchange.filters.DelegateSet(), transfer.blockNumber ?? 0);
      expect(touched.map((event) => event.args.meter)).to.deep.equal([meter.address]);
      expect((await exchange.meterConfig(meter.address)).delegate).to.equal(ZeroAddress);
      expect((await exchange.meterConfig(second.address)).site).to.equal(meter.site);
    });
  });
});
