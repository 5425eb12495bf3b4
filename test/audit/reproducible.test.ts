import { expect } from "chai";
import hre from "hardhat";
import {
  audit,
  formatAudit,
  formatFailure,
  rebuild,
  type AuditCall,
  type AuditReport,
  type AuditTransaction,
} from "../../src/audit/index.ts";
import { readReproducible } from "../../src/audit/reproducible/readReproducible.ts";
import { contractAddress } from "../../src/chain/deployment.ts";
import {
  argsOf,
  bump,
  changed,
  checkOf,
  eachKindOf,
  historyOf,
  replaced,
  valuesOf,
  type Site,
} from "./editedHistory.ts";
import { playReproducibleRun, type ReproducibleRun } from "./reproducibleRun.ts";

describe("an audit of reproducible jobs", function () {
  this.timeout(900_000);
  let run: ReproducibleRun;
  let report: AuditReport;
  let history: AuditTransaction[];
  before(async () => {
    run = await playReproducibleRun(await hre.network.create());
    report = await audit({ deployment: run.deployment, rpc: run.rpc });
    history = await historyOf(run, { reproducible: contractAddress(run.deployment, "ReproducibleJobs") });
  });

  it("finds nothing to complain about in a history of every kind of event", () => {
    expect(report.passed, formatAudit(report)).to.equal(true);
    expect([...eachKind(history).keys()]).to.have.members([
      "ReproducibleJobPosted",
      "ReproducibleJobAccepted",
      "RoundClaimed",
      "RoundPaid",
      "ReproducibleJobEnded",
      "RoundChallenged",
      "ChildrenRevealed",
      "ChildNamed",
      "LevelOpened",
      "DisputeEnded",
      "HeldCollected",
    ]);
  });

  it("reports what it played again", () => {
    // By hand, with 2 * 1,000 in escrow, bonds of 5,000 and 301: eight jobs, of which seven were accepted and five challenged,
    // one of them twice. Two challengers lost, three providers to a challenger and one to its requester.
    expect(checkOf(report.checks, "reproducible").figures).to.include({
      jobs: 8,
      roundsPaid: 2,
      disputes: 6,
      providerWon: 2,
      challengerWon: 3,
      withdrawn: 1,
      receivedTicks: BigInt(8 * 2_000 + 7 * 5_000 + 6 * 301),
      poolTicks: BigInt(2 * 151 + 3 * (5_000 - 301) + 2_500),
    });
    expect(formatAudit(report)).to.match(/ok {3}reproducible +\d+ compared/);
  });

  it("audits a deployment without reproducible jobs as before", async () => {
    const contracts = Object.fromEntries(
      Object.entries(run.deployment.contracts).filter(([name]) => name !== "ReproducibleJobs"),
    );
    const older = await audit({ deployment: { ...run.deployment, contracts }, rpc: run.rpc });
    expect(older.passed, formatAudit(older)).to.equal(true);
    expect(checkOf(older.checks, "reproducible").items).to.equal(0);
  });

  it("finds no figure of any kind of event that can be changed unnoticed", async () => {
    const unnoticed: string[] = [];
    for (const [name, sites] of eachKind(history)) {
      for (const site of sites) {
        for (const path of valuesOf(argsOf(history, site))) {
          if (await passes(run, changed(history, site, path))) unnoticed.push(`${name}.${path.join(".")}`);
        }
      }
    }
    expect(unnoticed).to.deep.equal([]);
  });

  it("finds no event that can be left out unnoticed", async () => {
    const unnoticed: string[] = [];
    for (const [name, sites] of eachKind(history)) {
      for (const { transaction, event } of sites) {
        const left = replaced(history, transaction, (events) => events.filter((_, at) => at !== event));
        if (await passes(run, left)) unnoticed.push(name);
      }
    }
    expect(unnoticed).to.deep.equal([]);
  });

  it("finds no argument of any call that can be changed unnoticed", async () => {
    const unnoticed: string[] = [];
    for (const [name, transaction] of eachVerb(history)) {
      const [call] = callsOf(history, transaction);
      for (const path of valuesOf(call?.args ?? {})) {
        // Of a tree's first leaf the one before is not read: it has no proof.
        if (path[0] === "previous" && String(call?.args.previousLeaf) === "") continue;
        const other = withCall(history, transaction, (args) => bump(args, path));
        if (await passes(run, other)) unnoticed.push(`${name}.${path.join(".")}`);
      }
    }
    expect(unnoticed).to.deep.equal([]);
  });

  it("finds no caller that can be another one unnoticed, but where anybody may call", async () => {
    const anybody = new Set(["settle", "abandon", "callTime", "withdrawChallenge"]);
    for (const [name, transaction] of eachVerb(history)) {
      const other = edited(history, transaction, (call) => ({ ...call, caller: run.world.signer(12).address }));
      expect(await passes(run, other), name).to.equal(anybody.has(name));
    }
  });

  const late: readonly (readonly [string, string, number, string])[] = [
    ["a claim after its deadline", "claim", 40_000, "claimed in time"],
    ["a challenge after the window", "challenge", 8_000, "challenged in the window"],
    ["a move after its clock", "reveal", 4_000, "moved in time"],
    ["a payment in the window", "settle", -7_000, "paid after the window"],
    ["a call of time too early", "callTime", -3_000, "a clock that has run out"],
    ["an end for want of a claim too early", "abandon", -30_000, "no claim in time"],
  ];
  for (const [what, verb, seconds, subject] of late) {
    it(`names ${what}`, async () => {
      const transaction = eachVerb(history).get(verb) ?? -1;
      const shifted = history.map((one, at) =>
        at === transaction ? { ...one, timestamp: one.timestamp + seconds } : one,
      );
      expect(await subjectsOf(run, shifted)).to.include(subject);
    });
  }

  it("computes a proved transition again: another operand leads to no commitment, and the place is named", async () => {
    const transaction = eachVerb(history).get("prove") ?? -1;
    const other = withCall(history, transaction, (args) => bump(args, ["openings", "0", "chunk"]));
    const failures = await failuresOf(run, other);
    const failure = failures.find(({ subject }) => subject === "commitment that operand 0 is in");
    expect(formatFailure(failure ?? { subject: "", expected: "", found: "" })).to.match(
      /reproducibleJob 1, round 0, dispute 1/,
    );
  });

  it("says so where the calldata of a transaction cannot be had", async () => {
    const blind = history.map((transaction) => ({ ...transaction, reproducibleCalls: undefined }));
    expect(await subjectsOf(run, blind)).to.include("calldata of the transaction");
  });

  it("misses credits that were not moved", async () => {
    const transaction = eachVerb(history).get("accept") ?? -1;
    const unpaid = replaced(history, transaction, (events) => events.filter(({ source }) => source !== "credit"));
    expect(await subjectsOf(run, unpaid)).to.include("bond of a provider, credits moved");
  });
});

function eachKind(history: readonly AuditTransaction[]): Map<string, Site[]> {
  return eachKindOf(history, ({ source }) => source === "reproducible");
}

async function rebuilt({ market, deployment }: ReproducibleRun, transactions: readonly AuditTransaction[]) {
  return rebuild({ transactions, domain: market.domain, desk: contractAddress(deployment, "CreditDesk") });
}

/** Whether neither the calls, the credits nor the chain's own state give the change away. */
async function passes(run: ReproducibleRun, transactions: readonly AuditTransaction[]): Promise<boolean> {
  const { state, findings } = await rebuilt(run, transactions);
  if (findings.checks().some(({ passed }) => !passed)) return false;
  await readReproducible(state.reproducible, findings, {
    rpc: run.rpc,
    block: run.toBlock,
    reproducible: contractAddress(run.deployment, "ReproducibleJobs"),
    seasons: contractAddress(run.deployment, "Seasons"),
  });
  return findings.checks().every(({ passed }) => passed);
}

async function failuresOf(run: ReproducibleRun, transactions: readonly AuditTransaction[]) {
  return checkOf((await rebuilt(run, transactions)).findings.checks(), "reproducible").failures;
}

async function subjectsOf(run: ReproducibleRun, transactions: readonly AuditTransaction[]): Promise<string[]> {
  return (await failuresOf(run, transactions)).map(({ subject }) => subject);
}

/** The first transaction of every verb. */
function eachVerb(history: readonly AuditTransaction[]): Map<string, number> {
  const verbs = new Map<string, number>();
  history.forEach(({ reproducibleCalls }, transaction) => {
    for (const { name } of reproducibleCalls ?? []) if (!verbs.has(name)) verbs.set(name, transaction);
  });
  return verbs;
}

function callsOf(history: readonly AuditTransaction[], transaction: number): readonly AuditCall[] {
  return history[transaction]?.reproducibleCalls ?? [];
}

function edited(
  history: readonly AuditTransaction[],
  transaction: number,
  edit: (call: AuditCall) => AuditCall,
): AuditTransaction[] {
  return history.map((one, at) =>
    at === transaction ? { ...one, reproducibleCalls: (one.reproducibleCalls ?? []).map(edit) } : one,
  );
}

function withCall(
  history: readonly AuditTransaction[],
  transaction: number,
  edit: (args: Record<string, unknown>) => void,
): AuditTransaction[] {
  return edited(history, transaction, (call) => {
    const args = structuredClone(call.args);
    edit(args);
    return { ...call, args };
  });
}
