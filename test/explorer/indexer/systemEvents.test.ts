import { expect } from "chai";
import { getAddress, Interface, type InterfaceAbi } from "ethers";
import hre from "hardhat";
import JouleworkLocal from "../../../modules/JouleworkLocal.ts";
import { createEventReader } from "../../../explorer/indexer/eventReader.ts";
import { SYSTEM_ABIS } from "../../../explorer/indexer/systemAbis.ts";
import type { EventRow } from "../../../explorer/store/store.ts";
import type { AbiEntry } from "../../../src/chain/abiTypes.ts";
import type { RawLog } from "../../../src/chain/calls.ts";
import { encodeMeterWord, NO_FLAGS } from "../../../src/market/meterWord.ts";
import { sampleArgs, WORD_SLOT, WORD_ZONE } from "./sampleArgs.ts";

/** Events that are about nothing that has a page of its own, only about the contract that they come from. */
const ABOUT_THE_CONTRACT = new Set([
  ...["AccessManager.RoleAdminChanged", "AccessManager.RoleGrantDelayChanged", "AccessManager.RoleGuardianChanged"],
  ...["AccessManager.RoleLabel", "TimelockController.MinDelayChange", "TimelockController.RoleAdminChanged"],
  ...["GridGovernor.ProposalThresholdSet", "GridGovernor.QuorumNumeratorUpdated", "GridGovernor.VotingDelaySet"],
  ...["GridGovernor.VotingPeriodSet", "Reputation.TierRulesSet", "Seasons.RebatePricesSet", "Seasons.SeasonsStarted"],
  ...["EnergyExchange.TierDiscountsSet", "CreditDesk.CreditLineSet", "CreditDesk.PricesSet"],
  ...["EnergyExchange.EIP712DomainChanged", "EnergyCredit.EIP712DomainChanged", "GridGovernor.EIP712DomainChanged"],
  ...["Reputation.EIP712DomainChanged", "Badges.QuestAdded", "Badges.QuestEnded", "Badges.Locked", "Badges.Unlocked"],
  ...["EnergyCertificates.LifetimeSet", "CertificateMarket.EIP712DomainChanged"],
]);

/** Indexed arguments that name nothing with a page of its own, by what they are. */
const NO_SUBJECT: Readonly<Record<string, string>> = {
  round: "is shown on its job's page",
  use: "is shown with its lease",
  offer: "is shown on its provider's page",
  finding: "is found by meter and site",
  eventId: "is found by zone, season and slots",
  "EnergyExchange.id": "a withdrawal, found by the account",
  "CreditDesk.id": "a redemption, found by the account",
  cancellation: "is shown with its certificates",
  index: "place of a call in its operation",
  nonce: "counts how often an operation was scheduled",
  item: "is found by zone and requester",
  root: "is found by zone and slot",
  specHash: "is found by its job",
  quest: "is shown with the badges of a site",
  "Badges.tokenId": "a badge, found by its owner",
  roleId: "is found by account and target",
  admin: "a role",
  guardian: "a role",
  role: "is found by account",
  previousAdminRole: "a role",
  newAdminRole: "a role",
};

function isNoSubject(contract: string, name: string): boolean {
  return name in NO_SUBJECT || `${contract}.${name}` in NO_SUBJECT;
}

const ADDRESS = getAddress(`0x${"f1".padStart(40, "0")}`);

describe("what an event is about", () => {
  it("knows every contract of the deployment that has events", async () => {
    for (const { name, type } of deployed()) {
      if (type.includes("LIBRARY")) continue;
      const events = await eventsOf(name);
      if (events.length > 0) expect(SYSTEM_ABIS, name).to.have.property(name);
    }
  });

  it("knows the events of linked libraries, which appear at the address of who links them", async () => {
    const known = new Set(Object.values(SYSTEM_ABIS).flatMap((abi) => topicsOf(abi as InterfaceAbi)));
    const libraries = deployed().filter(({ type }) => type.includes("LIBRARY"));
    expect(libraries).to.not.be.empty;
    for (const { name } of libraries) {
      for (const topic of topicsOf(await eventsOf(name))) expect(known.has(topic), `${name} ${topic}`).to.equal(true);
    }
  });

  for (const [contract, abi] of Object.entries(SYSTEM_ABIS)) {
    describe(contract, () => {
      for (const event of abi.filter(({ type }) => type === "event")) {
        const name = event.name ?? "";

        it(`${name} keeps its arguments, and names every party and subject`, () => {
          const args = sampleArgs(event);
          const row = readEvent(contract, name, args);
          expect(row.args).to.equal(expectedJson(contract, name, args));
          for (const address of addressesIn(args)) {
            expect(row.keys, address).to.deep.include({ kind: "party", value: address });
          }
          const about = ABOUT_THE_CONTRACT.has(`${contract}.${name}`);
          expect(row.keys.length > 0, `keys: ${JSON.stringify(row.keys)}`).to.equal(!about);
          for (const [place, input] of (event.inputs ?? []).entries()) {
            if (!needsKey(input.name, input.indexed === true) || isNoSubject(contract, input.name)) continue;
            const other = readEvent(contract, name, args.with(place, otherValue(input.type, args[place])));
            expect(other.keys, `${input.name} changes nothing`).to.not.deep.equal(row.keys);
          }
        });
      }
    });
  }

  it("finds zone and slot of an order and a reading in their words", () => {
    const meter = "0x00000000000000000000000000000000000000A1";
    for (const name of ["OrderCleared", "ReadingSettled"]) {
      const args = sampleArgs(entryOf("EnergyExchange", name)).with(0, meter);
      const { keys } = readEvent("EnergyExchange", name, args);
      expect(keys).to.have.deep.members([
        { kind: "party", value: meter },
        { kind: "zone", value: String(WORD_ZONE) },
        { kind: "slot", value: `${WORD_ZONE}/${WORD_SLOT}` },
      ]);
    }
  });

  it("finds the zone of a meter's slot from its registration, also of its successor and once it is retired", () => {
    const [old, successor] = [
      "0x00000000000000000000000000000000000000A1",
      "0x00000000000000000000000000000000000000b2",
    ];
    const retired = encodeMeterWord({ ...RETIRED, lastSlot: 6 });
    const rows = readAll([
      ["EnergyExchange", "SiteRegistered", [4, ADDRESS, 3]],
      ["EnergyExchange", "MeterRegistered", [old, 4, 0, 0, 0, 0, 0]],
      ["EnergyExchange", "MeterReplaced", [old, successor, 0, 0, false, retired, 0]],
      ["EnergyExchange", "PositionClosed", [old, 7, retired, 0]],
      ["EnergyExchange", "DisconnectionRequested", [successor, 8, 0, 0]],
      ["Seasons", "LoadShed", [1, 4, 9, 0, 0, 0, 0]],
    ]);
    expect(rows.slice(3).map(slotsOf)).to.deep.equal([["3/7"], ["3/8"], ["3/9"]]);
  });

  it("finds the zone of a lease's use and of a job's round", () => {
    const rows = readAll([
      leaseRequested(21, 5),
      ["ComputeMarket", "UseReported", [21, 0, 30, 0, 0, 0, 0]],
      jobPosted(22, 6),
      ["TrainingJobs", "RoundOpened", [22, 1, 31, 0, 0, `0x${"11".repeat(32)}`, []]],
      ["TrainingJobs", "EnergyProved", [22, 1, ADDRESS, 32, 0, 0, 0, 0]],
    ]);
    expect([1, 3, 4].map((place) => rows[place]).map(slotsOf)).to.deep.equal([["5/30"], ["6/31"], ["6/32"]]);
  });

  it("gives a called event every slot that it lasts, and passed-over slots both ends", () => {
    const [called, passed] = readAll([
      ["Seasons", "EventCalled", [1, 2, 3, 100, 4, 0]],
      ["EnergyExchange", "SlotsPassedOver", [2, 200, 9_000]],
    ]);
    expect(slotsOf(called)).to.deep.equal(["2/100", "2/101", "2/102", "2/103"]);
    expect(slotsOf(passed)).to.deep.equal(["2/200", "2/9000"]);
  });

  it("gives what the timelock does the proposal that the governor did it for", () => {
    const operation = `0x${"22".repeat(32)}`;
    const zero = `0x${"00".repeat(32)}`;
    const rows = readAll([
      ["TimelockController", "CallScheduled", [operation, 0, ADDRESS, 0, "0x", zero, 60]],
      ["GridGovernor", "ProposalQueued", [77, 1_000]],
    ]);
    expect(rows[0]?.keys).to.deep.include.members([
      { kind: "proposal", value: operation },
      { kind: "proposal", value: "77" },
    ]);
    const alone = readAll([["TimelockController", "Cancelled", [operation]]]);
    expect(alone[0]?.keys).to.deep.equal([{ kind: "proposal", value: operation }]);
  });

  it("leaves out what nobody is: the zero address, zone 0", () => {
    const nobody = `0x${"00".repeat(20)}`;
    const { keys } = readEvent("EnergyCredit", "Transfer", [nobody, ADDRESS, 1]);
    expect(keys).to.deep.equal([{ kind: "party", value: ADDRESS }]);
  });
});

const RETIRED = {
  ...{ importWh: 0, exportWh: 0, laneEven: null, laneOdd: null, balanceTicks: 0n },
  ...{ reliability: 0, tier: 0, flags: NO_FLAGS, powerClass: 0, zone: 0 },
};

type Emitted = readonly [contract: string, name: string, args: readonly unknown[]];

function deployed(): { readonly name: string; readonly type: string }[] {
  return [...JouleworkLocal.futures].flatMap((future) =>
    "contractName" in future && future.type.includes("DEPLOYMENT")
      ? [{ name: future.contractName, type: future.type }]
      : [],
  );
}

async function eventsOf(name: string): Promise<AbiEntry[]> {
  const { abi } = await hre.artifacts.readArtifact(name);
  return (abi as readonly AbiEntry[]).filter(({ type }) => type === "event");
}

function topicsOf(abi: InterfaceAbi): string[] {
  const topics: string[] = [];
  new Interface(abi).forEachEvent(({ topicHash }) => topics.push(topicHash));
  return topics;
}

/** Events of one transaction, encoded by ethers and read as the indexer does. */
function readAll(emitted: readonly Emitted[]): EventRow[] {
  const names = Object.keys(SYSTEM_ABIS);
  const addressOf = (contract: string): string => `0x${(names.indexOf(contract) + 1).toString(16).padStart(40, "0")}`;
  const contracts = Object.fromEntries(names.map((name) => [name, addressOf(name)]));
  const logs = emitted.map(([contract, name, args], logIndex): RawLog => {
    const { topics, data } = interfaceOf(contract).encodeEventLog(name, args);
    const place = { blockNumber: 1, blockHash: "0x01", transactionHash: "0x02", transactionIndex: 0, logIndex };
    return { address: addressOf(contract), topics, data, ...place };
  });
  return createEventReader({ network: "test", chainId: 1, deployBlock: 0, contracts }).read(logs);
}

/** An event of a chain on which everything that it names is in a zone. */
function readEvent(contract: string, name: string, args: readonly unknown[]): EventRow {
  const entry = entryOf(contract, name);
  const named = new Map((entry.inputs ?? []).map((input, place) => [input.name, args[place]]));
  const { meter, site, lease, job } = Object.fromEntries(named);
  const told: Emitted[] = [];
  if (site !== undefined) told.push(["EnergyExchange", "SiteRegistered", [site, ADDRESS, WORD_ZONE]]);
  if (meter !== undefined) {
    told.push(["EnergyExchange", "SiteRegistered", [9_999, ADDRESS, WORD_ZONE]]);
    told.push(["EnergyExchange", "MeterRegistered", [meter, 9_999, 0, 0, 0, 0, 0]]);
  }
  if (lease !== undefined) told.push(leaseRequested(lease, WORD_ZONE));
  if (job !== undefined) told.push(jobPosted(job, WORD_ZONE));
  const row = readAll([...told, [contract, name, args]]).at(-1);
  if (row === undefined) throw new Error(`${contract}.${name} was not read`);
  expect(row).to.include({ contract, name });
  return row;
}

function leaseRequested(lease: unknown, zone: number): Emitted {
  const entry = entryOf("ComputeMarket", "LeaseRequested");
  const place = (entry.inputs ?? []).findIndex(({ name }) => name === "zone");
  return ["ComputeMarket", "LeaseRequested", sampleArgs(entry).with(0, lease).with(place, zone)];
}

function jobPosted(job: unknown, zone: number): Emitted {
  const entry = entryOf("TrainingJobs", "JobPosted");
  const [, requester, specHash, terms] = sampleArgs(entry);
  const place = (entry.inputs?.[3]?.components ?? []).findIndex(({ name }) => name === "zone");
  return ["TrainingJobs", "JobPosted", [job, requester, specHash, (terms as unknown[]).with(place, zone)]];
}

function entryOf(contract: string, event: string): AbiEntry {
  const entry = SYSTEM_ABIS[contract]?.find(({ type, name }) => type === "event" && name === event);
  if (entry === undefined) throw new Error(`${contract} has no event ${event}`);
  return entry;
}

function interfaceOf(contract: string): Interface {
  return new Interface(SYSTEM_ABIS[contract] ?? []);
}

/** The arguments as the index promises them, made from the interface alone. */
function expectedJson(contract: string, event: string, args: readonly unknown[]): string {
  const plain = (type: AbiEntry["inputs"], values: readonly unknown[]): object =>
    Object.fromEntries((type ?? []).map((input, place) => [input.name, one(input, values[place])]));
  const one = (input: NonNullable<AbiEntry["inputs"]>[number], value: unknown): unknown => {
    if (Array.isArray(value)) {
      if (input.type === "tuple") return plain(input.components, value);
      return value.map((item: unknown) => one({ ...input, type: input.type.slice(0, -2) }, item));
    }
    if (typeof value !== "bigint") return value;
    const bits = Number(/\d+$/.exec(input.type)?.[0] ?? 256);
    return bits <= 48 || input.name.endsWith("Wh") ? Number(value) : String(value);
  };
  return JSON.stringify(plain(entryOf(contract, event).inputs, args));
}

function addressesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(addressesIn);
  return typeof value === "string" && /^0x[0-9a-fA-F]{40}$/.test(value) ? [value] : [];
}

/** Whether an argument looks like the name of something that has a page. */
function needsKey(name: string, indexed: boolean): boolean {
  return indexed || /(zone|site|job|lease|season|proposalId|certificate|tokenId|slot)$/.test(name);
}

function otherValue(type: string, value: unknown): unknown {
  if (type === "address") return "0x00000000000000000000000000000000000000C3";
  if (typeof value === "bigint") return value + 1n;
  return `0x${"77".repeat((String(value).length - 2) / 2)}`;
}

function slotsOf(row: EventRow | undefined): string[] {
  return (row?.keys ?? []).filter(({ kind }) => kind === "slot").map(({ value }) => value);
}
