import { expect } from "chai";
import { encryptKeystoreJson, Wallet } from "ethers";
import { mineAt, localKey } from "../../src/chain/localChain.ts";
import { connectExchange, type ConnectedExchange } from "../../src/chain/exchange.ts";
import { runMatcher } from "../../src/market/service/runMatcher.ts";
import { signingKey } from "../../src/market/signer.ts";
import { SLOT_SECONDS } from "../../src/units.ts";
import { startOwnNode, type OwnNode } from "./ownNode.ts";

const S = 1_944_960;
const MATCHER = signingKey(localKey("matcher")).address;
const OWNER = signingKey(localKey("owner")).address;
const REQUESTER = signingKey(localKey("requester")).address;
// Public test device keys 0, a solar roof, and 1, a home.
const SOLAR = "0x8C8d35429F74ec245F8Ef2f4Fd1e551cFF97d650";
const HOME = "0x40FBBE484b8Ee6139Af08446950B088e10b2306A";

const offer = (changes: Record<string, string | number | boolean> = {}) => ({
  ...{ slot: S + 1, offer: 800, limit: "0.1", device: 0 },
  ...changes,
});
const bid = (changes: Record<string, string | number | boolean> = {}) => ({
  ...{ slot: S + 1, bid: 800, limit: "0.3", device: 1 },
  ...changes,
});

describe("joulework:order on a node of its own", () => {
  let own: OwnNode;
  let exchange: ConnectedExchange;

  before(async () => {
    own = await startOwnNode(S - 30);
    await own.succeeds("deploy", {});
    await own.succeeds("zone", { zone: 1 });
    const decision = { zone: 1, matcher: MATCHER, fromSlot: S };
    await own.succeeds("zone", decision);
    await own.succeeds("time", { slot: S - 15 });
    await own.succeeds("zone", decision);
    await own.succeeds("deposit", { amount: "200", matcher: MATCHER, buy: true });
    await own.succeeds("time", { slot: S });
    for (const site of [1, 2]) expect(await own.succeeds("site", { zone: 1 })).to.include(`Site ${String(site)} `);
    await own.succeeds("meter", { site: 1, kind: "producer", source: "solar", ratedPower: 4000, device: 0 });
    await own.succeeds("meter", { site: 2, kind: "consumer", ratedPower: 4000, device: 1 });
    await own.succeeds("deposit", { amount: "100", site: 1, buy: true });
    await own.succeeds("deposit", { amount: "25", meter: SOLAR, buy: true });
    await own.succeeds("deposit", { amount: "25", meter: HOME, buy: true });
    exchange = await connectExchange({ rpcUrl: own.url, deployment: await own.deployment() });
  });

  after(() => own.stop());

  it("prints what a matcher takes, and refuses what no book can have", async () => {
    const printed: unknown = JSON.parse(await own.succeeds("order", bid()));
    expect(printed).to.have.keys("zone", "slot", "side", "energyWh", "limitPrice", "signature");
    expect(printed).to.include({ zone: 1, slot: S + 1, side: "bid", energyWh: 800, limitPrice: 300_000 });
    expect(await own.fails("order", bid({ limit: "0.5" }))).to.match(/ORDER_REFUSED.*LimitOutsideTariff/);
    expect(await own.fails("order", bid({ bid: 5_000 }))).to.match(/ORDER_REFUSED.*OrderBeyondRatedPower/);
    expect(await own.fails("order", bid({ device: 7 }))).to.match(/^Error METER_UNKNOWN/);
    expect(await own.fails("order", bid({ slot: S + 9 }))).to.match(/^Error GATE_NOT_OPEN/);
    expect(await own.fails("order", bid({ slot: S }))).to.match(/^Error GATE_CLOSED/);
    expect(await own.fails("order", offer({ limit: "0.1", offer: 0 }))).to.match(/^Error ARGUMENT_INVALID/);
  });

  it("signs for a meter as its delegate only, with an account's key or a key file", async () => {
    const asRequester = bid({ device: -1, meter: HOME, as: "requester" });
    expect(await own.fails("order", asRequester)).to.match(/^Error ORDER_SIGNER_WRONG/);
    expect(await own.succeeds("delegate", { meter: HOME, delegate: REQUESTER })).to.equal(
      `${REQUESTER} may order for meter ${HOME}.`,
    );
    const signed = JSON.parse(await own.succeeds("order", asRequester)) as Record<string, unknown>;
    expect(signed).to.include({ meter: HOME, side: "bid" });

    const keyFile = await own.file("key.json", await keystore(localKey("requester"), "secret"));
    const fromFile = { ...bid({ device: -1, meter: HOME }), keyFile };
    expect(await own.fails("order", fromFile)).to.match(/^Error SERVICE_KEY_MISSING/);
    process.env.JOULEWORK_ORDER_KEY_PASSWORD = "secret";
    try {
      expect(JSON.parse(await own.succeeds("order", fromFile))).to.deep.equal(signed);
      process.env.JOULEWORK_ORDER_KEY_PASSWORD = "guess";
      expect(await own.fails("order", fromFile)).to.match(/^Error SERVICE_KEY_UNREADABLE/);
    } finally {
      delete process.env.JOULEWORK_ORDER_KEY_PASSWORD;
    }
  });

  it("places an order on chain and cancels it, for the owner of the meter's site and nobody else", async () => {
    const placed = { slot: S + 2, bid: 500, limit: "0.25", meter: HOME, place: true };
    expect(await own.fails("order", { ...placed, as: "treasury" })).to.match(/NotEntitled/);
    expect(await own.fails("order", { ...placed, limit: "0.9" })).to.match(/ORDER_REFUSED.*LimitOutsideTariff/);
    expect(await own.succeeds("order", placed)).to.equal(
      `Placed on chain for meter ${HOME} and slot ${String(S + 2)}: bid of 500 Wh at 0.25 credits a kWh.`,
    );
    const [entry] = await exchange.placedOrders(1, S + 2);
    expect(entry).to.include({ meter: HOME, energyWh: 500, limitPrice: 250_000 });
    expect(await own.succeeds("order", { slot: S + 2, meter: HOME, cancel: true })).to.include("orders nothing");
    expect((await exchange.placedOrders(1, S + 2))[0]?.energyWh).to.equal(0);
  });

  it("gives orders to a matcher, which commits and clears them", async () => {
    const stop = new AbortController();
    const told: string[] = [];
    let known: (url: string) => void = () => undefined;
    const listening = new Promise<string>((resolve) => (known = resolve));
    const running = runMatcher({
      rpcUrl: own.url,
      deployment: await own.deployment(),
      privateKey: localKey("matcher"),
      journalPath: own.path("matcher.sqlite"),
      port: 0,
      zones: [1],
      pollMs: 20,
      signal: stop.signal,
      report: (line) => {
        told.push(line);
        const [url] = /http:\/\/[\d.:]+/.exec(line) ?? [];
        if (url !== undefined) known(url);
      },
    });
    try {
      const matcher = await listening;
      const receipt = JSON.parse(await own.succeeds("order", offer({ matcher }))) as Record<string, unknown>;
      expect(receipt).to.include({ zone: 1, slot: S + 1, matcher: MATCHER });
      expect(await own.succeeds("order", offer({ matcher })), "the same order, the same receipt").to.equal(
        JSON.stringify(receipt, null, 2),
      );
      expect(await own.fails("order", offer({ matcher, offer: 700 }))).to.match(
        /^Error MATCHER_REFUSED.*ORDER_ALREADY_GIVEN/,
      );
      await own.succeeds("order", bid({ device: -1, meter: HOME, as: "requester", matcher }));
      expect(await own.fails("order", bid({ matcher: "matcher" }))).to.match(/^Error MATCHER_URL_INVALID/);

      await mineAt(own.rpc, (S + 1) * SLOT_SECONDS - 590);
      await until(async () => (await exchange.slot(1, S + 1))?.matchedWh === 800);
      expect(await own.fails("order", bid({ matcher }))).to.match(/^Error GATE_CLOSED/);
    } finally {
      stop.abort();
      await running;
    }
    expect(told.join("\n")).to.include(`slot ${String(S + 1)} of zone 1`);
  });

  it("sets a local clock forward only", async () => {
    expect(await own.succeeds("time", {})).to.include(
      `slot ${String(S)}. Orders are taken for slots ${String(S + 2)} `,
    );
    expect(await own.fails("time", { slot: S - 1 })).to.match(/^Error TIME_PASSED/);
    expect(await own.fails("time", { slot: S + 1, seconds: 900 })).to.match(/^Error ARGUMENT_INVALID.*seconds/);
  });

  it("refuses arguments that are wrong, each by its name", async () => {
    expect(await own.fails("delegate", { meter: "0x12", delegate: OWNER })).to.match(/^Error ARGUMENT_INVALID.*meter/);
    expect(await own.fails("delegate", { meter: SOLAR, delegate: OWNER, as: "treasury" })).to.match(/NotEntitled/);
    expect(await own.fails("order", { ...bid(), as: "nobody" })).to.match(/^Error ARGUMENT_INVALID.*as/);
  });
});

/** An encrypted key file whose password is cheap to try. */
function keystore(privateKey: string, password: string): Promise<string> {
  const { address } = new Wallet(privateKey);
  return encryptKeystoreJson({ address, privateKey }, password, { scrypt: { N: 1024 } });
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 50));
}
