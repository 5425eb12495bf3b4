import { expect } from "chai";
import hre from "hardhat";
import {
  finalChecks,
  readBack,
  rebuild,
  type AuditCheck,
  type AuditFailure,
  type AuditTransaction,
  type CheckName,
} from "../../src/audit/index.ts";
import { decodeFill, encodeFill, decodeLine, encodeLine } from "../../src/market/packed.ts";
import { decodeMeterWord, encodeMeterWord, type MeterWord } from "../../src/market/meterWord.ts";
import { FIRST_SLOT as S } from "../support/testMarket.ts";
import { argsOf, bump, eachKindOf, historyOf, type Args, type Site } from "./editedHistory.ts";
import { playSmallRun, type SmallRun } from "./smallRun.ts";

/** Nothing that the market counts depends on these. */
const MOVES_NOTHING = new Set(["Approval", "AuthorityUpdated", "EIP712DomainChanged", "IssuersSet"]);

describe("an audit of a history that was tampered with", () => {
  let run: SmallRun;
  let history: AuditTransaction[];
  before(async () => {
    run = await playSmallRun(await hre.network.create());
    history = await historyOf({ ...run, toBlock: await newest(run) });
  });

  it("finds no figure of any kind of event that can be changed unnoticed", async () => {
    const unnoticed = new Set<string>();
    for (const [name, sites] of eachKindOf(history)) {
      if (MOVES_NOTHING.has(name)) continue;
      const [first] = sites;
      if (first === undefined) continue;
      for (const path of figuresOf(argsOf(history, first))) {
        // One figure may not matter at its first place: a credit line, say, that was never reached.
        for (const site of sites) {
          const tampered = structuredClone(history);
          bump(argsOf(tampered, site), path);
          unnoticed.add(`${name}.${path.join(".")}`);
          if (await passes(run, tampered)) continue;
          unnoticed.delete(`${name}.${path.join(".")}`);
          break;
        }
      }
    }
    expect([...unnoticed]).to.deep.equal([]);
  });

  it("finds no kind of event that can be left out unnoticed", async () => {
    const unnoticed: string[] = [];
    for (const [name, sites] of eachKindOf(history)) {
      if (MOVES_NOTHING.has(name)) continue;
      for (const { transaction, event } of sites) {
        const tampered = structuredClone(history);
        (tampered[transaction]?.events as unknown[]).splice(event, 1);
        if (await passes(run, tampered)) unnoticed.push(name);
      }
    }
    // A credit line that was replaced before anything came near it has left no trace in any amount.
    expect(unnoticed).to.deep.equal(["CreditLineSet"]);
  });

  const word = (change: (before: MeterWord) => Partial<MeterWord>) => (args: Args) => {
    const before = decodeMeterWord(args.word as bigint);
    args.word = encodeMeterWord({ ...before, ...change(before) });
  };
  const line = (field: "mintedTicks" | "burnedTicks" | "networkTicks" | "levyTicks") => (args: Args) => {
    const before = decodeLine(args.line as bigint);
    args.line = encodeLine({ ...before, [field]: before[field] + 1n });
  };
  const fill = (field: "filledWh" | "feeTicks" | "balanceTicks", by: number) => (args: Args) => {
    const before = decodeFill(args.fill as bigint);
    const value = typeof before[field] === "bigint" ? before[field] + BigInt(by) : before[field] + by;
    args.fill = encodeFill({ ...before, [field]: value });
  };
  const plus = (name: string) => (args: Args) => {
    args[name] = typeof args[name] === "bigint" ? args[name] + 1n : (args[name] as number) + 1;
  };

  const cases: readonly (readonly [
    string,
    string,
    keyof SmallRun["meters"] | undefined,
    number,
    (args: Args) => void,
    CheckName,
  ])[] = [
    ["a buyer's filled energy", "OrderCleared", "consumer", S + 1, fill("filledWh", -1), "clearing"],
    ["a buyer's fee", "OrderCleared", "consumer", S + 1, fill("feeTicks", 1), "clearing"],
    ["a seller's balance at clearing", "OrderCleared", "solar", S + 1, fill("balanceTicks", 1), "slots"],
    ["the clearing price", "SlotCleared", undefined, S + 1, plus("clearingPrice"), "clearing"],
    ["the matched volume", "SlotCleared", undefined, S + 1, plus("matchedWh"), "slots"],
    ["a slot's fees", "SlotCleared", undefined, S + 1, plus("feeTicks"), "slots"],
    [
      "a register that falls",
      "ReadingSettled",
      "home",
      S + 3,
      word(({ importWh }) => ({ importWh: importWh - 311 })),
      "registers",
    ],
    [
      "an import register",
      "ReadingSettled",
      "home",
      S + 1,
      word(({ importWh }) => ({ importWh: importWh + 1 })),
      "signatures",
    ],
    [
      "a balance after a reading",
      "ReadingSettled",
      "solar",
      S + 1,
      word(({ balanceTicks }) => ({ balanceTicks: balanceTicks + 1n })),
      "settlement",
    ],
    ["what a reading minted", "ReadingSettled", "solar", S + 1, line("mintedTicks"), "gridLeg"],
    ["what a reading burned", "ReadingSettled", "consumer", S + 1, line("burnedTicks"), "gridLeg"],
    ["a network charge", "ReadingSettled", "consumer", S + 1, line("networkTicks"), "settlement"],
    ["a levy", "ReadingSettled", "consumer", S + 1, line("levyTicks"), "settlement"],
    [
      "a balance after closing",
      "PositionClosed",
      "consumer",
      S + 3,
      word(({ balanceTicks }) => ({ balanceTicks: balanceTicks + 1n })),
      "settlement",
    ],
    ["a batch's mint", "BatchSettled", undefined, S + 1, plus("mintedTicks"), "gridLeg"],
    ["a batch's root", "BatchSettled", undefined, S + 1, (args) => (args.root = `0x${"12".repeat(32)}`), "roots"],
    ["a flag", "SlotClosed", undefined, S + 3, (args) => (args.flagged = args.flagged !== true), "feeder"],
    ["the feeder's energy", "SlotClosed", undefined, S + 3, plus("feederWh"), "feeder"],
    [
      "a committed book",
      "BookCommitted",
      undefined,
      S + 1,
      (args) => (args.bookHash = `0x${"34".repeat(32)}`),
      "clearing",
    ],
    ["a skipped order's reason", "OrderSkipped", "poor", S + 3, (args) => (args.reason = "0x12345678"), "clearing"],
    [
      "a placed order's lock",
      "OrderPlaced",
      "consumer",
      S + 1,
      word(({ balanceTicks }) => ({ balanceTicks: balanceTicks - 1n })),
      "orders",
    ],
    [
      "a released order's money",
      "PlacedOrderReleased",
      "solar",
      S + 2,
      word(({ balanceTicks }) => ({ balanceTicks: balanceTicks + 1n })),
      "orders",
    ],
    ["a fault's cut", "Penalised", undefined, S + 19, plus("cutTicks"), "penalties"],
    ["a reporter's reward", "Penalised", undefined, S + 20, plus("rewardTicks"), "penalties"],
    ["a fault's kind", "Penalised", undefined, S + 19, plus("kind"), "penalties"],
    ["a slot's work pay", "WorkPaid", undefined, S + 1, plus("amountTicks"), "charges"],
    ["charges accrued", "ChargesAccrued", undefined, S + 1, (args) => plus("network")(args.added as Args), "charges"],
    [
      "a slot's import price",
      "SlotOpened",
      undefined,
      S + 1,
      (args) => plus("importPrice")(args.terms as Args),
      "tariff",
    ],
  ];
  for (const [what, name, meterName, slot, change, check] of cases) {
    it(`names slot${meterName === undefined ? "" : " and meter"} where ${what} was changed`, async () => {
      const meter = meterName === undefined ? undefined : run.meters[meterName].address;
      const tampered = structuredClone(history);
      change(argsOf(tampered, find(history, name, slot, meter)));
      const { failures } = (await checksOf(run, tampered)).find((found) => found.name === check) ?? { failures: [] };
      const named = failures.filter((failure) => isAt(failure, slot, meter));
      expect(named, JSON.stringify(failures.slice(0, 3))).to.not.be.empty;
    });
  }

  it("names slot and meter where a bid in the calldata of a clearing was raised after it was signed", async () => {
    const tampered = structuredClone(history);
    const call = callOf(tampered, "clear", S + 3);
    // The limit price of the first bid: another signer comes out, and another book.
    call.bids = replaceByte(String(call.bids), 7);
    const { failures } = (await checksOf(run, tampered)).find(({ name }) => name === "clearing") ?? { failures: [] };
    expect(failures.some((failure) => failure.subject === "book hash" && failure.slot === S + 3)).to.equal(true);
  });

  it("names slot and meter where a reading in the calldata is not the one that was settled", async () => {
    const tampered = structuredClone(history);
    const call = callOf(tampered, "settle", S + 1);
    call.readings = replaceByte(String(call.readings), 4);
    const { failures } = (await checksOf(run, tampered)).find(({ name }) => name === "signatures") ?? { failures: [] };
    expect(failures.some((failure) => isAt(failure, S + 1, run.meters.solar.address))).to.equal(true);
  });

  it("names slot and subject where the calldata of a proof proves nothing", async () => {
    for (const [verb, field, slot] of [
      ["reportEquivocation", "readingA", S + 19],
      ["reportEquivocation", "readingB", S + 19],
      ["reportImpossible", "reading", S + 20],
    ] as const) {
      const tampered = structuredClone(history);
      const call = callOf(tampered, verb, slot);
      // Another register: another signer comes out.
      call[field] = replaceByte(String(call[field]), 4);
      const { failures } = (await checksOf(run, tampered)).find(({ name }) => name === "penalties") ?? { failures: [] };
      expect(failures.some(({ subject, slot: at }) => subject === "signer of the proof" && at === slot)).to.equal(true);
    }
    const tampered = structuredClone(history);
    const call = callOf(tampered, "reportEquivocation", S + 19);
    call.readingA = call.readingB;
    const { failures } = (await checksOf(run, tampered)).find(({ name }) => name === "penalties") ?? { failures: [] };
    expect(failures.map(({ subject }) => subject)).to.deep.equal(["readings that contradict each other"]);
  });

  it("says so where the calldata of a clearing cannot be had", async () => {
    const tampered = structuredClone(history).map((transaction) => ({ ...transaction, calls: undefined }));
    const checks = await checksOf(run, tampered);
    const clearing = checks.find(({ name }) => name === "clearing");
    expect(clearing?.failures.map(({ subject }) => subject)).to.include("calldata of the clearing");
  });

  it("compares each kind of failure's figures with what was expected", async () => {
    const tampered = structuredClone(history);
    const { consumer } = run.meters;
    word(({ balanceTicks }) => ({ balanceTicks: balanceTicks + 5n }))(
      argsOf(tampered, find(history, "ReadingSettled", S + 1, consumer.address)),
    );
    const { failures } = (await checksOf(run, tampered)).find(({ name }) => name === "settlement") ?? { failures: [] };
    const [first] = failures;
    expect(first?.subject).to.equal("word.balanceTicks");
    expect(BigInt(first?.found ?? 0) - BigInt(first?.expected ?? 0)).to.equal(5n);
  });
});

function addresses({ deployment: { contracts } }: SmallRun): [string, string, string, string, string, string, string] {
  const {
    EnergyExchange = "",
    EnergyCredit = "",
    CreditDesk = "",
    Reputation = "",
    Seasons = "",
    Badges = "",
    Inspections = "",
  } = contracts;
  return [EnergyExchange, EnergyCredit, CreditDesk, Reputation, Seasons, Badges, Inspections];
}

async function newest({ market }: SmallRun): Promise<number> {
  return market.connection.ethers.provider.getBlockNumber();
}

async function checksOf(run: SmallRun, transactions: AuditTransaction[]): Promise<AuditCheck[]> {
  const [, , desk] = addresses(run);
  const { state, findings } = await rebuild({ transactions, domain: run.market.domain, desk });
  finalChecks(state, findings, run.market.domain);
  return findings.checks();
}

/** Whether neither the events nor the chain's own state give the change away. */
async function passes(run: SmallRun, transactions: AuditTransaction[]): Promise<boolean> {
  const [, credit, desk, reputation, seasons, badges, inspections] = addresses(run);
  const { domain } = run.market;
  const { state, findings } = await rebuild({ transactions, domain, desk });
  finalChecks(state, findings, domain);
  if (findings.checks().some(({ passed }) => !passed)) return false;
  const contracts = { credit, desk, reputation, seasons, badges, inspections };
  await readBack(state, findings, { rpc: run.rpc, domain, ...contracts, block: await newest(run) });
  return findings.checks().every(({ passed }) => passed);
}

function figuresOf(args: Args): string[][] {
  return Object.entries(args).flatMap(([key, value]) => {
    if (typeof value === "number" || typeof value === "bigint" || typeof value === "boolean") return [[key]];
    if (typeof value === "object" && value !== null) return figuresOf(value as Args).map((path) => [key, ...path]);
    return [];
  });
}

function find(history: readonly AuditTransaction[], name: string, slot: number, meter: string | undefined): Site {
  for (const [transaction, { events }] of history.entries()) {
    for (const [at, { event }] of events.entries()) {
      if (event.name !== name) continue;
      const args = event.args as Args;
      if (meter !== undefined && args.meter !== meter) continue;
      if (slotOf(args) === slot) return { transaction, event: at };
    }
  }
  throw new Error(`the history has no ${name} of slot ${String(slot)}`);
}

function slotOf(args: Args): unknown {
  if (args.slot !== undefined) return args.slot;
  if (args.fill !== undefined) return decodeFill(args.fill as bigint).slot;
  return decodeMeterWord(args.word as bigint).lastSlot;
}

function callOf(history: readonly AuditTransaction[], name: string, slot: number): Args {
  for (const { calls } of history) {
    for (const call of calls ?? []) if (call.name === name && call.args.slot === slot) return call.args;
  }
  throw new Error(`the history has no call of ${name}`);
}

function replaceByte(hex: string, at: number): string {
  const byte = Number.parseInt(hex.slice(2 + 2 * at, 4 + 2 * at), 16) ^ 1;
  return `${hex.slice(0, 2 + 2 * at)}${byte.toString(16).padStart(2, "0")}${hex.slice(4 + 2 * at)}`;
}

function isAt(failure: AuditFailure, slot: number, meter: string | undefined): boolean {
  return failure.slot === slot && (meter === undefined || failure.meter === meter);
}
