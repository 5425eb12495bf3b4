import { expect } from "chai";
import hre from "hardhat";
import { deployTestMarket, FIRST_SLOT, type TestMarket, type TestMeter } from "../support/testMarket.ts";

const connection = await hre.network.create();
const { networkHelpers } = connection;
const S = FIRST_SLOT;
const NO_SAMPLE = 2 ** 24 - 1;

interface Traders {
  readonly market: TestMarket;
  readonly seller: TestMeter;
  readonly buyer: TestMeter;
  /** A home that may sell from one meter to its other one. */
  readonly roof: TestMeter;
  readonly cellar: TestMeter;
}

async function traders(): Promise<Traders> {
  const market = await deployTestMarket(connection);
  const seller = await market.addMeter({ kind: "producer", source: "solar" });
  const buyer = await market.addMeter({ kind: "consumer", owner: market.signers[11] ?? market.worker });
  const roof = await market.addMeter({ kind: "producer", source: "solar", owner: market.signers[12] ?? market.worker });
  const cellar = await market.addMeter({ kind: "consumer", owner: roof.owner, site: roof.site });
  return { market, seller, buyer, roof, cellar };
}

async function load() {
  const parts = await networkHelpers.loadFixture(traders);
  const { market } = parts;
  /** Slot S + `place` is traded and read as said, the idle slot before it too; places are 1, 3, 5 and so on. */
  const trade = async (
    place: number,
    [from, to]: readonly [TestMeter, TestMeter],
    tradedWh: number,
    flows: { readonly exportWh: number; readonly importWh: number },
    between?: () => Promise<unknown>,
  ) => {
    const slot = S + place;
    await market.clear(slot, [
      market.order(from, slot, "offer", tradedWh, 120_000),
      market.order(to, slot, "bid", tradedWh, 280_000),
    ]);
    await between?.();
    await market.at(slot, 5);
    await market.settleFlows(slot - 1, [{ meter: from }, { meter: to }]);
    await market.at(slot + 1, 5);
    await market.settleFlows(slot, [
      { meter: from, exportWh: flows.exportWh },
      { meter: to, importWh: flows.importWh },
    ]);
  };
  const reliabilityOf = async (meter: TestMeter) => (await market.word(meter)).reliability;
  const sampleOf = async (site: number) => {
    await market.reputation.sync(site);
    const events = await market.reputation.queryFilter(market.reputation.filters.ReputationSampled(site));
    return Number(events.at(-1)?.args.reliabilitySample);
  };
  return { ...parts, trade, reliabilityOf, sampleOf };
}

describe("reputation by trade on the exchange", () => {
  it("rises for who delivers and who takes what was traded, and both earn a sample", async () => {
    const { market, seller, buyer, trade, reliabilityOf, sampleOf } = await load();
    await trade(1, [seller, buyer], 2_000, { exportWh: 2_000, importWh: 2_000 });
    // 2,048 + (2,000 x 4,095 - 2,048 x 2,000) / (2,000 x 32) = 2,048 + 63.
    expect(await reliabilityOf(seller)).to.equal(2_111);
    expect(await reliabilityOf(buyer)).to.equal(2_111);
    // 2,111 / 4,095; a quarter of the way from neutral.
    expect(await sampleOf(seller.site)).to.equal(515_506);
    expect((await market.reputation.reputationOf(seller.site)).reliabilityPpm).to.equal(503_876n);
    // The exchange has forgotten what was counted.
    expect(await reliabilityOf(seller)).to.equal(2_048);
  });

  it("falls for who does not deliver", async () => {
    const { market, seller, buyer, trade, reliabilityOf, sampleOf } = await load();
    await trade(1, [seller, buyer], 2_000, { exportWh: 0, importWh: 2_000 });
    // 2,048 - 2,048 x 2,000 / (2,000 x 32) = 2,048 - 64.
    expect(await reliabilityOf(seller)).to.equal(1_984);
    expect(await sampleOf(seller.site)).to.equal(484_493);
    expect((await market.reputation.reputationOf(seller.site)).reliabilityPpm).to.equal(496_124n);
  });

  it("earns nothing by tiny trades, alone or beside a large flow", async () => {
    const { seller, buyer, trade, reliabilityOf, sampleOf } = await load();
    await trade(1, [seller, buyer], 1, { exportWh: 1, importWh: 1_500 });
    expect(await reliabilityOf(seller)).to.equal(2_048);
    expect(await reliabilityOf(buyer)).to.equal(2_048);
    expect(await sampleOf(seller.site)).to.equal(NO_SAMPLE);
    expect(await sampleOf(buyer.site)).to.equal(NO_SAMPLE);
  });

  it("gathers nothing by trades with oneself that are reported: the gain of a slot is lost in the next one", async () => {
    const { market, roof, cellar, trade, reliabilityOf } = await load();
    const flows = { exportWh: 2_000, importWh: 2_000 };
    await trade(1, [roof, cellar], 2_000, flows);
    expect(await reliabilityOf(roof)).to.equal(2_111);
    for (const place of [3, 5, 7]) {
      await trade(place, [roof, cellar], 2_000, flows, async () => {
        await market.exchange.connect(market.worker).reportSelfTrade(roof.address, cellar.address, S + place);
        expect(await reliabilityOf(roof)).to.equal(2_048);
        expect(await reliabilityOf(cellar)).to.equal(2_048);
      });
      expect(await reliabilityOf(roof)).to.equal(2_111);
    }
  });

  it("brings the tier into the meters' words, after days of delivery", async () => {
    const { market, seller, buyer, trade } = await load();
    await trade(1, [seller, buyer], 2_000, { exportWh: 2_000, importWh: 2_000 });
    await market.reputation.connect(market.worker).sync(seller.site);
    expect((await market.word(seller)).tier).to.equal(0);
    // A tier is not given for one good slot: neutral words from here on, decaying to neutral.
    await networkHelpers.time.increase(86_400);
    await market.reputation.sync(seller.site);
    expect((await market.reputation.reputationOf(seller.site)).reliabilityPpm).to.equal(503_554n);
    expect(await market.reputation.tierOf(seller.site)).to.equal(0n);
  });
});
