import type { NetworkConnection } from "hardhat/types/network";
import type { Deployment } from "../../src/chain/deployment.ts";
import { ROLES } from "../../src/chain/roles.ts";
import type { RpcClient } from "../../src/chain/rpc.ts";
import { encodeBook } from "../../src/market/book.ts";
import { encodeTierDiscounts } from "../../src/market/fees.ts";
import { signConsent, signDelegatedOrder, signReading } from "../../src/market/sign.ts";
import { encodeReadings, leafHash, readingTree } from "../../src/market/readings.ts";
import { RECORD_RING_SLOTS } from "../../src/market/timeline.ts";
import { deployTestMarket, FIRST_SLOT as S, TERMS, type TestMarket, type TestMeter } from "../support/testMarket.ts";
import { hardhatRpc } from "./hardhatRpc.ts";

export interface SmallRun {
  readonly market: TestMarket;
  readonly rpc: RpcClient;
  readonly deployment: Deployment;
  readonly meters: Readonly<Record<"solar" | "home" | "consumer" | "poor" | "feeder", TestMeter>>;
}

/** Every site of the run. */
const SITES = [1, 2, 3, 4, 5, 6, 7, 8];

/** What the audit needs to know of a test market. */
export async function deploymentOf(market: TestMarket): Promise<Deployment> {
  return {
    network: "test",
    chainId: market.domain.fields.chainId,
    deployBlock: 0,
    contracts: {
      EnergyExchange: await market.exchange.getAddress(),
      EnergyCredit: await market.credit.getAddress(),
      CreditDesk: await market.desk.getAddress(),
      Reputation: await market.reputation.getAddress(),
      Seasons: await market.seasons.getAddress(),
      Badges: await market.badges.getAddress(),
    },
  };
}

/** A short history in which nearly every kind of event occurs: trading, silence, debt, claims, faults and farewells. */
export async function playSmallRun(connection: NetworkConnection): Promise<SmallRun> {
  const market = await deployTestMarket(connection);
  const meters = {
    solar: await market.addMeter({ kind: "producer", source: "solar" }),
    home: await market.addMeter({ kind: "prosumer", owner: account(market, 11) }),
    consumer: await market.addMeter({ kind: "consumer", owner: account(market, 12) }),
    poor: await market.addMeter({ kind: "consumer", owner: account(market, 13), balanceTicks: 40_000_000n }),
    feeder: await market.addMeter({ kind: "feeder", powerClass: 0x74, balanceTicks: 0n }),
  };
  await govern(market);
  await discount(market, meters.consumer);
  await tradeWithPlacedOrders(market, meters);
  await stayUnread(market, meters);
  await runShortOfBacking(market, meters);
  await correctAndProve(market, meters);
  await redeemInTurn(market);
  await tradeWithOneself(market);
  await leave(market, meters);
  return { market, meters, rpc: hardhatRpc(connection), deployment: await deploymentOf(market) };
}

type Meters = SmallRun["meters"];

async function govern(market: TestMarket): Promise<void> {
  const governed = market.exchange.connect(market.governor);
  // Through the access manager, whose own call the audit has to find in the trace.
  const { network, levy, fee, season } = (await market.exchange.zoneInfo(1)).accounts;
  const accounts = { network, levy, fee, season };
  const data = market.exchange.interface.encodeFunctionData("setZoneAccounts", [1, accounts]);
  await market.manager.connect(market.governor).execute(await market.exchange.getAddress(), data);
  await governed.setZoneTerms(1, { ...TERMS, fromSlot: S + 14, feePpm: 20_000, slopePpm: 400_000 });
}

/** A buyer of a higher tier pays less of the trading fee. */
async function discount(market: TestMarket, buyer: TestMeter): Promise<void> {
  await market.exchange.connect(market.governor).setTierDiscounts(encodeTierDiscounts([0, 50_000, 123_456]));
  // The feeder's site comes first, by the rules of the deployment; then tier 2 begins where flexibility alone leads.
  const { reputation } = market;
  await reputation.sync(5);
  const lower = { tier1Ppm: 510_000, tier2Ppm: 525_000, tier3Ppm: 600_000, tier4Ppm: 790_000, hysteresisPpm: 5_000 };
  await reputation.connect(market.governor).setTierRules(lower);
  await market.handOver.connect(market.governor).grantRole(ROLES.SEASONS, market.worker.address, 0);
  await reputation.connect(market.worker).noteFlexible(buyer.site, 1_000_000);
  await reputation.sync(buyer.site);
  // The buyer's next season begins; `test/seasons/onExchange.test.ts` plays a whole one.
  const { seasons } = market;
  const season = await seasons.seasonAt(S);
  await seasons.connect(buyer.owner).enrol(season + 1n, buyer.site);
}

/** Slot S + 1: signed, delegated, superseded, unfunded and placed orders; one placed order trades, one is cancelled. */
async function tradeWithPlacedOrders(
  market: TestMarket,
  { solar, home, consumer, poor, feeder }: Meters,
): Promise<void> {
  const slot = S + 1;
  const delegate = market.newKey();
  await market.exchange.connect(home.owner).setDelegate(home.address, delegate.address);
  await market.exchange.connect(consumer.owner).placeOrder(slot, consumer.address, 1, 500, 240_000);
  await market.exchange.connect(consumer.owner).placeOrder(slot, consumer.address, 1, 600, 250_000);
  await market.exchange.connect(poor.owner).cancelOrder(slot, poor.address);
  await market.exchange.connect(solar.owner).placeOrder(S + 2, solar.address, 2, 100, 200_000);
  const placed = [
    { meter: consumer.address, side: "bid", energyWh: 600, limitPrice: 250_000 },
    { meter: poor.address, side: "bid", energyWh: 0, limitPrice: 0 },
  ] as const;
  const order = { zone: 1, slot, side: "offer", energyWh: 300, limitPrice: 150_000 } as const;
  const orders = [
    market.order(solar, slot, "offer", 1_000, 140_000),
    signDelegatedOrder(market.domain, delegate, home.address, order),
  ];
  const book = market.book(slot, orders, placed);
  await market.at(slot, -590);
  await market.exchange.connect(market.matcher).commitBook(1, slot, book.hash, orders.length);
  const { bidEntries, offerEntries } = encodeBook(book);
  await market.at(slot, -450);
  await market.exchange.connect(market.matcher).clear(1, slot, bidEntries, offerEntries);

  await market.at(S + 1, 10);
  await market.settleFlows(S, [
    { meter: solar },
    { meter: home },
    { meter: consumer },
    { meter: poor },
    { meter: feeder },
  ]);
  await market.at(S + 2, 10);
  await market.settleFlows(S + 1, [
    { meter: solar, exportWh: 500 },
    { meter: home, importWh: 40, exportWh: 250 },
    { meter: consumer, importWh: 700 },
    { meter: poor, importWh: 90 },
    { meter: feeder, importWh: 90 },
  ]);
  // A copy of the batch settles nothing again.
  await market.settleFlows(S + 1, [{ meter: solar }, { meter: home }]);
  // Both slots close in one transaction.
  const { exchange } = market;
  await exchange
    .connect(market.worker)
    .multicall([
      exchange.interface.encodeFunctionData("close", [1, S, []]),
      exchange.interface.encodeFunctionData("close", [1, S + 1, []]),
    ]);
}

/** Slot S + 3: sold and bought, but the seller stays silent, is closed, and comes back with a gap reading. */
async function stayUnread(market: TestMarket, { solar, home, consumer, poor, feeder }: Meters): Promise<void> {
  const slot = S + 3;
  await market.clear(slot, [
    market.order(solar, slot, "offer", 800, 120_000),
    market.order(home, slot, "bid", 300, 260_000),
    market.order(consumer, slot, "bid", 400, 260_000),
    market.order(poor, slot, "bid", 3_000, 290_000),
  ]);
  await market.at(S + 3, 10);
  await market.settleFlows(S + 2, [
    { meter: home, importWh: 10 },
    { meter: consumer, importWh: 100 },
    { meter: poor },
    { meter: feeder, importWh: 110 },
  ]);
  // A committed book that nobody clears.
  const forgotten = market.order(home, S + 4, "bid", 100, 200_000);
  const book = market.book(S + 4, [forgotten]);
  await market.at(S + 4, -590);
  await market.exchange.connect(market.matcher).commitBook(1, S + 4, book.hash, 1);
  await market.at(S + 4, 10);
  await market.exchange.connect(account(market, 9)).reportUncleared(1, S + 4);
  await market.settleFlows(S + 3, [
    { meter: home, importWh: 310 },
    { meter: poor, importWh: 900 },
    { meter: feeder, importWh: 15_000 },
  ]);
  await market.at(S + 8, 10);
  const closer = market.exchange.connect(market.worker);
  await closer.close(1, S + 2, [home.address]);
  await closer.close(1, S + 3, [consumer.address]);
  // The seller's gap reading settles its own lane before its registers.
  await market.settleFlows(S + 4, [{ meter: solar, importWh: 5, exportWh: 700 }]);
  await closer.close(1, S + 3, []);
  await market.at(S + 9, 10);
  await closer.close(1, S + 4, []);
  await market.settleFlows(S + 4, [
    { meter: consumer, importWh: 1_000 },
    { meter: home, importWh: 20 },
  ]);
  await market.exchange.connect(market.inspector).endInspection(1, S + 3, "the feeder was replaced");
}

/** Debt of a consumer without credits, and export that nobody backs: claims, repayment, seizure. */
async function runShortOfBacking(market: TestMarket, { solar, home, poor }: Meters): Promise<void> {
  await market.at(S + 10, 10);
  await market.settleFlows(S + 5, [{ meter: poor, importWh: 3_000 }]);
  const debtor = market.exchange.connect(poor.owner);
  await market.fund(poor.owner, 400_000_000n);
  await debtor.payDebt(poor.site, 100_000_000n);
  await debtor.deposit(poor.address, 200_000_000n);
  await market.exchange.connect(market.worker).seize(poor.site);
  await market.exchange.connect(market.grid).writeOff(poor.site, 5n);

  // What backs credits shrinks to what circulates, but for a few ticks.
  const grid = market.desk.connect(market.grid);
  await grid.setCreditLine(7n * 10n ** 9n);
  const spare = (await market.desk.backing()) - (await market.credit.totalSupply());
  await grid.withdrawPledge(market.grid.address, (spare * (await market.desk.redeemPrice())) / 10n ** 18n);
  await market.at(S + 11, 10);
  await market.settleFlows(S + 6, [
    { meter: solar, exportWh: 4_000 },
    { meter: home, exportWh: 900 },
  ]);
  await grid.setCreditLine(10n ** 24n);
  await market.exchange.payClaim(solar.address);
}

/** Redemptions at once and in the queue: paid, refused and collected, cancelled, and one that still waits. */
async function redeemInTurn(market: TestMarket): Promise<void> {
  const seller = account(market, 9);
  const desk = market.desk.connect(seller);
  const credit = 10n ** 18n;
  await market.fund(seller, 100_000_000_000n);
  await market.credit.connect(seller).approve(desk, 100n * credit);
  await desk.redeem(seller.address, 10n * credit, 0n);
  await market.desk.connect(market.governor).setPrices(300_000n, 290_000n);
  await market.desk.connect(market.grid).withdrawPledge(market.grid.address, await desk.funds());
  // The desk cannot pay itself, so the second one is set aside.
  for (const to of [seller.address, await desk.getAddress(), seller.address, seller.address, seller.address]) {
    await desk.redeemOrQueue(to, 7n * credit, 0n);
  }
  await desk.cancelRedemption(3n);
  await market.token.mint(seller.address, 10n ** 7n);
  await market.token.connect(seller).approve(desk, 10n ** 7n);
  await desk.pledge(9_000_000n);
  await desk.payQueue(4n);
  await desk.collectRedemption(2n, seller.address);
}

/** A reading in time is proven, used as evidence, and another one corrected. */
async function correctAndProve(market: TestMarket, { solar, home, consumer }: Meters): Promise<void> {
  const { exchange } = market;
  const slot = S + 11;
  // Everybody catches up, so that the slot after is read in time.
  await market.at(S + 15, 5);
  await market.settleFlows(S + 10, [
    { meter: solar, exportWh: 100 },
    { meter: home, importWh: 40 },
    { meter: consumer, importWh: 70 },
  ]);
  const flows = [
    { meter: solar, importWh: 3, exportWh: 200 },
    { meter: home, importWh: 50, exportWh: 0 },
  ];
  const signed = await Promise.all(
    flows.map(async ({ meter, importWh, exportWh }) => {
      const word = await market.word(meter);
      const reading = { zone: 1, slot, importWh: word.importWh + importWh, exportWh: word.exportWh + exportWh };
      return signReading(market.domain, meter.key, reading);
    }),
  );
  await market.at(S + 15, 20);
  await exchange.connect(market.worker).settle(1, slot, encodeReadings(signed));
  const leaves = flows.map(({ meter, importWh, exportWh }) => ({
    meter: meter.address,
    zone: 1,
    slot,
    importWh,
    exportWh,
    gap: false,
  }));
  const tree = readingTree(leaves.map(leafHash));
  const leaf = (at: number) => {
    const { meter = "", importWh = 0, exportWh = 0 } = leaves[at] ?? {};
    return { meter, zone: 1, slot, importWh, exportWh, flags: 0 };
  };
  await market.handOver.connect(market.governor).grantRole(ROLES.EVIDENCE, market.worker.address, 0);
  await exchange.connect(market.worker).drawEvidence(leaf(1), tree.root, tree.proof(1), 30);
  const correction = { meter: solar.address, slot, leaf: tree.proof(1)[0] ?? "", amountTicks: -1_000_000n, nonce: 0 };
  const consent = await market.consent(solar.owner, "ReadingCorrection", correction);
  await exchange
    .connect(market.registrar)
    .correctReading(leaf(0), tree.root, tree.proof(0), -1_000_000n, "wrong phase", consent);
}

/** A generator that has earned a reputation sells to its own site. */
async function tradeWithOneself(market: TestMarket): Promise<void> {
  const roof = await market.addMeter({ kind: "producer", source: "wind", owner: account(market, 15) });
  const cellar = await market.addMeter({ kind: "consumer", owner: roof.owner, site: roof.site });
  const stranger = await market.addMeter({ kind: "consumer", owner: account(market, 16) });
  const offer = (slot: number) => market.order(roof, slot, "offer", 2_000, 150_000);
  await market.clear(S + 16, [offer(S + 16), market.order(stranger, S + 16, "bid", 2_000, 250_000)]);
  await market.at(S + 16, 10);
  await market.settleFlows(S + 15, [{ meter: roof }, { meter: cellar }, { meter: stranger }]);
  await market.clear(S + 17, [offer(S + 17), market.order(cellar, S + 17, "bid", 2_000, 250_000)]);
  await market.at(S + 17, 10);
  await market.settleFlows(S + 16, [
    { meter: roof, exportWh: 2_000 },
    { meter: cellar },
    { meter: stranger, importWh: 2_000 },
  ]);
  await market.exchange.connect(market.worker).reportSelfTrade(roof.address, cellar.address, S + 17);
  await market.at(S + 18, 10);
  await market.settleFlows(S + 17, [
    { meter: roof, exportWh: 2_000 },
    { meter: cellar, importWh: 2_000 },
  ]);
}

/** Balances move, are withdrawn and collected, a device is replaced, suspended, and the bond comes back. */
async function leave(market: TestMarket, { solar, home, consumer, feeder }: Meters): Promise<void> {
  const { exchange } = market;
  const owner = exchange.connect(home.owner);
  const second = await market.addMeter({ kind: "consumer", owner: home.owner, site: home.site, balanceTicks: 0n });
  await owner.moveBalance(home.address, second.address, 5_000_000n);
  await owner.requestWithdrawal(second.address, 5_000_000n, home.owner.address);
  await exchange.connect(market.registrar).retireMeter(second.address);
  await exchange.connect(market.registrar).suspendMeter(consumer.address);
  await exchange.connect(market.registrar).reinstateMeter(consumer.address);
  await replace(market, home);
  await handOver(market, consumer);
  await storeEnergy(market);
  await exchange.connect(solar.owner).requestUnbond(solar.site, 1_000n);
  await exchange.collectCharges(1);
  await exchange.connect(market.worker).collectEarnings(market.worker.address);
  await exchange.connect(market.matcher).requestMatcherUnlock();
  // A gift to nobody: it is surplus, and no balance.
  await market.fund(account(market, 14), 1_000n);
  await market.credit.connect(account(market, 14)).transfer(await exchange.getAddress(), 77n);

  await market.at(S + 20, 20);
  for (let slot = S + 5; slot <= S + 11; ++slot) await exchange.connect(market.worker).close(1, slot, []);
  const last = S + 20 + 2 * RECORD_RING_SLOTS;
  await market.mineAt(last, 0);
  // Faults, a new owner and idle days show in scores and votes.
  await market.reputation.syncMany(SITES);
  for (let slot = S + 15; slot <= S + 19; ++slot) await exchange.connect(market.worker).close(1, slot, []);
  await exchange.passOver(1, last - 6);
  await owner.syncMeter(consumer.address);
  await exchange.collectWithdrawal(1);
  await exchange.connect(solar.owner).collectBond(solar.site, solar.owner.address);
  await exchange.connect(market.matcher).collectMatcherBond(market.matcher.address);
  await market.settleFlows(last - 5, [{ meter: feeder, importWh: 10 }]);
}

/** A site changes hands, and its delegates lose their say. */
async function handOver(market: TestMarket, { site, owner, address }: TestMeter): Promise<void> {
  const newOwner = account(market, 18);
  await market.exchange.connect(owner).setDelegate(address, market.newKey().address);
  const message = { site, newOwner: newOwner.address, nonce: 0 };
  const signatures = await Promise.all(
    [owner, newOwner].map((signer) => market.consent(signer, "SiteTransfer", message)),
  );
  const [given = "", taken = ""] = signatures;
  await market.exchange.transferSite(site, newOwner.address, given, taken);
}

/** A battery that cannot have given what it says, and then says something else. */
async function storeEnergy(market: TestMarket): Promise<void> {
  const capacity = { storageCapacityWh: 1_000, bestEfficiencyPpm: 900_000 };
  const battery = await market.addMeter({
    kind: "storage",
    source: "storage",
    owner: account(market, 14),
    ...capacity,
  });
  await market.at(S + 19, 10);
  await market.settleFlows(S + 18, [{ meter: battery, importWh: 1_000 }]);
  await market.at(S + 20, 10);
  await market.settleFlows(S + 19, [{ meter: battery, exportWh: 2_500 }]);
  const reading = market.readings(S + 19, [{ meter: battery, importWh: 1_000, exportWh: 1_500 }]);
  await market.exchange.connect(market.worker).settleReading(1, S + 19, reading);
  await reportFaults(market, battery, reading);
}

/** The battery's two tales of one slot, and an impossible one of another; a site that trades with itself. */
async function reportFaults(market: TestMarket, battery: TestMeter, settled: string): Promise<void> {
  const reporter = market.exchange.connect(account(market, 9));
  const { reputation } = market;
  await reputation.connect(market.worker).noteFlexible(battery.site, 700);
  await reputation.syncMany(SITES);
  const told = market.readings(S + 19, [{ meter: battery, importWh: 1_000, exportWh: 2_500 }]);
  await reporter.reportEquivocation(1, S + 19, told, settled);
  const impossible = market.readings(S + 20, [{ meter: battery, importWh: 1_000, exportWh: 1_901 }]);
  await reporter.reportImpossible(1, S + 20, impossible);
  await reputation.connect(account(market, 11)).delegate(account(market, 12).address);
}

async function replace(market: TestMarket, home: TestMeter): Promise<void> {
  const key = market.newKey();
  const word = await market.word(home);
  const { nonce } = await market.exchange.siteInfo(home.site);
  const replacement = {
    oldMeter: home.address,
    newMeter: key.address,
    finalImportWh: word.importWh,
    finalExportWh: word.exportWh,
    estimated: true,
    importWh: 11,
    exportWh: 22,
  };
  const message = { ...replacement, nonce: Number(nonce) };
  const ownerSignature = await market.consent(home.owner, "MeterReplacement", message);
  const deviceSignature = signConsent(market.domain, key, "MeterReplacement", message);
  await market.exchange.connect(market.registrar).replaceMeter(replacement, ownerSignature, deviceSignature);
}

function account(market: TestMarket, index: number): TestMarket["worker"] {
  const found = market.signers[index];
  if (found === undefined) throw new Error(`the test chain has no account ${String(index)}`);
  return found;
}
