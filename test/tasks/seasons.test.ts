import { expect } from "chai";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { audit } from "../../src/audit/audit.ts";
import { localKey, mineAt } from "../../src/chain/localChain.ts";
import { createRpcClient, type RpcClient } from "../../src/chain/rpc.ts";
import { contractAddress, readDeployment } from "../../src/chain/deployment.ts";
import { connectContract } from "../../src/chain/contract.ts";
import { createSender } from "../../src/chain/sender.ts";
import { DESK_ABI, TEST_TOKEN_ABI } from "../../src/chain/tokenAbi.ts";
import { startLocalNode, type LocalNode } from "../../src/community/startLocalNode.ts";
import { SLOT_SECONDS } from "../../src/units.ts";
import { hardhatAt, runVerb } from "./commandLine.ts";

const S = 1_944_960;
/** The slot of yesterday that tells today's price, and the season: the day that follows it. */
const YESTERDAY = S - 19;
const START = S;
const SLOT = YESTERDAY + 96;
const LAST = START + 95;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const at = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (at === null || typeof at === "string") throw new Error("the server has no port");
  return at.port;
}

describe("the command line through a season, on a node of its own", () => {
  let node: LocalNode;
  let hre: HardhatRuntimeEnvironment;
  let rpc: RpcClient;
  let folder: string;
  let deployment: string;

  before(async () => {
    const port = await freePort();
    node = await startLocalNode({ port, startsAt: (S - 40) * SLOT_SECONDS });
    hre = await hardhatAt(node.url);
    rpc = createRpcClient({ url: node.url });
    folder = await mkdtemp(join(tmpdir(), "joulework-season-"));
    deployment = `localhost-test-${String(port)}`;
  });

  after(async () => {
    await node.stop();
    await rm(folder, { recursive: true, force: true });
    for (const suffix of ["", ".json"]) {
      await rm(join(hre.config.paths.ignition, "deployments", deployment + suffix), { recursive: true, force: true });
    }
  });

  async function succeeds(verb: string, input: Record<string, string | number | boolean> = {}): Promise<string> {
    const { exitCode, out, err } = await runVerb(hre, verb, { deployment, ...input });
    expect(err, verb).to.equal("");
    expect(exitCode, verb).to.equal(0);
    return out;
  }

  async function fails(verb: string, input: Record<string, string | number | boolean>): Promise<string> {
    const { exitCode, err } = await runVerb(hre, verb, { deployment, ...input });
    expect(exitCode, verb).to.equal(1);
    expect(err, "no stack trace").not.to.match(/^\s+at /m);
    return err;
  }

  /** The meter's registers at the end of a slot, settled before its deadline and after that of the slot before. */
  async function read(slot: number, importWh: number, exportWh: number): Promise<void> {
    await mineAt(rpc, (slot + 4) * SLOT_SECONDS + 10);
    await succeeds("settle", { zone: 1, slot, importWh, exportWh, device: 0 });
  }

  it("enrols a site in the next season", async () => {
    const parameters = join(folder, "parameters.json");
    await writeFile(parameters, JSON.stringify({ seasonStart: START, seasonSlots: 96, claimSlots: 8 }));
    await succeeds("deploy", { parameters });
    await mineAt(rpc, YESTERDAY * SLOT_SECONDS + 5);
    await succeeds("zone", { zone: 1 });
    await succeeds("site", { zone: 1 });
    await succeeds("meter", { site: 1, kind: "prosumer", ratedPower: 4000, device: 0 });
    // Nothing but export: the same quarter hour of tomorrow is as plentiful as can be.
    await read(YESTERDAY, 0, 500);
    expect(await succeeds("enrol", { site: 1 })).to.equal("Site 1 takes part in season 1.");
    expect(await fails("enrol", { site: 1 })).to.include("AlreadyEnrolled");
    expect(await fails("enrol", { site: 1, as: "governor" })).to.include("NotEntitled");
    expect(await fails("enrol", { site: 1, as: "nobody" })).to.include("ARGUMENT_INVALID");
  });

  it("proves readings and ranks sites", async () => {
    await read(SLOT - 1, 0, 500);
    await read(SLOT, 700, 500);
    expect(await succeeds("prove", { site: 1 })).to.equal("Site 1, season 1: 1 readings proved, 700.00 points so far.");
    expect(await succeeds("season")).to.match(/1 +│ 1 +│ 700 +│ 0 Wh +│ 0 +│ so far/);
  });

  it("calls an event, and refuses a claim without the readings of its baseline", async () => {
    const called = await succeeds("call-event", { zone: 1, firstSlot: START + 90, slots: 2, points: "0.5" });
    expect(called).to.match(/^Event 1: zone 1, 2 slots from 2025-06-21 22:30 UTC/);
    expect(await fails("call-event", { zone: 1, firstSlot: START + 90, slots: 2 })).to.include("EventTooSoon");
    expect(await fails("call-event", { zone: 1, firstSlot: START + 90, slots: 2, points: "2" })).to.include(
      "ARGUMENT_INVALID",
    );
    expect(await fails("claim-event", { event: 1, slot: START + 90, site: 1 })).to.include("READING_NOT_SETTLED");
  });

  it("adds a quest after the delay of governance", async () => {
    const quest = { goal: "points", threshold: 700, title: "Sun chaser" };
    expect(await succeeds("quest", quest)).to.match(/^Scheduled; run it again from 2025-06-21T/);
    await mineAt(rpc, (SLOT + 10) * SLOT_SECONDS);
    expect(await succeeds("quest", quest)).to.equal("Quest 1: Sun chaser.");
    expect(await fails("quest", { ...quest, title: "<b>" })).to.include("ARGUMENT_INVALID");
  });

  it("concludes, gives the badge and writes its picture", async () => {
    await read(LAST, 700, 500);
    expect(await succeeds("prove", { site: 1, season: 1, conclude: true })).to.equal(
      "Site 1, season 1: 0 readings proved, concluded with 700 points.",
    );
    const out = join(folder, "badge.svg");
    const badge = { quest: 1, season: 1, site: 1, out };
    expect(await succeeds("badge", badge)).to.equal(
      `Sun chaser: 700 points, site 1, season 1.\nPicture written to ${out}.`,
    );
    expect(await readFile(out, "utf8")).to.match(/^<svg .*>Sun chaser<.*<\/svg>$/);
    expect(await succeeds("badge", { ...badge, out: "" })).to.equal("Sun chaser: 700 points, site 1, season 1.");
    expect(await fails("badge", { ...badge, quest: 2 })).to.include("UnknownQuest");
  });

  it("pays the season's sites once its claims are over, and the audit agrees", async () => {
    expect(await fails("reward", { season: 1 })).to.include("ClaimsOpen");
    const record = await readDeployment(deployment, join(hre.config.paths.ignition, "deployments"));
    const sender = createSender({ rpc, privateKey: localKey("treasury"), chainId: record.chainId });
    const contract = <const A extends Parameters<typeof connectContract>[0]["abi"]>(name: string, abi: A) =>
      connectContract({ rpc, abi, address: contractAddress(record, name) });
    const [token, desk] = [contract("TestPaymentToken", TEST_TOKEN_ABI), contract("CreditDesk", DESK_ABI)];
    const seasons = contractAddress(record, "Seasons");
    await sender.send([
      { to: token.address, data: token.encode("mint", [sender.address, 10n ** 6n]) },
      { to: token.address, data: token.encode("approve", [desk.address, 10n ** 6n]), gasLimit: 100_000n },
      { to: desk.address, data: desk.encode("buy", [seasons, 10n ** 18n, 10n ** 6n]), gasLimit: 300_000n },
    ]);
    await mineAt(rpc, (LAST + 9) * SLOT_SECONDS);
    expect(await succeeds("reward", { season: 1 })).to.match(
      /^Season 1: 0\.00\d{4} of a pool of 1\.000000 credits paid\.$/,
    );
    const shown = JSON.parse(await succeeds("season", { season: 1, json: true })) as {
      finished: boolean;
      sites: { site: number; points: string; rank: number; concluded: boolean }[];
    };
    expect(shown.finished).to.equal(true);
    expect(shown.sites).to.have.length(1);
    expect(shown.sites[0]).to.include({ site: 1, points: "700", rank: 1, concluded: true });
    const report = await audit({ deployment: record, rpcUrl: node.url });
    expect(report.checks.flatMap(({ failures }) => failures)).to.deep.equal([]);
    expect(report.checks.find(({ name }) => name === "seasons")?.figures).to.include({ readings: 1, badges: 1 });
  });
});
