import { expect } from "chai";
import { HDNodeWallet } from "ethers";
import { connectExchange } from "../../src/chain/exchange.ts";
import { LOCAL_ACCOUNTS, localKey, mineAt } from "../../src/chain/localChain.ts";
import type { RpcClient } from "../../src/chain/rpc.ts";
import { createSender } from "../../src/chain/sender.ts";
import { marketDomain, type MarketDomain, type Order } from "../../src/market/messages.ts";
import { signOrder, signReading } from "../../src/market/sign.ts";
import { signingKey } from "../../src/market/signer.ts";
import { SLOT_SECONDS } from "../../src/units.ts";
import { startOwnNode, type OwnNode } from "./ownNode.ts";

const S = 1_944_960;
const MNEMONIC = "test test test test test test test test test test test junk";
const device = (index: number) =>
  signingKey(HDNodeWallet.fromPhrase(MNEMONIC, undefined, `m/44'/60'/1'/0/${String(index)}`).privateKey);
const address = (index: number) =>
  HDNodeWallet.fromPhrase(MNEMONIC, undefined, `m/44'/60'/0'/0/${String(index)}`).address;
const SELLER = device(0);
const BUYER = device(1);
const FEEDER = device(2);

describe("the command line from deployment to bill, on a node of its own", () => {
  let own: OwnNode;
  let rpc: RpcClient;
  let domain: MarketDomain;
  const succeeds: OwnNode["succeeds"] = (verb, input) => own.succeeds(verb, input);
  const fails: OwnNode["fails"] = (verb, input) => own.fails(verb, input);
  const file: OwnNode["file"] = (name, content) => own.file(name, content);

  before(async () => {
    own = await startOwnNode(S - 30);
    ({ rpc } = own);
  });

  after(() => own.stop());

  /** The owner voids a meter's order of a slot on chain. */
  async function cancel(meter: string, slot: number): Promise<void> {
    const record = await own.deployment();
    const { address: to, contract } = await connectExchange({ rpcUrl: own.url, deployment: record });
    const sender = createSender({ rpc, privateKey: localKey("owner"), chainId: record.chainId });
    await sender.send([{ to, data: contract.encode("cancelOrder", [slot, meter]) }]);
  }

  function readings(slot: number, rows: [typeof SELLER, number, number][]): string {
    const lines = rows.map(([key, importWh, exportWh]) => {
      const { signature } = signReading(domain, key, { zone: 1, slot, importWh, exportWh });
      return `1,${String(slot)},${key.address},${String(importWh)},${String(exportWh)},${signature}`;
    });
    return ["zone,slot,meter,importWh,exportWh,signature", ...lines].join("\n");
  }

  it("names what is missing before anything is deployed", async () => {
    expect(await fails("show-meter", { meter: SELLER.address })).to.match(/^Error DEPLOYMENT_MISSING/);
  });

  it("deploys, and deploying again changes nothing", async () => {
    const parameters = await file("parameters.json", JSON.stringify({ governorDelay: 3600 }));
    await succeeds("deploy", { parameters });
    const first = await own.deployment();
    await succeeds("deploy", { parameters });
    const second = await own.deployment();
    expect(second).to.deep.equal(first);
    domain = marketDomain(first.chainId, first.contracts.EnergyExchange ?? "");
  });

  it("creates a zone and names its matcher after the delay of governance", async () => {
    await mineAt(rpc, (S - 20) * SLOT_SECONDS);
    await succeeds("zone", { zone: 1 });
    const decision = { zone: 1, matcher: address(LOCAL_ACCOUNTS.matcher), fromSlot: S };
    expect(await succeeds("zone", decision)).to.match(/^Scheduled\. Run the same command again after 2025-/);
    expect(await succeeds("zone", decision)).to.match(/^Scheduled/);
    await mineAt(rpc, (S - 15) * SLOT_SECONDS);
    expect(await succeeds("zone", decision)).to.include("clears zone 1 from slot 1944960 on");
    await succeeds("deposit", { amount: "500", matcher: decision.matcher, buy: true });
  });

  it("registers sites and meters with consents, and pays them", async () => {
    await mineAt(rpc, S * SLOT_SECONDS);
    for (const site of [1, 2, 3]) expect(await succeeds("site", { zone: 1 })).to.include(`Site ${String(site)} `);
    await succeeds("meter", { site: 1, kind: "producer", source: "solar", ratedPower: 4000, device: 0 });
    await succeeds("meter", { site: 2, kind: "consumer", ratedPower: 4000, device: 1 });
    await succeeds("meter", { site: 3, kind: "feeder", ratedPower: 40_000, device: 2 });
    await succeeds("deposit", { amount: "25", meter: SELLER.address, buy: true });
    await succeeds("deposit", { amount: "25", meter: BUYER.address, buy: true });
    await succeeds("deposit", { amount: "100", site: 1, buy: true });
    await succeeds("meter", { site: 2, kind: "consumer", ratedPower: 4000, device: 3 });
    await succeeds("deposit", { amount: "1", meter: device(3).address, buy: true });
    const shown = JSON.parse(await succeeds("show-meter", { meter: SELLER.address, json: true })) as {
      word: { balanceTicks: string; flags: { bonded: boolean }; lastSlot: number };
    };
    expect(shown.word).to.deep.include({ balanceTicks: "25000000000", lastSlot: S - 1 });
    expect(shown.word.flags.bonded).to.equal(true);
  });

  it("commits and clears a book of signed orders", async () => {
    const slot = S + 1;
    const order = (key: typeof SELLER, side: Order["side"], energyWh: number, limitPrice: number) => {
      const signed = signOrder(domain, key, { zone: 1, slot, side, energyWh, limitPrice });
      return { meter: key.address, side, energyWh, limitPrice, signature: signed.signature };
    };
    const orders = [order(SELLER, "offer", 800, 100_000), order(BUYER, "bid", 800, 300_000)];
    await cancel(device(3).address, slot);
    const all = [...orders, order(device(3), "bid", 5, 300_000)];
    const book = await file("book.json", JSON.stringify({ zone: 1, slot, orders: all }));
    expect(await fails("commit", { book })).to.match(/^Error TX_REVERTED.*Window/i);
    await mineAt(rpc, slot * SLOT_SECONDS - 590);
    expect(await succeeds("commit", { book })).to.match(/of 2 orders committed.*; 1 are superseded/);
    expect(await succeeds("clear", { book })).to.include("cleared: 800 Wh at 0.2 credits a kWh");

    const forged = [{ ...orders[0], energyWh: 900 }, orders[1]];
    const bad = await file("forged.json", JSON.stringify({ zone: 1, slot, orders: forged }));
    expect(await fails("clear", { book: bad })).to.match(/^Error ORDER_SIGNER_WRONG/);
    expect(await fails("clear", { book: await file("text.json", "not JSON") })).to.match(/^Error FILE_UNREADABLE/);
  });

  it("settles readings from a file and one by one", async () => {
    await mineAt(rpc, (S + 1) * SLOT_SECONDS + 10);
    const first = await file(
      "first.csv",
      readings(S, [
        [SELLER, 0, 0],
        [device(3), 0, 0],
        [BUYER, 0, 0],
        [FEEDER, 0, 0],
      ]),
    );
    expect(await succeeds("readings", { file: first })).to.equal("4 readings settled, 0 skipped.");
    expect(await succeeds("readings", { file: first })).to.match(/ReadingTooOld[^]*0 readings settled, 4 skipped\./);

    await mineAt(rpc, (S + 2) * SLOT_SECONDS + 10);
    const second = await file(
      "second.csv",
      readings(S + 1, [
        [SELLER, 0, 700],
        [device(3), 0, 0],
        [FEEDER, 210, 0],
      ]),
    );
    expect(await succeeds("readings", { file: second })).to.equal("3 readings settled, 0 skipped.");
    const reading = { zone: 1, slot: S + 1, importWh: 900, exportWh: 0, device: 1 };
    expect(await succeeds("settle", reading)).to.match(/to the grid, credits +│ 0\.03 /);
    expect(await fails("settle", reading)).to.match(/ReadingTooOld/);

    const changed = readings(S + 1, [[BUYER, 900, 0]]).replace(",900,", ",800,");
    expect(await fails("readings", { file: await file("changed.csv", changed) })).to.match(
      /^Error READING_SIGNER_WRONG.*line = 2/,
    );
  });

  it("closes the slots, shows them, and pays a withdrawal once it is mature", async () => {
    const { length } = await succeeds("withdraw", { meter: BUYER.address, amount: "5" });
    expect(length).to.be.greaterThan(0);
    expect(await fails("withdraw", { collect: 1 })).to.match(/NotMature/);
    expect(await succeeds("close", { zone: 1, slot: S + 1 })).to.include(`closed through slot ${String(S + 1)}.`);
    const shown = JSON.parse(await succeeds("show-slot", { zone: 1, slot: S + 1, json: true })) as {
      phase: string;
      record: { matchedWh: number; importWh: number };
    };
    expect(shown.phase).to.equal("closed");
    expect(shown.record).to.include({ matchedWh: 800, importWh: 900 });
    expect(await succeeds("show-slot", { zone: 1, slot: S + 1 })).to.match(/clearing price +│ 0\.2 /);

    await mineAt(rpc, (S + 8) * SLOT_SECONDS);
    expect(await succeeds("close", { zone: 1, slot: S + 2 })).to.include(`closed through slot ${String(S + 2)}.`);
    expect(await succeeds("withdraw", { collect: 1 })).to.include("5 credits paid to");
  });

  it("bills the sites, and refuses what it cannot bill", async () => {
    const slots = { fromSlot: S, toSlot: S + 1 };
    const bought = JSON.parse(await succeeds("bill", { site: 2, ...slots, format: "json" })) as {
      total: Record<string, string | number>;
    };
    // 800 at 0.20, fee 1 %, 100 short at 0.30, network 800 at 0.02 and 100 at 0.06, levy 900 at 0.01; a cancellation.
    expect(bought.total).to.include({
      boughtTicks: "160000000",
      feeTicks: "1600000",
      shortTicks: "30000000",
      networkTicks: "22000000",
      levyTicks: "9000000",
      otherTicks: "-1000000",
      totalTicks: "-223600000",
    });
    const out = await file("bill.csv", "");
    expect(await succeeds("bill", { site: 1, ...slots, format: "csv", out })).to.equal(
      `Bill of site 1 written to ${out}.`,
    );
    expect(await succeeds("bill", { site: 1, ...slots })).to.match(/sold +│ +0\.800 │ +0\.1600/);
    expect(await fails("bill", { site: 99, ...slots })).to.match(/^Error SITE_UNKNOWN/);
    expect(await fails("bill", { site: 1, ...slots, format: "pdf" })).to.match(/^Error ARGUMENT_INVALID.*format/);
  });

  it("refuses arguments that are wrong, each by its name", async () => {
    const { address: meter } = SELLER;
    expect(await fails("show-meter", { meter: "0x12" })).to.match(/^Error ARGUMENT_INVALID.*meter/);
    expect(await fails("show-meter", { meter: address(30) })).to.match(/^Error METER_UNKNOWN/);
    expect(await fails("deposit", { amount: "1" })).to.include("exactly one of --meter, --site and --matcher");
    expect(await fails("deposit", { amount: "-1", meter })).to.match(/^Error ARGUMENT_INVALID.*amount/);
    expect(await fails("deposit", { amount: "much", meter })).to.match(/^Error ARGUMENT_INVALID.*amount/);
    expect(await fails("zone", { zone: 0 })).to.match(/^Error ARGUMENT_INVALID.*zone/);
    expect(await fails("zone", { zone: 1 })).to.match(/^Error TX_REVERTED/);
    expect(await fails("meter", { site: 1, kind: "toaster", ratedPower: 1 })).to.match(/ARGUMENT_INVALID.*kind/);
    expect(await fails("meter", { site: 1, kind: "consumer", ratedPower: 1 })).to.match(/^Error DEVICE_KEY_MISSING/);
    expect(await fails("readings", { file: "absent.csv" })).to.match(/^Error ENOENT/);
    expect(await fails("show-slot", { zone: 9, slot: S })).to.match(/^Error/);
  });
});
