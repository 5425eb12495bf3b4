import { expect } from "chai";
import { audit } from "../../src/audit/audit.ts";
import { localKey } from "../../src/chain/localChain.ts";
import { signingKey } from "../../src/market/signer.ts";
import { startOwnNode, type OwnNode } from "./ownNode.ts";

const S = 1_944_960;
const PROVIDER = signingKey(localKey("provider")).address;
const REQUESTER = signingKey(localKey("requester")).address;
// Public test device key 1.
const HOME = "0x40FBBE484b8Ee6139Af08446950B088e10b2306A";

describe("the tasks of the compute market on a node of its own", () => {
  let own: OwnNode;
  let importWh = 0;
  let read = S - 1;

  before(async () => {
    own = await startOwnNode(S - 1);
    await own.succeeds("deploy", {});
    await own.succeeds("zone", { zone: 1 });
    await own.succeeds("time", { slot: S });
    await own.succeeds("site", { zone: 1 });
    await own.succeeds("meter", { site: 1, kind: "consumer", ratedPower: 4000, device: 1 });
    await own.succeeds("deposit", { amount: "25", meter: HOME, buy: true });
    await own.succeeds("sponsor", { owner: signingKey(localKey("owner")).address, account: 12 });
    await own.succeeds("provider", { provider: PROVIDER, meter: HOME, accelerators: 8 });
    await own.succeeds("buy", { amount: "50", to: REQUESTER });
    await own.succeeds("buy", { amount: "5", account: "owner" });
    await own.succeeds("buy", { amount: "10" });
  });

  after(() => own.stop());

  /** Goes to the start of a slot and settles the readings of those before it, 700 Wh each. */
  async function goTo(slot: number): Promise<void> {
    await own.succeeds("time", { slot });
    for (let next = read + 1; next < slot; ++next) await settle(next);
  }

  async function settle(slot: number): Promise<void> {
    importWh += 700;
    await own.succeeds("settle", { zone: 1, slot, importWh, exportWh: 0, device: 1 });
    read = slot;
  }

  const shown = async (lease: number): Promise<Record<string, unknown>> =>
    JSON.parse(await own.succeeds("show-lease", { lease, json: true })) as Record<string, unknown>;

  it("offers, and says what an offer lacks", async () => {
    const offer = { price: "0.0001", accelerators: 8, power: 700 };
    expect(await own.fails("offer", {})).to.include("give exactly one of --price and --withdraw");
    expect(await own.fails("offer", { price: "1", withdraw: 1 })).to.include("exactly one of --price and --withdraw");
    expect(await own.fails("offer", { ...offer, power: 0 })).to.match(/ARGUMENT_INVALID.*power/);
    expect(await own.fails("offer", { ...offer, accelerators: 0 })).to.match(/ARGUMENT_INVALID.*accelerators/);
    expect(await own.fails("offer", { ...offer, price: "0.0000000001" })).to.match(/ARGUMENT_INVALID.*price/);
    expect(await own.fails("offer", { ...offer, stake: "0" })).to.match(/ARGUMENT_INVALID.*stake/);
    expect(await own.fails("offer", { ...offer, minSeconds: 2, maxSeconds: 1 })).to.match(/minSeconds.*--max-seconds/);
    expect(await own.fails("offer", { ...offer, as: "owner" })).to.include("UnknownProvider");
    expect(await own.fails("offer", { ...offer, accelerators: 9 })).to.include("BadParameter");
    expect(await own.fails("offer", { withdraw: 1 })).to.include("UnknownOffer");
    expect(await own.succeeds("offers", {})).to.equal("Nobody offers 1 accelerators.");
    expect(await own.succeeds("offer", offer)).to.equal(
      "Offer 1: 8 accelerators at 0.0001 credits an accelerator-second (0.36 an hour), 1 credits of stake behind each lease.",
    );
    expect(await own.succeeds("offers", {})).to.match(/never/);
    await own.succeeds("stake", { provider: PROVIDER, amount: "10" });
    expect(await own.succeeds("offers", {})).to.match(/8 of 8 +│ 0\.0001 +│ 0\.0001 +│ 0\.36 .*next slot/);
    expect(await own.fails("offers", { accelerators: 0 })).to.match(/ARGUMENT_INVALID.*accelerators/);
  });

  it("lists what it takes to be served before the requests that wait, and takes requests back", async () => {
    const request = { offer: 1, accelerators: 4, seconds: 10_000 };
    expect(await own.fails("lease", { ...request, offer: 2 })).to.match(/^Error OFFER_UNKNOWN/);
    expect(await own.fails("lease", { ...request, price: "0.00005" })).to.include("BidTooLow");
    expect(await own.fails("lease", { ...request, seconds: 800 })).to.include("BadParameter");
    expect(await own.fails("lease", { ...request, site: 1 })).to.include("NotEntitled");
    expect(await own.succeeds("lease", request)).to.equal(
      `Lease 1: waits for 4 accelerators of offer 1 through slot ${String(S + 8)}, 1 credits in escrow.`,
    );
    const effective = async (accelerators: number): Promise<unknown> => {
      const [offer] = JSON.parse(await own.succeeds("offers", { accelerators, json: true })) as Record<
        string,
        unknown
      >[];
      return offer?.effectivePrice;
    };
    expect(await effective(4)).to.equal("100000");
    expect(await effective(5)).to.equal("100001");
    await own.succeeds("lease", { ...request, site: 1, accelerators: 5, price: "0.0002", as: "owner" });
    expect(await effective(4)).to.equal("200001");
    expect(await own.fails("lease", { withdraw: 2 })).to.include("TooSoon");
    expect(await own.succeeds("lease", { withdraw: 2, as: "owner" })).to.equal("Lease 2: closed, uses reported: 0.");
    expect(await own.succeeds("claim", { as: "owner" })).to.match(/^2 credits paid to /);
    expect(await own.fails("lease", { start: 1 }), "not in the slot of the request").to.include("NothingWaits");
  });

  it("runs the worked example of four uses, with a proved reading each", async () => {
    await goTo(S + 1);
    const end = `slot ${String(S + 96)} (2025-06-22 00:00 UTC)`;
    expect(await own.succeeds("lease", { start: 1 })).to.equal(
      `Lease 1: runs on 4 accelerators of offer 1 through ${end}, uses reported: 0, 1 credits in escrow.`,
    );
    const use = (slot: number, changes = {}) => ({ lease: 1, slot, seconds: 3_600, ...changes });
    expect(await own.fails("use", use(S + 1))).to.match(/^Error READING_NOT_SETTLED/);
    await goTo(S + 2);
    expect(await own.fails("use", use(S + 1, { energy: 701 }))).to.match(/^Error EVIDENCE_SHORT/);
    expect(await own.fails("use", use(S + 1, { as: "requester" }))).to.include("NotEntitled");
    expect(await own.fails("use", use(S + 1, { seconds: 3_601, energy: 700 }))).to.include("UseTooLarge");
    expect(await own.succeeds("use", use(S + 1))).to.include(
      `Use 0 of slot ${String(S + 1)}: 0.36 credits for 3600 accelerator-seconds, 700 Wh proved.`,
    );
    expect(await own.fails("use", use(S + 1)), "a watt-hour proves one use").to.match(
      /^Error EVIDENCE_SHORT.*usedWh = 700/,
    );
    await goTo(S + 3);
    await own.succeeds("use", use(S + 2));
    await goTo(S + 4);
    // The third pays what is left for 2,800 of its 3,600, and the lease is paused.
    expect(await own.succeeds("use", use(S + 3))).to.match(/0\.28 credits for 3600 .*\n.* are paused from slot/);
    expect(await own.fails("lease", { resume: 1 })).to.include("EscrowEmpty");
    expect(await own.fails("lease", { topUp: 1 })).to.match(/ARGUMENT_INVALID.*amount/);
    expect(await own.succeeds("lease", { topUp: 1, amount: "0.19" })).to.match(/runs on .* 0\.19 credits in escrow/);
    await goTo(S + 5);
    expect(await own.succeeds("use", use(S + 4, { seconds: 900, energy: 175 }))).to.include("0.09 credits for 900");
    expect(await own.fails("lease", { pause: 1 })).to.include("TooSoon");
    expect(await own.fails("lease", { resume: 1 })).to.include("WrongLeaseState");
    expect(await own.succeeds("show-lease", { lease: 1 })).to.match(/3 +│ 1944964 +│ 900 +│ 175 Wh +│ 0\.09 /);
  });

  it("pays after four hours, to the provider whoever claims, and closes what has ended", async () => {
    expect(await own.fails("claim", { lease: 1 })).to.include("NothingToClaim");
    expect(await own.fails("use", { lease: 1, refuse: 4, as: "requester" })).to.include("UseSettled");
    await own.succeeds("time", { slot: S + 22 });
    expect(await own.succeeds("claim", { lease: 1, most: 2, as: "treasury" })).to.equal(
      `Lease 1: 0.72 credits are ${PROVIDER}'s; uses settled so far: 2.`,
    );
    expect(await own.succeeds("claim", { lease: 1, to: REQUESTER })).to.equal(
      `Lease 1: 0.37 credits are ${PROVIDER}'s; uses settled so far: 4.\n1.09 credits paid to ${REQUESTER}.`,
    );
    expect(await own.fails("claim", {})).to.include("NothingToPay");
    expect(await own.fails("lease", { close: 1 })).to.include("TooSoon");
    expect(await own.succeeds("lease", { notice: 1 })).to.include(`through slot ${String(S + 22)}`);
    await own.succeeds("time", { slot: S + 23 });
    expect(await own.succeeds("lease", { close: 1, as: "provider" })).to.equal("Lease 1: closed, uses reported: 4.");
    expect(await own.succeeds("claim", { as: "requester" })).to.equal(`0.1 credits paid to ${REQUESTER}.`);
    expect(await shown(1)).to.deep.include({ state: "closed", uses: 4, settledUses: 4, escrowTicks: "0" });
  });

  it("proves no use with a reading that spans slots, and gives refused pay to neither side", async () => {
    await own.succeeds("lease", { offer: 1, accelerators: 4, seconds: 10_000, maxImportPrice: "0.6" });
    await own.succeeds("time", { slot: S + 24 });
    await own.succeeds("lease", { start: 1 });
    await settle(S + 19);
    expect(await own.fails("use", { lease: 3, slot: S + 19, seconds: 60 })).to.match(/^Error READING_IS_GAP/);
    await goTo(S + 25);
    await own.succeeds("use", { lease: 3, slot: S + 24, seconds: 3_600 });
    expect(await own.fails("use", { lease: 3 })).to.include("exactly one of --slot, --accept and --refuse");
    expect(await own.fails("use", { lease: 3, refuse: 0, as: "provider" })).to.include("NotEntitled");
    expect(await own.succeeds("use", { lease: 3, refuse: 0 })).to.equal(
      `Lease 3 ends with slot ${String(S + 25)}: 0.36 credits of pay and 0.09 of escrow and stake go to the season pool.`,
    );
  });

  it("withdraws an offer, and knows no lease that is not there", async () => {
    expect(await own.fails("offer", { withdraw: 1, as: "owner" })).to.include("NotEntitled");
    expect(await own.succeeds("offer", { withdraw: 1 })).to.equal("Offer 1 is withdrawn; leases that run go on.");
    expect(await own.succeeds("offers", {})).to.equal("Nobody offers 1 accelerators.");
    expect(await own.fails("show-lease", { lease: 9 })).to.match(/^Error LEASE_UNKNOWN/);
    expect(await own.fails("show-lease", { lease: 0 })).to.match(/^Error ARGUMENT_INVALID.*lease/);
    expect(await own.fails("use", { lease: 9, slot: S + 24, seconds: 1 })).to.match(/^Error LEASE_UNKNOWN/);
    expect(await own.fails("claim", { lease: 1, most: 0 })).to.match(/^Error ARGUMENT_INVALID.*most/);
  });

  it("leaves a chain that the audit agrees with", async () => {
    const report = await audit({ deployment: await own.deployment(), rpcUrl: own.url });
    expect(report.checks.flatMap(({ failures }) => failures)).to.deep.equal([]);
    expect(report.checks.find(({ name }) => name === "leases")?.figures).to.include({ leases: 2 });
  });
});
