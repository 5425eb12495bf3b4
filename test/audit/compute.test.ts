import { expect } from "chai";
import hre from "hardhat";
import {
  audit,
  auditJson,
  formatAudit,
  formatFailure,
  type AuditReport,
  type AuditTransaction,
  type CheckName,
} from "../../src/audit/index.ts";
import { checksOf, passes, readHistory } from "./computeHistory.ts";
import { playComputeRun, type ComputeRun } from "./computeRun.ts";
import { argsOf, changed, checkOf, eachKindOf, replaced, valuesOf, type Site } from "./editedHistory.ts";

/** What an event of these changes is the audit's new subject. */
const SOURCES = new Set(["providers", "market", "queue", "jobs"]);
/** Events of other contracts that compute is compared with. */
const COMPARED = new Set(["EvidenceDrawn", "WorkNoted", "TariffFixed"]);
/** Nothing that is owed or decided depends on these. */
const MOVES_NOTHING = new Set(["AuthorityUpdated", "SponsorSet"]);

describe("an audit of leases and jobs", function () {
  this.timeout(900_000);
  let run: ComputeRun;
  let report: AuditReport;
  let history: AuditTransaction[];
  before(async () => {
    run = await playComputeRun(await hre.network.create());
    report = await audit({ deployment: run.deployment, rpc: run.rpc });
    history = await readHistory(run);
  });

  it("finds nothing to complain about in a history of every kind", () => {
    expect(report.passed, formatAudit(report)).to.equal(true);
    const told = new Set(history.flatMap(({ events }) => events.map(({ source, event }) => `${source} ${event.name}`)));
    expect([...told]).to.include.members([
      "market LeasePaused",
      "market LeaseResumed",
      "market UseRefused",
      "jobs UpdateDemoted",
      "jobs ChallengeDecided",
      "jobs BondCut",
      "jobs RewardPaid",
      "providers StakeSlashed",
    ]);
  });

  it("reports what it compared, as text and for programs", () => {
    const { figures } = checkOf(report.checks, "jobs");
    // By hand: two jobs of two rounds, 990 million ticks a round; the scores of the standing result are 700 and 200, and a
    // site gets 60 % at most; the second round's one valid update gets the pool.
    expect(figures.escrowedTicks).to.equal(3_960_000_000n);
    expect(figures.paidTicks).to.equal(540_000_000n + 200_000_000n + 900_000_000n);
    expect(figures.feeTicks).to.equal(90_000_000n);
    expect(figures.refundedTicks).to.equal(3_960_000_000n - 1_640_000_000n - 90_000_000n);
    expect(figures.drawsRecomputed).to.equal(2);
    // 45 Wh at 400 mg.
    expect(checkOf(report.checks, "evidence").figures.co2Mg).to.equal(18_000n);
    // Energy of 700 Wh a day before lets a quarter of it count in a price, and of three places with 50 Wh each 150 waited.
    expect(checkOf(report.checks, "tariff").figures.queuedWh).to.equal(150);
    expect(formatAudit(report)).to.match(/ok {3}jobs +\d+ compared {2}jobs 2, escrowed 3\.960 cr/);
    const parsed = JSON.parse(auditJson(report)) as { readonly checks: readonly { readonly name: string }[] };
    expect(parsed.checks.map(({ name }) => name)).to.include.members([
      "providers",
      "leases",
      "queue",
      "jobs",
      "evidence",
    ]);
  });

  it("audits a deployment without compute as before", async () => {
    const compute = new Set(["Providers", "ComputeMarket", "EnergyQueue", "TrainingJobs"]);
    const contracts = Object.fromEntries(
      Object.entries(run.deployment.contracts).filter(([name]) => !compute.has(name)),
    );
    const older = await audit({ deployment: { ...run.deployment, contracts }, rpc: run.rpc });
    expect(older.passed, formatAudit(older)).to.equal(true);
    expect(checkOf(older.checks, "jobs").items).to.equal(0);
  });

  it("finds no figure of any kind of event that can be changed unnoticed", async () => {
    const unnoticed: string[] = [];
    for (const [name, sites] of eachKind(history)) {
      const [first] = sites;
      if (first === undefined || MOVES_NOTHING.has(name)) continue;
      for (const path of valuesOf(argsOf(history, first))) {
        // One figure may not matter at its first place.
        let found = false;
        for (const site of sites) found ||= !(await passes(run, changed(history, site, path)));
        if (!found) unnoticed.push(`${name}.${path.join(".")}`);
      }
    }
    expect(unnoticed).to.deep.equal([]);
  });

  it("finds no kind of event that can be left out unnoticed", async () => {
    const unnoticed: string[] = [];
    for (const [name, sites] of eachKind(history)) {
      if (MOVES_NOTHING.has(name)) continue;
      for (const { transaction, event } of new Set(sites)) {
        const left = replaced(history, transaction, (events) => events.filter((_, at) => at !== event));
        if (await passes(run, left)) unnoticed.push(name);
      }
    }
    expect(unnoticed).to.deep.equal([]);
  });

  const cases: readonly (readonly [string, string, readonly string[], CheckName, string, RegExp])[] = [
    ["a worker's pay", "UpdatePaid", ["amountTicks"], "jobs", "pay of updates", /job 1, round 1/],
    ["a fee", "EvaluatorPaid", ["amountTicks"], "jobs", "fees of evaluators", /job 1, round 1/],
    [
      "a revealed score",
      "ScoresRevealed",
      ["scores", "0"],
      "jobs",
      "hash of scores and aggregate",
      /round 1, account 0x/,
    ],
    ["a revealed update", "UpdateRevealed", ["updateRoot"], "jobs", "call of revealUpdate", /round 1, account 0x/],
    ["a commitment", "UpdateCommitted", ["commitment"], "jobs", "commitment", /round 1, account 0x/],
    ["a deadline", "JobMoved", ["deadline"], "jobs", "end of waiting", /job 1/],
    ["the price of an opening", "RoundOpened", ["importPrice"], "jobs", "import price of the slot", /job 1, round 1/],
    ["who was drawn", "EvaluatorDrawn", ["evaluator"], "jobs", "drawn of those with a place", /job 1, round 1/],
    ["energy of a worker", "EnergyProved", ["energyWh"], "evidence", "energy drawn by", /job 1, round 1/],
    ["pay of a use", "UseReported", ["payTicks"], "leases", "pay of the use", /lease 1/],
    ["energy of a use", "UseReported", ["energyWh"], "evidence", "energy drawn by", /lease 1/],
    ["energy that waits", "EnergyQueued", ["countedWh"], "queue", "energy that counts", /lease 1/],
    ["stake", "StakePosted", ["amountTicks"], "providers", "stake after posting", /account 0x/],
  ];
  for (const [what, name, path, check, subject, place] of cases) {
    it(`names place, subject, expected and found where ${what} was changed`, async () => {
      const [site] = eachKind(history).get(name) ?? [];
      if (site === undefined) throw new Error(`the history has no ${name}`);
      const { failures } = checkOf(await checksOf(run, changed(history, site, path)), check);
      const named = failures.filter((failure) => failure.subject.startsWith(subject));
      expect(named, JSON.stringify(failures.slice(0, 3))).to.not.be.empty;
      expect(formatFailure(named[0] ?? { subject: "", expected: "", found: "" })).to.match(place);
    });
  }

  it("says so where the calldata of a reveal cannot be had, and then leaves draws by it out", async () => {
    const blind = history.map((transaction) => ({ ...transaction, jobCalls: undefined }));
    const { passed, figures } = checkOf(await checksOf(run, blind), "jobs");
    expect([passed, figures.commitmentsUnknown, figures.drawsRecomputed]).to.deep.equal([true, 8, undefined]);
  });

  it("notices a draw that another block's hash would not give", async () => {
    // Few are drawn of few, so another hash may by chance give the same ones; not each of eight.
    const noticed: boolean[] = [];
    for (const byte of ["11", "22", "33", "44", "55", "66", "77", "88"]) {
      const other = history.map((transaction) => {
        const { drawHashes } = transaction;
        if (drawHashes === undefined) return transaction;
        const hashes = new Map([...drawHashes.keys()].map((number) => [number, `0x${byte.repeat(32)}`]));
        return { ...transaction, drawHashes: hashes };
      });
      const { failures } = checkOf(await checksOf(run, other), "jobs");
      noticed.push(failures.some(({ subject }) => subject === "who was drawn"));
    }
    expect(noticed).to.include(true);
  });
});

function eachKind(history: readonly AuditTransaction[]): Map<string, Site[]> {
  return eachKindOf(history, ({ source, event: { name } }) => SOURCES.has(source) || COMPARED.has(name));
}
