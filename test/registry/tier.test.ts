import { expect } from "chai";
import hre from "hardhat";
import { NEUTRAL_RELIABILITY } from "../../src/market/meterWord.ts";
import { ROLES } from "../../src/chain/roles.ts";
import { storeWord } from "../support/storedWords.ts";
import { deployTestMarket, type TestMarket } from "../support/testMarket.ts";

const connection = await hre.network.create();
const { ethers, networkHelpers } = connection;

async function deployed(): Promise<TestMarket> {
  const market = await deployTestMarket(connection);
  await market.handOver.connect(market.governor).grantRole(ROLES.REPUTATION, market.worker.address, 0);
  return market;
}

async function load() {
  const market = await networkHelpers.loadFixture(deployed);
  return { market, exchange: market.exchange.connect(market.worker) };
}

describe("setTier", () => {
  it("is refused to everybody but REPUTATION", async () => {
    const { market } = await load();
    const { site } = await market.addMeter();
    for (const caller of [market.governor, market.registrar, market.grid, market.matcher]) {
      await expect(market.exchange.connect(caller).setTier(site, 1))
        .to.be.revertedWithCustomError(market.exchange, "AccessManagedUnauthorized")
        .withArgs(caller.address);
    }
  });

  it("refuses a site that does not exist, and a tier that does not fit", async () => {
    const { market, exchange } = await load();
    const { site } = await market.addMeter();
    await expect(exchange.setTier(site + 1, 1))
      .to.be.revertedWithCustomError(exchange, "UnknownSite")
      .withArgs(site + 1);
    for (const tier of [8, 255]) {
      await expect(exchange.setTier(site, tier))
        .to.be.revertedWithCustomError(exchange, "BadParameter")
        .withArgs(ethers.encodeBytes32String("tier"), tier);
    }
  });

  it("sets the tier of every meter of the site, puts its reliability back to neutral, and nothing else", async () => {
    const { market, exchange } = await load();
    const first = await market.addMeter({ kind: "producer", source: "wind" });
    const second = await market.addMeter({ kind: "consumer", site: first.site });
    const other = await market.addMeter();
    for (const [tier, reliability] of [
      [7, 0],
      [1, 4_095],
      [0, 2_048],
    ] as const) {
      for (const { address } of [first, second, other]) await storeWord(market, address, { reliability });
      const before = await Promise.all([first, second, other].map((meter) => market.word(meter)));
      await expect(exchange.setTier(first.site, tier)).to.emit(exchange, "TierSet").withArgs(first.site, tier);
      const [one, two, three] = before;
      expect(await market.word(first)).to.deep.equal({ ...one, tier, reliability: NEUTRAL_RELIABILITY });
      expect(await market.word(second)).to.deep.equal({ ...two, tier, reliability: NEUTRAL_RELIABILITY });
      expect(await market.word(other)).to.deep.equal(three);
    }
  });

  it("takes a site without meters", async () => {
    const { market, exchange } = await load();
    const site = await market.addSite(market.inspector, undefined);
    await expect(exchange.setTier(site, 3)).to.emit(exchange, "TierSet").withArgs(site, 3);
  });
});
