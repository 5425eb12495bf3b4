import { expect } from "chai";
import { readFile } from "node:fs/promises";
import { audit, formatAudit } from "../../src/audit/index.ts";
import { encodeCertificateId } from "../../src/certificates/certificateId.ts";
import { localKey, mineAt } from "../../src/chain/localChain.ts";
import { signingKey } from "../../src/market/signer.ts";
import { SLOT_SECONDS } from "../../src/units.ts";
import { deviceKey, LOCAL_CHAIN_ID } from "../../scripts/tasks/support/keys.ts";
import { startOwnNode, type OwnNode } from "./ownNode.ts";

const S = 1_944_960;
const deviceAddress = (index: number): string => deviceKey(index, LOCAL_CHAIN_ID).address;
const ID = String(encodeCertificateId({ zone: 1, slot: S, source: "wind" }));
const OWNER = signingKey(localKey("owner")).address;
const TREASURY = signingKey(localKey("treasury")).address;

describe("the command line through a certificate's life, on a node of its own", () => {
  let node: OwnNode;
  before(async () => {
    node = await startOwnNode(S - 40);
  });
  after(() => node.stop());

  it("issues certificates for what a producer exported, once the slot is closed without a flag", async () => {
    await node.succeeds("deploy", {});
    await mineAt(node.rpc, S * SLOT_SECONDS + 5);
    await node.succeeds("zone", { zone: 1 });
    await node.succeeds("site", { zone: 1 });
    await node.succeeds("meter", { site: 1, kind: "producer", ratedPower: 4_000, source: "wind", device: 0 });
    await node.succeeds("meter", { site: 1, kind: "feeder", ratedPower: 50_000, device: 1 });
    await mineAt(node.rpc, (S + 1) * SLOT_SECONDS + 10);
    await node.succeeds("settle", { zone: 1, slot: S, importWh: 0, exportWh: 800, device: 0 });
    await node.succeeds("settle", { zone: 1, slot: S, importWh: 0, exportWh: 800, device: 1 });
    expect(await node.succeeds("issue", { site: 1 })).to.equal("Site 1: 0 Wh certified from 0 readings.");
    await node.succeeds("close", { zone: 1, slot: S });
    expect(await node.succeeds("issue", { site: 1 })).to.equal("Site 1: 800 Wh certified from 1 readings.");
    expect(await node.succeeds("issue", { site: 1 })).to.equal("Site 1: 0 Wh certified from 0 readings.");
  });

  it("sells them by a signed offer, in parts", async () => {
    const out = await node.file("offer.json", "");
    await node.succeeds("buy", { amount: "5" });
    expect(await node.succeeds("sell-certificates", { certificate: ID, amount: 500, price: "0.02", out })).to.match(
      /^Offer of 500 Wh at 0\.02 credits a kWh signed/,
    );
    const taken = { offer: out, as: "treasury" };
    expect(await node.succeeds("buy-certificates", { ...taken, amount: 200 })).to.equal(
      "Bought 200 Wh for 0.004000 credits.",
    );
    expect(await node.succeeds("buy-certificates", taken)).to.equal("Bought 300 Wh for 0.006000 credits.");
    expect(await node.fails("buy-certificates", { ...taken, amount: 1 })).to.match(/OfferUsed/);
  });

  it("lists them, and exports bundles with the standard's attributes", async () => {
    expect(await node.succeeds("transfer-certificates", { certificate: ID, amount: 50, to: TREASURY })).to.equal(
      `50 Wh of certificates ${ID} are ${TREASURY}'s.`,
    );
    const out = await node.file("bundles.json", "");
    expect(await node.succeeds("certificates", { holder: TREASURY, out })).to.match(/wind.*550.*Active/);
    const [bundle] = JSON.parse(await readFile(out, "utf8")) as Record<string, unknown>[];
    expect(bundle).to.include({
      account_id: TREASURY,
      bundle_quantity: 550,
      face_value: 1,
      energy_source: "wind",
      grid_area: "zone 1",
      production_starting_interval: "2025-06-21T00:00:00.000Z",
      production_ending_interval: "2025-06-21T00:15:00.000Z",
    });
    expect(bundle?.production_devices).to.deep.equal([
      { device_id: `eip155:31337:${deviceAddress(0)}`, capacity: 4_096, issued_quantity: 800 },
    ]);
  });

  it("cancels them for somebody, and says what cannot be", async () => {
    const input = { certificate: ID, beneficiary: TREASURY, purpose: "June" };
    expect(await node.succeeds("cancel-certificates", { ...input, amount: 100 })).to.equal(
      `Cancellation 1: 100 Wh for ${TREASURY}.`,
    );
    expect(await node.fails("cancel-certificates", { ...input, amount: 1_000 })).to.match(/ERC6909InsufficientBalance/);
    expect(await node.fails("cancel-certificates", { ...input, certificate: "7", amount: 1 })).to.match(
      /is not the token id of certificates|ERC6909/,
    );
    expect(await node.fails("cancel-certificates", { ...input, purpose: "é".repeat(129), amount: 1 })).to.match(
      /PurposeTooLong/,
    );
    expect(await node.fails("cancel-certificates", { job: 1 })).to.match(/NOTHING_MATCHES|JOB_UNKNOWN/);
    expect(await node.succeeds("certificates", { holder: OWNER })).to.match(/wind.*150/);
  });

  it("follows them into a battery and out again, less what it lost", async () => {
    const battery = deviceAddress(2);
    const home = deviceAddress(3);
    await node.succeeds("meter", {
      site: 1,
      kind: "storage",
      ratedPower: 4_000,
      storageCapacity: 5_000,
      efficiencyPpm: 900_000,
      device: 2,
    });
    await node.succeeds("meter", { site: 1, kind: "consumer", ratedPower: 4_000, device: 3 });
    const registers = [
      { importWh: 0, exportWh: 1_600, device: 0 },
      { importWh: 120, exportWh: 0, device: 2 },
      { importWh: 80, exportWh: 0, device: 3 },
      { importWh: 0, exportWh: 1_400, device: 1 },
    ];
    await mineAt(node.rpc, (S + 2) * SLOT_SECONDS + 10);
    for (const reading of registers) await node.succeeds("settle", { zone: 1, slot: S + 1, ...reading });
    await node.succeeds("close", { zone: 1, slot: S + 1 });
    const input = { certificate: ID, meter: battery, slot: S + 1 };
    expect(await node.fails("charge-certificates", { ...input, policy: "slot" })).to.match(/NoMatch/);
    expect(await node.succeeds("charge-certificates", { ...input, amount: 100 })).to.equal(
      `100 Wh of certificates went into storage ${battery}: 100 Wh so far.`,
    );
    expect(await node.succeeds("charge-certificates", input)).to.equal(
      `20 Wh of certificates went into storage ${battery}: 120 Wh so far.`,
    );
    expect(await node.fails("charge-certificates", input)).to.match(/^Error NOTHING_MATCHES.*usedWh = 120/s);
    expect(await node.fails("charge-certificates", { ...input, slot: S + 2 })).to.match(/^Error READING_NOT_SETTLED/);

    await mineAt(node.rpc, (S + 3) * SLOT_SECONDS + 10);
    const later = [{ ...registers[0] }, { importWh: 120, exportWh: 108, device: 2 }, { ...registers[2] }];
    for (const reading of later) await node.succeeds("settle", { zone: 1, slot: S + 2, ...reading });
    await node.succeeds("settle", { zone: 1, slot: S + 2, importWh: 0, exportWh: 1_508, device: 1 });
    await node.succeeds("close", { zone: 1, slot: S + 2 });
    const id = String(encodeCertificateId({ zone: 1, slot: S + 2, source: "storage" }));
    expect(await node.succeeds("discharge-certificates", { meter: battery, slot: S + 2 })).to.equal(
      `108 Wh certified from storage ${battery} as ${id}: 108 Wh of 120 Wh so far.`,
    );
    expect(await node.fails("discharge-certificates", { meter: battery, slot: S + 2 })).to.match(/OutOfOrder/);

    await node.succeeds("cancel-certificates", { certificate: ID, amount: 30, beneficiary: OWNER, purpose: "" });
    const claim = { cancellation: 2, meter: home, slot: S + 1 };
    expect(await node.succeeds("claim-certificates", { ...claim, amount: 10 })).to.match(
      /10 Wh matched .*, 20 Wh left/,
    );
    expect(await node.succeeds("claim-certificates", claim)).to.match(/20 Wh matched .*, 0 Wh left/);
    expect(await node.fails("claim-certificates", claim)).to.match(/^Error NOTHING_MATCHES.*leftWh = 0/s);
    expect(await node.fails("claim-certificates", { ...claim, cancellation: 1, amount: 1 })).to.match(/NotEntitled/);
  });

  it("suspends what an inspector doubts, once, and what governance decides", async () => {
    const id = String(encodeCertificateId({ zone: 1, slot: S + 2, source: "storage" }));
    expect(await node.succeeds("suspend-certificates", { certificate: id })).to.match(
      /^Certificates \d+ are suspended through slot \d+\.$/,
    );
    expect(await node.fails("transfer-certificates", { certificate: id, amount: 1, to: TREASURY })).to.match(
      /CertificateSuspended/,
    );
    expect(await node.fails("suspend-certificates", { certificate: id })).to.match(/SuspendedBefore/);
    expect(await node.succeeds("suspend-certificates", { certificate: id, through: S })).to.match(/^Scheduled\./);
    await mineAt(node.rpc, (S + 8) * SLOT_SECONDS);
    expect(await node.succeeds("suspend-certificates", { certificate: id, through: S })).to.equal(
      `Certificates ${id} are suspended through slot ${String(S)}.`,
    );
    await node.succeeds("transfer-certificates", { certificate: id, amount: 1, to: TREASURY });
  });

  it("leaves a chain that the audit passes", async () => {
    const report = await audit({ deployment: await node.deployment(), rpcUrl: node.url });
    expect(report.passed, formatAudit(report)).to.equal(true);
  });
});
