import { expect } from "chai";
import hre from "hardhat";
import {
  audit,
  formatAudit,
  formatFailure,
  rebuild,
  type AuditReport,
  type AuditTransaction,
} from "../../src/audit/index.ts";
import { checkSupplies } from "../../src/audit/certificateChecks.ts";
import { readCertificates } from "../../src/audit/readCertificates.ts";
import { contractAddress } from "../../src/chain/deployment.ts";
import { playCertificateRun, type CertificateRun } from "./certificateRun.ts";
import { argsOf, changed, checkOf, eachKindOf, historyOf, replaced, type Site } from "./editedHistory.ts";

/** Nothing that is owed or decided depends on these. */
const MOVES_NOTHING = new Set([
  "AuthorityUpdated",
  "CertificatesSuspended.by",
  "CertificatesCancelled.purpose",
  // A wider policy would have allowed it as well.
  "CancellationClaimed.policy",
]);
/** Permissions are looked at when somebody uses them. */
const ALLOWS = new Set(["Approval", "OperatorSet"]);

describe("an audit of certificates", () => {
  let run: CertificateRun;
  let report: AuditReport;
  let history: AuditTransaction[];
  before(async () => {
    run = await playCertificateRun(await hre.network.create());
    report = await audit({ deployment: run.deployment, rpc: run.rpc });
    const at = (name: string): string => contractAddress(run.deployment, name);
    history = await historyOf(run, {
      compute: {
        providers: at("Providers"),
        market: at("ComputeMarket"),
        queue: at("EnergyQueue"),
        jobs: at("TrainingJobs"),
      },
      certificates: { certificates: at("EnergyCertificates"), offers: at("CertificateMarket") },
    });
  });

  it("finds nothing to complain about in a history of every kind", () => {
    expect(report.passed, formatAudit(report)).to.equal(true);
    const told = new Set(history.flatMap(({ events }) => events.map(({ source, event }) => `${source} ${event.name}`)));
    expect([...told]).to.include.members([
      "certificates CertificatesIssued",
      "certificates StorageCharged",
      "certificates StorageDischarged",
      "certificates CertificatesCancelled",
      "certificates CancellationClaimed",
      "certificates JobMatched",
      "certificates CertificatesSuspended",
      "certificates NeighbourSet",
      "offers CertificatesSold",
      "offers CertificatesBundled",
      "offers OfferCancelled",
    ]);
  });

  it("reports what it compared", () => {
    const { figures } = checkOf(report.checks, "certificates");
    // By hand: 1,000 + 70 in the first slot, 400 + 90 in the job's; 300 of the battery's 500 Wh were charged with them, it
    // gave 300 of 500 back, so 60 %; cancelled are 120 at home, 100 and 80 for the job.
    expect(figures).to.include({
      issuedWh: 1_560,
      chargedWh: 300,
      dischargedWh: 180,
      cancelledWh: 300,
      claimedWh: 100,
      matchedWh: 180,
      soldWh: 100,
      offersSigned: 2,
      paidTicks: 2_000_000n,
    });
    expect(formatAudit(report)).to.match(/ok {3}certificates +\d+ compared/);
  });

  it("audits a deployment without certificates as before", async () => {
    const contracts = Object.fromEntries(
      Object.entries(run.deployment.contracts).filter(([name]) => !name.includes("Certificate")),
    );
    const older = await audit({ deployment: { ...run.deployment, contracts }, rpc: run.rpc });
    expect(checkOf(older.checks, "certificates").items).to.equal(0);
  });

  it("finds no figure of any kind of event that can be changed unnoticed", async () => {
    const unnoticed: string[] = [];
    for (const [name, sites] of eachKind(history)) {
      const [first] = sites;
      if (first === undefined || MOVES_NOTHING.has(name)) continue;
      for (const field of Object.keys(argsOf(history, first))) {
        if (MOVES_NOTHING.has(`${name}.${field}`)) continue;
        let found = false;
        for (const site of sites) found ||= !(await passes(run, changed(history, site, [field])));
        if (!found) unnoticed.push(`${name}.${field}`);
      }
    }
    expect(unnoticed).to.deep.equal([]);
  });

  it("finds no kind of event that can be left out unnoticed", async () => {
    const unnoticed: string[] = [];
    for (const [name, sites] of eachKind(history)) {
      if (MOVES_NOTHING.has(name) || ALLOWS.has(name)) continue;
      let found = false;
      for (const { transaction, event } of sites) {
        const left = replaced(history, transaction, (events) => events.filter((_, at) => at !== event));
        found ||= !(await passes(run, left));
      }
      if (!found) unnoticed.push(name);
    }
    expect(unnoticed).to.deep.equal([]);
  });

  it("finds a sale that its seller did not sign", async () => {
    const at = history.findIndex(({ events }) => events.some(({ event }) => event.name === "CertificatesSold"));
    const sale = history[at];
    const call = sale?.offerCalls?.[0];
    if (sale === undefined || call === undefined) throw new Error("the history has no sale");
    const stranger = { ...call, args: { ...call.args, signature: `0x${"11".repeat(64)}1b` } };
    expect(await passes(run, history.with(at, { ...sale, offerCalls: [stranger] }))).to.equal(false);
    const dearer = { ...call, args: { ...call.args, offer: { ...(call.args.offer as object), priceTicks: 1n } } };
    expect(await passes(run, history.with(at, { ...sale, offerCalls: [dearer] }))).to.equal(false);
    expect(await passes(run, history.with(at, { ...sale, offerCalls: [] }))).to.equal(false);
  });

  const cases: readonly (readonly [string, string, string, string, RegExp])[] = [
    ["an issued amount", "CertificatesIssued", "amountWh", "issued amount", /meter 0x\w+, slot \d+/],
    ["a storage's efficiency", "StorageDischarged", "efficiencyPpm", "round-trip efficiency", /meter 0x\w+, slot \d+/],
    ["a cancelled amount", "CertificatesCancelled", "amountWh", "burned as cancelled", /certificate \d+/],
    ["what a job was matched with", "JobMatched", "amountWh", "matched so far", /job 1, slot \d+/],
    ["a sale's price", "CertificatesSold", "priceTicks", "sold certificates paid for", /account 0x/],
  ];
  for (const [what, name, field, subject, place] of cases) {
    it(`names place, subject, expected and found where ${what} was changed`, async () => {
      const [site] = eachKind(history).get(name) ?? [];
      if (site === undefined) throw new Error(`the history has no ${name}`);
      const { findings } = await rebuilt(run, changed(history, site, [field]));
      const { failures } = checkOf(findings.checks(), "certificates");
      const named = failures.filter((failure) => failure.subject.startsWith(subject));
      expect(
        named,
        JSON.stringify(failures.slice(0, 3), (_, value: unknown) => String(value)),
      ).to.not.be.empty;
      expect(formatFailure(named[0] ?? { subject: "", expected: "", found: "" })).to.match(place);
    });
  }
});

function eachKind(history: readonly AuditTransaction[]): Map<string, Site[]> {
  return eachKindOf(
    history,
    ({ source, event: { name } }) => source === "certificates" || source === "offers" || name === "ExportCertified",
  );
}

async function rebuilt({ world, deployment }: CertificateRun, transactions: readonly AuditTransaction[]) {
  return rebuild({ transactions, domain: world.market.domain, desk: contractAddress(deployment, "CreditDesk") });
}

/** Whether neither the events nor the chain's own state give the change away. */
async function passes(run: CertificateRun, transactions: readonly AuditTransaction[]): Promise<boolean> {
  const { state, findings } = await rebuilt(run, transactions);
  checkSupplies(state, findings);
  if (findings.checks().some(({ passed }) => !passed)) return false;
  await readCertificates(state.certificates, findings, {
    rpc: run.rpc,
    block: run.toBlock,
    certificates: contractAddress(run.deployment, "EnergyCertificates"),
    offers: contractAddress(run.deployment, "CertificateMarket"),
  });
  return findings.checks().every(({ passed }) => passed);
}
