import { expect } from "chai";
import { keccak256, toUtf8Bytes } from "ethers";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { audit } from "../../src/audit/audit.ts";
import { readDeployment } from "../../src/chain/deployment.ts";
import { mineAt } from "../../src/chain/localChain.ts";
import { createRpcClient, type RpcClient } from "../../src/chain/rpc.ts";
import { startLocalNode, type LocalNode } from "../../src/community/startLocalNode.ts";
import { SLOT_SECONDS } from "../../src/units.ts";
import { hardhatAt, runVerb } from "./commandLine.ts";

const S = 1_944_960;
const CLOSED = S + 20;
const REPORT = "The terminals are bridged.";

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const at = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (at === null || typeof at === "string") throw new Error("the server has no port");
  return at.port;
}

describe("the command line through an inspection, on a node of its own", () => {
  let node: LocalNode;
  let hre: HardhatRuntimeEnvironment;
  let rpc: RpcClient;
  let folder: string;
  let deployment: string;
  let meters: string[];

  before(async () => {
    const port = await freePort();
    node = await startLocalNode({ port, startsAt: (S - 30) * SLOT_SECONDS });
    hre = await hardhatAt(node.url);
    rpc = createRpcClient({ url: node.url });
    folder = await mkdtemp(join(tmpdir(), "joulework-inspection-"));
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

  /** A meter whose reading of S is settled; nobody reads a feeder, so the slot is flagged when it closes. */
  it("reports meters of a slot that closed with a flag", async () => {
    await succeeds("deploy");
    await mineAt(rpc, S * SLOT_SECONDS + 5);
    await succeeds("zone", { zone: 1 });
    await succeeds("site", { zone: 1 });
    meters = [];
    for (const device of [0, 1]) {
      const said = await succeeds("meter", { site: 1, kind: "consumer", ratedPower: 4000, device });
      meters.push(/0x[0-9a-fA-F]{40}/.exec(said)?.[0] ?? "");
    }
    await mineAt(rpc, (S + 1) * SLOT_SECONDS + 10);
    for (const device of [0, 1]) await succeeds("settle", { zone: 1, slot: S, importWh: 100, exportWh: 0, device });
    await mineAt(rpc, CLOSED * SLOT_SECONDS);
    await succeeds("close", { zone: 1, slot: S });

    const evidence = join(folder, "report.txt");
    await writeFile(evidence, REPORT);
    for (const [index, meter] of meters.entries()) {
      const said = await succeeds("inspect", { zone: 1, slot: S, meter, evidence });
      expect(said).to.include(`Finding ${String(index + 1)}: meter ${meter} of site 1`);
      expect(said).to.include("reported; the owner may appeal until 2025-06-23 05:15 UTC, then it stands");
      expect(said).to.include(keccak256(toUtf8Bytes(REPORT)));
    }
    expect(await fails("inspect", { zone: 1, slot: S, meter: meters[0] ?? "", evidence })).to.include(
      "AlreadyReported",
    );
    expect(await fails("inspect", { zone: 1, slot: S + 1, meter: meters[0] ?? "", evidence })).to.include(
      "NotUnderInspection",
    );
    const missing = { zone: 1, slot: S, meter: meters[0] ?? "", evidence: join(folder, "none.txt") };
    expect(await fails("inspect", missing)).to.include("FILE_UNREADABLE");
  });

  it("appeals, decides after the delay of governance, and says what became of it", async () => {
    const statement = join(folder, "statement.txt");
    await writeFile(statement, "They were bridged by the fitter.");
    expect(await fails("finding", { finding: 1, appeal: statement, as: "governor" })).to.include("NotEntitled");
    expect(await fails("finding", { finding: 1, appeal: statement, conclude: true })).to.include("ARGUMENT_INVALID");
    expect(await succeeds("finding", { finding: 1, appeal: statement })).to.include(
      "appealed; governance may decide until 2025-06-28 05:15 UTC, then it falls",
    );
    const decision = { finding: 1, decide: "dismissed" };
    expect(await succeeds("finding", decision)).to.match(/^Scheduled; run it again from 2025-06-21T/);
    await mineAt(rpc, (CLOSED + 8) * SLOT_SECONDS);
    expect(await succeeds("finding", decision)).to.include(", dismissed.");
    expect(await fails("finding", { finding: 9 })).to.include("FINDING_UNKNOWN");
  });

  it("lifts the flag, and lets a finding stand that nobody appealed, which the audit follows", async () => {
    const lifted = { zone: 1, slot: S, reason: "the feeder has no meter" };
    expect(await succeeds("end-inspection", lifted)).to.match(/^The flag of zone 1, slot .* is lifted: the feeder has/);
    expect(await fails("finding", { finding: 2, conclude: true })).to.include("WindowOpen");
    await mineAt(rpc, (CLOSED + 193) * SLOT_SECONDS);
    expect(await succeeds("finding", { finding: 2, conclude: true })).to.include("upheld: the meter is suspended");
    expect(await succeeds("show-meter", { meter: meters[1] ?? "" })).to.include("suspended");
    expect(await fails("finding", { finding: 2, withdraw: true })).to.include("WrongFindingStage");
    const record = await readDeployment(deployment, join(hre.config.paths.ignition, "deployments"));
    const report = await audit({ deployment: record, rpcUrl: node.url });
    expect(report.checks.flatMap(({ failures }) => failures)).to.deep.equal([]);
    expect(report.checks.find(({ name }) => name === "inspections")?.figures).to.deep.equal({
      reports: 2,
      appeals: 1,
      dismissed: 1,
      upheld: 1,
    });
  });
});
