import { expect } from "chai";
import hre from "hardhat";
import { audit, auditJson, CHECK_TITLES, formatAudit } from "../../src/audit/index.ts";
import { playSmallRun, type SmallRun } from "./smallRun.ts";

describe("an audit of a chain", () => {
  let run: SmallRun;
  before(async () => {
    run = await playSmallRun(await hre.network.create());
  });

  it("finds no difference in an honest history, and says what it compared", async () => {
    const report = await audit(run);
    expect(report.checks.flatMap(({ failures }) => failures)).to.deep.equal([]);
    expect(report.passed).to.equal(true);
    expect(report.checks.map(({ name }) => name)).to.deep.equal(Object.keys(CHECK_TITLES));
    // These have histories of their own: `compute.test.ts`, `reproducible.test.ts` and `certificates.test.ts`.
    const elsewhere = ["providers", "leases", "queue", "jobs", "reproducible", "certificates"];
    for (const { name, items } of report.checks) {
      if (!elsewhere.includes(name)) expect(items, name).to.be.greaterThan(0);
    }
    // What the history traded: 600 Wh in the first slot, 700 Wh in the third, twice 2,000 Wh of a generator.
    expect(report.totals.tradedWh).to.equal(5_300);
    expect(report.totals.clearings).to.equal(4);
    expect(report.totals.supplyTicks).to.equal((await run.market.credit.totalSupply()) / 10n ** 9n);
    const text = formatAudit(report);
    expect(text).to.match(/^ok +clearing +\d+ compared {2}committed 5, clearings 4, orders 10, skipped 1$/m);
    expect(text).to.match(/PASSED/);
    expect(JSON.parse(auditJson(report))).to.have.nested.property(
      "totals.supplyTicks",
      String(report.totals.supplyTicks),
    );
  });

  it("reads the history in parts of any size with the same result", async () => {
    const whole = await audit({ ...run, chunkBlocks: 10_000 });
    const parts = await audit({ ...run, chunkBlocks: 7 });
    expect(auditJson(parts)).to.equal(auditJson(whole));
  });

  it("audits up to an earlier block", async () => {
    const half = await audit({ ...run, toBlock: 100 });
    expect(half.checks.flatMap(({ failures }) => failures)).to.deep.equal([]);
    expect(half.totals.toBlock).to.equal(100);
  });

  it("finds what the events do not say: a storage word that was changed behind their back", async () => {
    const connection = await hre.network.create();
    const other = await playSmallRun(connection);
    const { solar } = other.meters;
    const word = await other.market.exchange.meterWord(solar.address);
    const base = "0x63d5e0b78c5ae97130ca73d868fa80ee61db26da63e46993bb1dada5f8e1d900";
    const { AbiCoder, keccak256, toBeHex } = connection.ethers;
    const slot = keccak256(AbiCoder.defaultAbiCoder().encode(["address", "bytes32"], [solar.address, base]));
    const exchange = await other.market.exchange.getAddress();
    await connection.networkHelpers.setStorageAt(exchange, slot, toBeHex(word + (1n << 158n), 32));
    const report = await audit(other);
    expect(report.passed).to.equal(false);
    const { failures } = report.checks.find(({ name }) => name === "chain") ?? { failures: [] };
    expect(failures.map(({ meter, subject }) => ({ meter, subject }))).to.deep.equal([
      { meter: solar.address, subject: "word.balanceTicks" },
    ]);
  });

  it("knows what a call through another contract asked for", async () => {
    const { checks } = await audit(run);
    const events = checks.find(({ name }) => name === "events");
    expect(events?.figures).to.not.have.property("callsUnknown");
  });

  it("refuses a range of blocks that the chain does not have", async () => {
    const failure = await audit({ ...run, toBlock: 1_000_000 }).catch((error: unknown) => error);
    expect(failure).to.have.property("code", "AUDIT_RANGE_INVALID");
  });
});
