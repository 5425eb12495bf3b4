import { expect } from "chai";
import { readFile } from "node:fs/promises";
import { audit } from "../../src/audit/audit.ts";
import { localKey, mineAt } from "../../src/chain/localChain.ts";
import { contractAddress } from "../../src/chain/deployment.ts";
import { connectContract } from "../../src/chain/contract.ts";
import { createSender } from "../../src/chain/sender.ts";
import { DESK_ABI, TEST_TOKEN_ABI } from "../../src/chain/tokenAbi.ts";
import { SLOT_SECONDS } from "../../src/units.ts";
import { startOwnNode, type OwnNode } from "./ownNode.ts";

const S = 1_944_960;
/** The slot of yesterday that tells today's price, and the season: the day that follows it. */
const YESTERDAY = S - 19;
const START = S;
const SLOT = YESTERDAY + 96;
const LAST = START + 95;

describe("the command line through a season, on a node of its own", () => {
  let own: OwnNode;

  before(async () => {
    own = await startOwnNode(S - 40);
  });
  after(() => own.stop());

  /** The meter's registers at the end of a slot, settled before its deadline and after that of the slot before. */
  async function read(slot: number, importWh: number, exportWh: number): Promise<void> {
    await mineAt(own.rpc, (slot + 4) * SLOT_SECONDS + 10);
    await own.succeeds("settle", { zone: 1, slot, importWh, exportWh, device: 0 });
  }

  it("enrols a site in the next season", async () => {
    const parameters = await own.file(
      "parameters.json",
      JSON.stringify({ seasonStart: START, seasonSlots: 96, claimSlots: 8 }),
    );
    await own.succeeds("deploy", { parameters });
    await mineAt(own.rpc, YESTERDAY * SLOT_SECONDS + 5);
    await own.succeeds("zone", { zone: 1 });
    await own.succeeds("site", { zone: 1 });
    await own.succeeds("meter", { site: 1, kind: "prosumer", ratedPower: 4000, device: 0 });
    // Nothing but export: the same quarter hour of tomorrow is as plentiful as can be.
    await read(YESTERDAY, 0, 500);
    expect(await own.succeeds("enrol", { site: 1 })).to.equal("Site 1 takes part in season 1.");
    expect(await own.fails("enrol", { site: 1 })).to.include("AlreadyEnrolled");
    expect(await own.fails("enrol", { site: 1, as: "governor" })).to.include("NotEntitled");
    expect(await own.fails("enrol", { site: 1, as: "nobody" })).to.include("ARGUMENT_INVALID");
  });

  it("proves readings and ranks sites", async () => {
    await read(SLOT - 1, 0, 500);
    await read(SLOT, 700, 500);
    expect(await own.succeeds("prove", { site: 1 })).to.equal(
      "Site 1, season 1: 1 readings proved, 700.00 points so far.",
    );
    expect(await own.succeeds("season")).to.match(/1 +│ 1 +│ 700 +│ 0 Wh +│ 0 +│ so far/);
  });

  it("calls an event, and refuses a claim without the readings of its baseline", async () => {
    const called = await own.succeeds("call-event", { zone: 1, firstSlot: START + 90, slots: 2, points: "0.5" });
    expect(called).to.match(/^Event 1: zone 1, 2 slots from 2025-06-21 22:30 UTC/);
    expect(await own.fails("call-event", { zone: 1, firstSlot: START + 90, slots: 2 })).to.include("EventTooSoon");
    expect(await own.fails("call-event", { zone: 1, firstSlot: START + 90, slots: 2, points: "2" })).to.include(
      "ARGUMENT_INVALID",
    );
    expect(await own.fails("claim-event", { event: 1, slot: START + 90, site: 1 })).to.include("READING_NOT_SETTLED");
  });

  it("adds a quest after the delay of governance", async () => {
    const quest = { goal: "points", threshold: 700, title: "Sun chaser" };
    expect(await own.succeeds("quest", quest)).to.match(/^Scheduled; run it again from 2025-06-21T/);
    await mineAt(own.rpc, (SLOT + 10) * SLOT_SECONDS);
    expect(await own.succeeds("quest", quest)).to.equal("Quest 1: Sun chaser.");
    expect(await own.fails("quest", { ...quest, title: "<b>" })).to.include("ARGUMENT_INVALID");
  });

  it("concludes, gives the badge and writes its picture", async () => {
    await read(LAST, 700, 500);
    expect(await own.succeeds("prove", { site: 1, season: 1, conclude: true })).to.equal(
      "Site 1, season 1: 0 readings proved, concluded with 700 points.",
    );
    const out = own.path("badge.svg");
    const badge = { quest: 1, season: 1, site: 1, out };
    expect(await own.succeeds("badge", badge)).to.equal(
      `Sun chaser: 700 points, site 1, season 1.\nPicture written to ${out}.`,
    );
    expect(await readFile(out, "utf8")).to.match(/^<svg .*>Sun chaser<.*<\/svg>$/);
    expect(await own.succeeds("badge", { ...badge, out: "" })).to.equal("Sun chaser: 700 points, site 1, season 1.");
    expect(await own.fails("badge", { ...badge, quest: 2 })).to.include("UnknownQuest");
  });

  it("pays the season's sites once its claims are over, and the audit agrees", async () => {
    expect(await own.fails("reward", { season: 1 })).to.include("ClaimsOpen");
    const record = await own.deployment();
    const sender = createSender({ rpc: own.rpc, privateKey: localKey("treasury"), chainId: record.chainId });
    const contract = <const A extends Parameters<typeof connectContract>[0]["abi"]>(name: string, abi: A) =>
      connectContract({ rpc: own.rpc, abi, address: contractAddress(record, name) });
    const [token, desk] = [contract("TestPaymentToken", TEST_TOKEN_ABI), contract("CreditDesk", DESK_ABI)];
    const seasons = contractAddress(record, "Seasons");
    await sender.send([
      { to: token.address, data: token.encode("mint", [sender.address, 10n ** 6n]) },
      { to: token.address, data: token.encode("approve", [desk.address, 10n ** 6n]), gasLimit: 100_000n },
      { to: desk.address, data: desk.encode("buy", [seasons, 10n ** 18n, 10n ** 6n]), gasLimit: 300_000n },
    ]);
    await mineAt(own.rpc, (LAST + 9) * SLOT_SECONDS);
    expect(await own.succeeds("reward", { season: 1 })).to.match(
      /^Season 1: 0\.00\d{4} of a pool of 1\.000000 credits paid\.$/,
    );
    const shown = JSON.parse(await own.succeeds("season", { season: 1, json: true })) as {
      finished: boolean;
      sites: { site: number; points: string; rank: number; concluded: boolean }[];
    };
    expect(shown.finished).to.equal(true);
    expect(shown.sites).to.have.length(1);
    expect(shown.sites[0]).to.include({ site: 1, points: "700", rank: 1, concluded: true });
    const report = await audit({ deployment: record, rpcUrl: own.url });
    expect(report.checks.flatMap(({ failures }) => failures)).to.deep.equal([]);
    expect(report.checks.find(({ name }) => name === "seasons")?.figures).to.include({ readings: 1, badges: 1 });
  });
});
