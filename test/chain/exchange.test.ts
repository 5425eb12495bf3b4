import { expect } from "chai";
import { getAddress } from "ethers";
import { network } from "hardhat";
import { blockCall } from "../../src/chain/calls.ts";
import { connectExchange } from "../../src/chain/exchange.ts";
import type { ConnectedExchange } from "../../src/chain/exchange.ts";
import { createProvider } from "../../src/chain/provider.ts";
import { RpcError } from "../../src/chain/rpcErrors.ts";
import { createSender } from "../../src/chain/sender.ts";
import { decodeFill } from "../../src/market/packed.ts";
import type { JouleworkError } from "../../src/errors.ts";
import { slotOf } from "../../src/units.ts";
import { EnergyExchange__factory } from "../../typechain-types/factories/contracts/energy/EnergyExchange__factory.ts";
import { deployTestMarket, FIRST_SLOT, LIMITS, TERMS } from "../support/testMarket.ts";
import type { TestMarket, TestMeter } from "../support/testMarket.ts";
import { rejectionOf, startJsonRpcServer } from "./jsonRpcServer.ts";
import type { JsonRpcTestServer } from "./jsonRpcServer.ts";

// The seventh account of the public test mnemonic, which has no role.
const KEY = "0x92db14e403b83dfe3df233f83dfa3a0d7096f21ca9b0d6d6b8d88b2b4ec1564e";
const SLOT = FIRST_SLOT + 2;

describe("Connected exchange", () => {
  let market: TestMarket;
  let server: JsonRpcTestServer;
  let exchange: ConnectedExchange;
  let buyer: TestMeter;
  let seller: TestMeter;

  // One slot is traded once; every test only reads.
  before(async () => {
    const connection = await network.create();
    market = await deployTestMarket(connection);
    buyer = await market.addMeter({ kind: "consumer" });
    seller = await market.addMeter({ kind: "producer", source: "solar" });
    await market.mineAt(FIRST_SLOT + 1, 1);
    await market.settleFlows(FIRST_SLOT, [{ meter: buyer, importWh: 100 }, { meter: seller }]);
    await market.clear(SLOT, [
      market.order(buyer, SLOT, "bid", 500, 250_000),
      market.order(seller, SLOT, "offer", 700, 150_000),
    ]);
    server = await startJsonRpcServer({
      handler: ({ method, params }) => connection.provider.request({ method, params: [...params] }),
    });
    exchange = await connectExchange({ rpcUrl: server.url, deployment: await deployment() });
  });

  after(async () => server.close());

  async function deployment() {
    const address = await market.exchange.getAddress();
    return { network: "test", chainId: 31337, deployBlock: 0, contracts: { EnergyExchange: address } };
  }

  it("refuses a deployment without an exchange, on another chain or without code", async () => {
    const record = await deployment();
    const codeOf = async (changed: object): Promise<string> => {
      const failure = await rejectionOf(connectExchange({ rpcUrl: server.url, deployment: { ...record, ...changed } }));
      return (failure as JouleworkError).code;
    };
    expect(await codeOf({ contracts: {} })).to.equal("CONTRACT_UNKNOWN");
    expect(await codeOf({ chainId: 5 })).to.equal("CHAIN_ID_WRONG");
    expect(await codeOf({ contracts: { EnergyExchange: buyer.address } })).to.equal("CONTRACT_MISSING");
  });

  it("reads meters as the contract's own types do, in one batch", async () => {
    const states = await exchange.meters([buyer.address, seller.address]);
    expect(states.map(({ address }) => address)).to.deep.equal([buyer.address, seller.address]);
    for (const { address, packedWord, config } of states) {
      expect(packedWord === (await market.exchange.meterWord(address))).to.be.true;
      const plain = await market.exchange.meterConfig(address);
      expect(config.site).to.equal(Number(plain.site));
      expect(config.kind).to.equal(Number(plain.kind));
      expect(config.claimTicks === plain.claimTicks).to.be.true;
    }
    const state = await exchange.meter(buyer.address);
    expect(state.word).to.deep.equal(await market.word(buyer));
    expect(state.word.importWh).to.equal(100);
    expect(state.word.laneEven).to.deep.equal({ side: "bid", energyWh: 500 });
  });

  it("reads a meter at an earlier block", async () => {
    const [registered] = (await exchange.events({ names: ["MeterRegistered"] })).filter(
      ({ args }) => args.meter === buyer.address,
    );
    const { word } = await exchange.meter(buyer.address, registered?.blockNumber ?? 0);
    expect(word.importWh).to.equal(0);
    expect(word.balanceTicks === 0n).to.be.true;
  });

  it("reads a site with its bond and meters", async () => {
    const site = await exchange.site(seller.site);
    const plain = await market.exchange.siteInfo(seller.site);
    expect(site.owner).to.equal(seller.owner.address);
    expect(site.meters).to.deep.equal([seller.address]);
    expect(site.bondTicks === plain.bondTicks && site.bondTicks > 0n).to.be.true;
  });

  it("reads a zone with its limits, terms and matcher", async () => {
    const zone = await exchange.zone(1);
    expect(zone.limits).to.deep.equal(LIMITS);
    expect(zone.terms).to.deep.equal({ ...TERMS, fromSlot: zone.terms.fromSlot });
    expect(zone.matcher).to.equal(market.matcher.address);
    expect(zone.activeMeters).to.equal(2);
  });

  it("reads the record of a slot, and nothing where the slot was never touched", async () => {
    const record = await exchange.slot(1, SLOT);
    expect(record).to.deep.include({ slot: SLOT, importPrice: TERMS.importPrice, matchedWh: 500, openPositions: 2 });
    expect(record?.clearingPrice).to.equal(200_000);
    expect(await exchange.slot(1, SLOT + 50)).to.be.undefined;
    expect(await exchange.placedOrders(1, SLOT)).to.deep.equal([]);
    expect(await exchange.placedOrders(1, SLOT + 50)).to.deep.equal([]);
  });

  it("reads the tariff of a slot to come, as far ahead as gates are open, and its terms however far", async () => {
    const { feePpm, importPrice, exportPrice } = TERMS;
    expect(await exchange.terms(1, SLOT + 50)).to.deep.include({ importPrice, feePpm, rule: 0 });
    const now = slotOf((await exchange.rpc.call(blockCall("latest")))?.timestamp ?? 0);
    const tariff = { importPrice, exportPrice, scarcityPpm: 0, feePpm, rule: 0 };
    expect(await exchange.tariff(1, now + 8)).to.deep.include(tariff);
    const failure = await exchange.tariff(1, now + 9).catch((error: unknown) => error);
    expect(failure).to.have.nested.property("revert.name", "SlotOutOfRange");
  });

  it("reads earnings, matcher's bond, evidence and withdrawals", async () => {
    const { ticks, unlockSlot } = await exchange.matcherBond(market.matcher.address);
    expect(ticks === 500_000_000_000n).to.be.true;
    expect(unlockSlot).to.equal(0);
    expect(await exchange.earnedTicks(market.worker.address)).to.equal(
      await market.exchange.earned(market.worker.address),
    );
    expect(await exchange.evidence(buyer.address, FIRST_SLOT)).to.deep.equal({
      usedWh: 0,
      void: false,
      certified: false,
    });
    expect((await exchange.withdrawal(1n)).amountTicks === 0n).to.be.true;
  });

  it("passes the contract's refusal on by its name", async () => {
    const error = await rejectionOf(exchange.zone(99));
    expect(error).to.be.instanceOf(RpcError);
    expect((error as RpcError).revert).to.deep.include({ name: "BadZone" });
    expect((error as RpcError).message).to.include("BadZone(zone = 99)");
  });

  it("refuses arguments that do not fit before it asks the node", () => {
    expect(() => exchange.contract.encode("termsAt", [70_000, 1])).to.throw("arguments do not fit the function");
  });

  it("gives the events that ethers gives, in the same order", async () => {
    const provider = createProvider(server.url, exchange.deployment);
    const plain = EnergyExchange__factory.connect(exchange.address, provider);
    const logs = await provider.getLogs({ address: exchange.address, fromBlock: 0, toBlock: "latest" });
    const events = await exchange.events();
    expect(
      events.map(({ name, blockNumber, logIndex, transactionHash }) => [name, blockNumber, logIndex, transactionHash]),
    ).to.deep.equal(
      logs.map((log) => [plain.interface.parseLog(log)?.name, log.blockNumber, log.index, log.transactionHash]),
    );
    const names: readonly string[] = events.map(({ name }) => name);
    expect(names).to.include.members(["ZoneCreated", "ReadingSettled", "OrderCleared", "SlotCleared"]);
    provider.destroy();
  });

  it("gives events with arguments of their own types", async () => {
    const [cleared] = await exchange.events({ names: ["SlotCleared"] });
    expect(cleared?.args).to.deep.include({
      zone: 1,
      slot: SLOT,
      clearingPrice: 200_000,
      matchedWh: 500,
      positions: 2,
    });
    const fills = (await exchange.events({ names: ["OrderCleared"] })).map(({ args }) => decodeFill(args.fill));
    expect(fills.map(({ side, filledWh }) => [side, filledWh])).to.have.deep.members([
      ["bid", 500],
      ["offer", 500],
    ]);
  });

  it("watches the same events from the deployment on", async () => {
    const all = await exchange.events({ names: ["MeterRegistered", "SlotCleared"] });
    for await (const update of exchange.watch({ names: ["MeterRegistered", "SlotCleared"], chunkBlocks: 1_000_000 })) {
      expect(update.kind === "events" ? update.events : []).to.deep.equal(all);
      break;
    }
  });

  it("gives calldata that the sender runs, and names the error of what the exchange refuses", async () => {
    const sender = createSender({ rpc: exchange.rpc, privateKey: KEY, chainId: 31337 });
    const request = (data: string) => ({ to: exchange.address, data, gasLimit: 500_000n });
    const [receipt] = await sender.send([request(exchange.contract.encode("syncMeter", [buyer.address]))]);
    expect(receipt?.status).to.equal("success");
    const forbidden = await rejectionOf(sender.send([request(exchange.contract.encode("pause", []))]));
    expect((forbidden as Error).message).to.include(
      `AccessManagedUnauthorized(caller = ${getAddress(sender.address)})`,
    );
    const unknown = await rejectionOf(sender.send([request(exchange.contract.encode("syncMeter", [sender.address]))]));
    expect((unknown as Error).message).to.match(/reverted \((UnknownMeter|BadMeterStatus)\(meter = 0x/);
  });
});
