import { expect } from "chai";
import { keccak256, toUtf8Bytes } from "ethers";
import { audit } from "../../src/audit/audit.ts";
import { mineAt } from "../../src/chain/localChain.ts";
import { SLOT_SECONDS } from "../../src/units.ts";
import { startOwnNode, type OwnNode } from "./ownNode.ts";

const S = 1_944_960;
const CLOSED = S + 20;
const REPORT = "The terminals are bridged.";

describe("the command line through an inspection, on a node of its own", () => {
  let own: OwnNode;
  let meters: string[];

  before(async () => {
    own = await startOwnNode(S - 30);
  });
  after(() => own.stop());

  /** A meter whose reading of S is settled; nobody reads a feeder, so the slot is flagged when it closes. */
  it("reports meters of a slot that closed with a flag", async () => {
    await own.succeeds("deploy");
    await mineAt(own.rpc, S * SLOT_SECONDS + 5);
    await own.succeeds("zone", { zone: 1 });
    await own.succeeds("site", { zone: 1 });
    meters = [];
    for (const device of [0, 1]) {
      const said = await own.succeeds("meter", { site: 1, kind: "consumer", ratedPower: 4000, device });
      meters.push(/0x[0-9a-fA-F]{40}/.exec(said)?.[0] ?? "");
    }
    await mineAt(own.rpc, (S + 1) * SLOT_SECONDS + 10);
    for (const device of [0, 1]) await own.succeeds("settle", { zone: 1, slot: S, importWh: 100, exportWh: 0, device });
    await mineAt(own.rpc, CLOSED * SLOT_SECONDS);
    await own.succeeds("close", { zone: 1, slot: S });

    const evidence = await own.file("report.txt", REPORT);
    for (const [index, meter] of meters.entries()) {
      const said = await own.succeeds("inspect", { zone: 1, slot: S, meter, evidence });
      expect(said).to.include(`Finding ${String(index + 1)}: meter ${meter} of site 1`);
      expect(said).to.include("reported; the owner may appeal until 2025-06-23 05:15 UTC, then it stands");
      expect(said).to.include(keccak256(toUtf8Bytes(REPORT)));
    }
    expect(await own.fails("inspect", { zone: 1, slot: S, meter: meters[0] ?? "", evidence })).to.include(
      "AlreadyReported",
    );
    expect(await own.fails("inspect", { zone: 1, slot: S + 1, meter: meters[0] ?? "", evidence })).to.include(
      "NotUnderInspection",
    );
    const missing = { zone: 1, slot: S, meter: meters[0] ?? "", evidence: own.path("none.txt") };
    expect(await own.fails("inspect", missing)).to.include("FILE_UNREADABLE");
  });

  it("appeals, decides after the delay of governance, and says what became of it", async () => {
    const statement = await own.file("statement.txt", "They were bridged by the fitter.");
    expect(await own.fails("finding", { finding: 1, appeal: statement, as: "governor" })).to.include("NotEntitled");
    expect(await own.fails("finding", { finding: 1, appeal: statement, conclude: true })).to.include(
      "ARGUMENT_INVALID",
    );
    expect(await own.succeeds("finding", { finding: 1, appeal: statement })).to.include(
      "appealed; governance may decide until 2025-06-28 05:15 UTC, then it falls",
    );
    const decision = { finding: 1, decide: "dismissed" };
    expect(await own.succeeds("finding", decision)).to.match(/^Scheduled; run it again from 2025-06-21T/);
    await mineAt(own.rpc, (CLOSED + 8) * SLOT_SECONDS);
    expect(await own.succeeds("finding", decision)).to.include(", dismissed.");
    expect(await own.fails("finding", { finding: 9 })).to.include("FINDING_UNKNOWN");
  });

  it("lifts the flag, and lets a finding stand that nobody appealed, which the audit follows", async () => {
    const lifted = { zone: 1, slot: S, reason: "the feeder has no meter" };
    expect(await own.succeeds("end-inspection", lifted)).to.match(
      /^The flag of zone 1, slot .* is lifted: the feeder has/,
    );
    expect(await own.fails("finding", { finding: 2, conclude: true })).to.include("WindowOpen");
    await mineAt(own.rpc, (CLOSED + 193) * SLOT_SECONDS);
    expect(await own.succeeds("finding", { finding: 2, conclude: true })).to.include("upheld: the meter is suspended");
    expect(await own.succeeds("show-meter", { meter: meters[1] ?? "" })).to.include("suspended");
    expect(await own.fails("finding", { finding: 2, withdraw: true })).to.include("WrongFindingStage");
    const record = await own.deployment();
    const report = await audit({ deployment: record, rpcUrl: own.url });
    expect(report.checks.flatMap(({ failures }) => failures)).to.deep.equal([]);
    expect(report.checks.find(({ name }) => name === "inspections")?.figures).to.deep.equal({
      reports: 2,
      appeals: 1,
      dismissed: 1,
      upheld: 1,
    });
  });
});
