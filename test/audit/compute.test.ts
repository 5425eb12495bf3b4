import { expect } from "chai";
import hre from "hardhat";
import { audit, formatAudit, type AuditReport } from "../../src/audit/index.ts";
import { playComputeRun, type ComputeRun } from "./computeRun.ts";

describe("an audit of leases and jobs", function () {
  this.timeout(600_000);
  let run: ComputeRun;
  let report: AuditReport;
  before(async () => {
    run = await playComputeRun(await hre.network.create());
    report = await audit({ deployment: run.deployment, rpc: run.rpc });
  });

  it("finds nothing to complain about in a history of every kind", () => {
    expect(report.passed, formatAudit(report)).to.equal(true);
  });
});
