import { rm, writeFile } from "node:fs/promises";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { deployLocally } from "../../scripts/start/deployLocally.ts";
import { decide } from "../../scripts/tune/decide.ts";
import { measureSeason } from "../../scripts/tune/measureSeason.ts";
import { planDecision } from "../../scripts/tune/planDecision.ts";
import { proposeSeason } from "../../scripts/tune/proposeSeason.ts";
import { parseTuneOptions, type ProposeOptions } from "../../scripts/tune/options.ts";
import type { ConnectedExchange, ExchangeEvent } from "../../src/chain/exchange.ts";
import { connectExchange } from "../../src/chain/exchange.ts";
import { blockCall } from "../../src/chain/calls.ts";
import { describeCalls, readProposal } from "../../src/chain/proposals.ts";
import { localClock } from "../../src/community/localClock.ts";
import { localSenders } from "../../src/community/localSenders.ts";
import { openServices } from "../../src/community/openServices.ts";
import { playNextSeason, requireCommunity } from "../../src/community/playNextSeason.ts";
import {
  PREPARATION_SLOTS,
  registerCommunity,
  type RegisteredCommunity,
} from "../../src/community/registerCommunity.ts";
import { runSlots } from "../../src/community/runSlots.ts";
import { connectReputation, syncSites } from "../../src/community/standing.ts";
import { startLocalNode, type LocalNode } from "../../src/community/startLocalNode.ts";
import type { SeasonResult } from "../../src/community/playSeason.ts";
import { decodeMeterWord } from "../../src/market/meterWord.ts";
import { decodeFill } from "../../src/market/packed.ts";
import { MAX_SLOT } from "../../src/market/timeline.ts";
import { simulateProfiles } from "../../src/meters/profiles/simulateProfiles.ts";
import { carryLocally, connectGovernance, requireProposer } from "../../src/tuning/decision/index.ts";
import { readSettings, type Tuning } from "../../src/tuning/index.ts";
import {
  measureEffect,
  parseTunedSeason,
  predictSeason,
  presentTerms,
  readSeason,
  seasonFigures,
  seasonScenario,
  type MeasuredEffect,
  type TunedSeason,
} from "../../src/tuning/season/index.ts";
import { SLOT_SECONDS } from "../../src/units.ts";
import { freePort } from "../explorer/support/freePort.ts";
import { near } from "../meters/profiles/near.ts";
import { street } from "./support/street.ts";

const NOTHING_GAINED = { peak: 1, cost: 1, idleTraining: 0, cheating: 0 };
const SEED = 3;
/** A day; season 1. */
const FIRST = Date.UTC(2025, 5, 21) / 1_000 / SLOT_SECONDS;
const DAY = 96;
/** Of the first season only its last slots are traded; what flowed before is one reading. */
const TRADED = 10;

describe("a season of a chain that is tuned, decided and measured again", function () {
  this.timeout(0);

  let node: LocalNode;
  let exchange: ConnectedExchange;
  let registered: RegisteredCommunity;
  let record: string;
  let folder: string;
  let tuned: TunedSeason;
  let paid: SeasonResult;
  let effect: MeasuredEffect;
  const played = street(SEED);
  const { community, members } = played;
  const homes = members.filter(({ kind }) => kind !== "feeder").map(({ key }) => key.address);

  before(async () => {
    const port = await freePort();
    record = `localhost-test-${String(port)}`;
    folder = mkdtempSync(join(tmpdir(), "joulework-season-test-"));
    const from = FIRST + DAY - TRADED;
    node = await startLocalNode({ port, startsAt: (from - PREPARATION_SLOTS) * SLOT_SECONDS });
    const seasons = { seasonStart: FIRST, seasonSlots: DAY, claimSlots: 8, handOverSites: 3 };
    const deployment = await deployLocally(node.url, seasons, record);
    exchange = await connectExchange({ rpcUrl: node.url, deployment });
    registered = await registerCommunity({
      ...{ exchange, members, zones: community.zones, firstSlot: from, days: 1, rule: "midpoint" },
    });
  });

  after(async () => {
    await node.stop();
    rmSync(folder, { recursive: true, force: true });
    for (const suffix of ["", ".json"]) {
      const path = fileURLToPath(new URL(`../../deployments/${record}${suffix}`, import.meta.url));
      await rm(path, { recursive: true, force: true });
    }
  });

  it("says that there is nothing to tune from before a day was read", async () => {
    expect(await problemOf(readSeason({ exchange }))).to.include({ code: "SEASON_WITHOUT_DATA" });
    expect(await problemOf(readSeason({ exchange, zone: 7 }))).to.include({ code: "ZONE_UNKNOWN" });
  });

  it("reads what every meter took and gave in the season's day, at which limits it ordered, and the rules", async () => {
    const from = FIRST + DAY - TRADED;
    const profiles = simulateProfiles({
      community,
      firstSlot: from,
      slots: TRADED,
      seed: SEED,
      latitudeDeg: 47,
      longitudeDeg: 8,
    });
    await trade(from, TRADED, profiles);
    const season = await readSeason({ exchange });
    expect(season).to.include({ season: 1, firstSlot: FIRST, days: 1, dayBefore: false });
    expect(season.meters.map(({ kind }) => kind)).to.deep.equal(["consumer", "prosumer", "solar", "consumer"]);
    expect(season.unreadSlots).to.equal(4 * (DAY - TRADED - 1));
    members.slice(0, 3).forEach(({ name, preference }, place) => {
      const profile = profiles.get(name);
      expect([...(season.meters[place]?.importWh.subarray(DAY - TRADED) ?? [])]).to.deep.equal([
        ...(profile?.importWh ?? []),
      ]);
      expect([...(season.meters[place]?.exportWh.subarray(DAY - TRADED) ?? [])]).to.deep.equal([
        ...(profile?.exportWh ?? []),
      ]);
      const known = season.preferences.get(homes[place] ?? "");
      // The member's own preference, rounded to whole ticks; a roof that gives and takes has two.
      if (known !== undefined && place !== 1) {
        const own = place === 0 ? preference.bidMarkdown : preference.offerMarkup;
        expect(Math.abs(known.reluctance - own)).to.be.below(1e-4);
      }
    });
    expect(season.preferences.size).to.be.at.least(2);
    expect(season.zones[0]?.present).to.include({ importPrice: 300_000, exportPrice: 80_000, slopePpm: 500_000 });
    expect(await problemOf(readSeason({ exchange, season: 2 }))).to.include({ code: "SEASON_WITHOUT_DATA" });
  });

  it("makes a scenario that costs without control, tick for tick, what the chain's own energy would have", async () => {
    const season = await readSeason({ exchange });
    const { scenario } = seasonScenario(season, folder);
    const { gridCostCredits } = predictSeason(scenario, readSettings(scenario), [1]);
    const measured = await seasonFigures(exchange, season, presentTerms(season));
    expect(Math.abs(gridCostCredits - measured.gridCostCredits)).to.be.below(1e-9);
  });

  it("refuses to decide while nobody has votes", async () => {
    const parts = { targets: [], values: [], calldatas: [], description: "nothing" };
    const input = { exchange, senders: registered.senders, parts };
    expect(await problemOf(carryLocally(input))).to.include({ code: "COUNCIL_GOVERNS" });
    await syncSites(connectReputation(exchange), registered.senders.of("watcher"), [1, 2, 3, 4]);
  });

  it("takes what the search found through the governor, and the chain's terms are changed", async () => {
    const flags = { propose: true as const, rpc: node.url, deployment: record, json: join(folder, "tuned.json") };
    const search = { seeds: "1", heldOut: "1", generations: "1", threads: "1", keep: ["nothing"] };
    const options = parseTuneOptions(undefined, { ...flags, ...search }) as ProposeOptions;
    const printed = await printedBy(() => proposeSeason(options));
    const report = JSON.parse(readFileSync(flags.json, "utf8")) as {
      readonly tuning: Tuning;
      readonly proposal: { readonly id: string; readonly calldatas: readonly string[] };
    };
    tuned = parseTunedSeason(report, flags.json);
    const { chosen, present } = report.tuning;
    expect(tuned.predicted.cost - (chosen?.heldOut.cost ?? 0)).to.satisfy(near(0, 1e-9));
    expect(tuned.present.cost - present.heldOut.cost).to.satisfy(near(0, 1e-9));

    const order = ["council's rule is ended: 4 sites", "Proposed by owner", "Voted for by owner", "Queued", "Executed"];
    const places = order.map((step) => printed.indexOf(step));
    expect(places).to.deep.equal([...places].sort((a, b) => a - b));
    expect(places[0]).to.be.greaterThan(0);
    const { rpc, deployment } = exchange;
    const proposal = await readProposal({ rpc, deployment, id: BigInt(report.proposal.id) });
    expect(proposal.state).to.equal("executed");
    expect(proposal.calldatas).to.deep.equal(report.proposal.calldatas);
    expect(proposal.description).to.include(`from slot ${String(tuned.nextFirstSlot)}`);
    expect(proposal.description).to.match(/nothing answers to a price\.$/);
    expect(describeCalls(deployment, proposal)[0]).to.match(/^EnergyExchange\.setZoneTerms\(1, /);
    const { importPrice = 0, exportPrice = 0, slopePpm = 0 } = tuned.rules[0]?.after ?? {};
    const changed = { importPrice, exportPrice, slopePpm, feePpm: 10_000 };
    expect(await exchange.terms(1, tuned.nextFirstSlot)).to.include(changed);
    expect(await exchange.terms(1, tuned.nextFirstSlot - 1)).to.include({ importPrice: 300_000, slopePpm: 500_000 });
    expect([importPrice, exportPrice, slopePpm]).not.to.deep.equal([300_000, 80_000, 500_000]);
    expect(printed).to.match(new RegExp(`importPrice\\s+│\\s+300000\\s+│\\s+${String(importPrice)}`));
  });

  it("knows a proposer without votes", async () => {
    const stranger = `0x${"77".repeat(20)}`;
    expect(await problemOf(requireProposer(connectGovernance(exchange), stranger))).to.include({
      code: "PROPOSER_WITHOUT_VOTES",
    });
  });

  it("plays the first season under the new rules and measures it", async () => {
    expect(await problemOf(measureEffect(exchange, tuned))).to.include({ code: "SEASON_WITHOUT_DATA" });
    const { limits } = await exchange.zone(1);
    const [rule] = tuned.rules;
    if (rule === undefined) throw new Error("no rule");
    const senders = localSenders(exchange);
    const market = { terms: rule.after, limits };
    paid = await playNextSeason({ exchange, senders, played, season: tuned.nextSeason, market });
    effect = await measureEffect(exchange, tuned);
    expect(effect.season).to.include({ season: tuned.nextSeason, days: 1, dayBefore: true, unreadSlots: 0 });
    const { measured, unchanged, rows } = effect;
    expect(rows.map(({ figure }) => figure)).to.have.members(Object.keys(measured));
    for (const { figure, predictedChange, measuredChange, difference } of rows) {
      expect(predictedChange).to.equal(tuned.predicted[figure] - tuned.present[figure]);
      expect(measuredChange).to.equal(measured[figure] - unchanged[figure]);
      expect(difference).to.equal(measuredChange - predictedChange);
    }
    // The simulator, which made the other side of the comparison, is close to the chain where both say the same: on the played day under its own rules.
    expect(Math.abs(unchanged.gridCostCredits - measured.gridCostCredits)).to.be.below(1e-9);
    const { scenario } = seasonScenario(effect.season, folder);
    const modelled = predictSeason(scenario, readSettings(scenario), [2, 3, 4]);
    expect(modelled.costCredits).to.satisfy(near(measured.costCredits, 0.03 * measured.gridCostCredits));
  });

  it("compares again whenever it is asked to", async () => {
    const json = join(folder, "effect.json");
    const chain = { network: "localhost", rpc: node.url, deployment: record };
    const printed = await printedBy(() => measureSeason({ measure: join(folder, "tuned.json"), json, ...chain }));
    const { measured, unchanged, rows } = effect;
    expect(JSON.parse(readFileSync(json, "utf8"))).to.deep.equal({ measured, unchanged, effect: rows });
    expect(printed).to.include(`Season ${String(tuned.nextSeason)}, measured from the chain`);
    expect(printed).to.include(measured.costCredits.toFixed(2));
    const missing = measureSeason({ measure: join(folder, "none.json"), json: undefined, ...chain });
    expect(await problemOf(missing)).to.include({ code: "PREDICTION_INVALID" });
  });

  it("measured what another sum over the chain's events gives", async () => {
    const first = tuned.nextFirstSlot;
    const events = await exchange.events();
    const rules = tuned.rules[0]?.before;
    if (rules === undefined) throw new Error("no rules");

    // What meters paid is what their balances lost: from the reading before the season to its last one. What was bought for the first slot had been
    // taken from the balance before.
    let lostTicks = 0n;
    let gridTicks = 0n;
    for (const meter of homes) {
      const words = readingsOf(events, meter);
      const [start, end] = [words.get(first - 1), words.get(first + DAY - 1)];
      if (start === undefined || end === undefined) throw new Error("a reading is missing");
      lostTicks += start.balanceTicks - end.balanceTicks;
      const [taken, given] = [end.importWh - start.importWh, end.exportWh - start.exportWh];
      gridTicks += BigInt(taken) * BigInt(300_000 + 60_000 + 10_000) - BigInt(given) * 80_000n;
    }
    lostTicks += boughtTicks(events, first) - boughtTicks(events, first + DAY);
    const { measured } = effect;
    expect(paid.paid).to.be.greaterThan(0n);
    expect(measured.rewardCredits).to.equal(Number(paid.paid / 10n ** 9n) / 1e9);
    expect(Math.abs(measured.costCredits + measured.rewardCredits - Number(lostTicks) / 1e9)).to.be.below(1e-9);
    expect(measured.gridCostCredits).to.equal(Number(gridTicks) / 1e9);
    expect(measured.cost).to.equal(measured.costCredits / measured.gridCostCredits);

    const feeder = readingsOf(events, members.at(-1)?.key.address ?? "");
    const flows = Array.from({ length: DAY }, (_, index) => {
      const [one, two] = [feeder.get(first + index - 1), feeder.get(first + index)];
      return (two?.importWh ?? 0) - (one?.importWh ?? 0) - ((two?.exportWh ?? 0) - (one?.exportWh ?? 0));
    });
    expect(measured.peakW).to.equal(4 * Math.max(...flows.map(Math.abs)));
    expect(measured.peakW).to.be.greaterThan(0);
    expect(measured.cheating).to.equal(0);
  });

  it("does not compare with what was never decided, or decided elsewhere", async () => {
    const rules = tuned.rules.map((rule) => ({ ...rule, after: { ...rule.after, slopePpm: 123_456 } }));
    expect(await problemOf(measureEffect(exchange, { ...tuned, rules }))).to.include({ code: "RULES_NOT_CHANGED" });
    expect(await problemOf(measureEffect(exchange, { ...tuned, chainId: 5 }))).to.include({
      code: "PREDICTION_OF_ANOTHER_CHAIN",
    });
    expect(() => parseTunedSeason({ chainId: 1 }, "x.json"))
      .to.throw()
      .with.property("code", "PREDICTION_INVALID");
  });

  it("only proposes where the voters have to be waited for, and says what comes next", async () => {
    const season = await readSeason({ exchange });
    const { scenario } = seasonScenario(season, folder);
    const present = { settings: readSettings(scenario), objectives: NOTHING_GAINED, heldOut: NOTHING_GAINED };
    const chosen = { ...present, settings: { ...present.settings, slopePpm: 250_000 } };
    const tuning = { present, chosen, front: [chosen], evaluated: 2 };
    const figures = { before: tuned.before, present: tuned.present, predicted: tuned.predicted };
    const input = { exchange, season, scenario, tuning, chosen, ...figures, heldOutSeeds: [2], onlyZone: undefined };
    const planned = await planDecision(input);
    const sender = localSenders(exchange).of("owner");
    const far = { exchange, isLocal: false, owner: () => Promise.resolve(sender) };
    const before = await exchange.terms(1, MAX_SLOT);
    let id = 0n;
    const printed = await printedBy(async () => {
      const proposal = await decide(far, planned, sender);
      id = proposal.id;
      expect(proposal.state).to.equal("pending");
    });
    for (const verb of [`vote ${String(id)} for`, `queue ${String(id)}`, `execute ${String(id)}`]) {
      expect(printed).to.include(`npx hardhat joulework:${verb} --network ${record}`);
    }
    expect(await exchange.terms(1, MAX_SLOT)).to.deep.equal(before);
  });

  it("plays on only for devices whose keys the seed gives", async () => {
    expect(await problemOf(requireCommunity(exchange, { seed: SEED, meters: 24 }))).to.include({
      code: "COMMUNITY_UNKNOWN",
    });
  });

  it("names a deployment that is not there", async () => {
    const options = parseTuneOptions(undefined, { propose: true, rpc: node.url, deployment: record }) as ProposeOptions;
    const { deployment } = exchange;
    const contracts = { ...deployment.contracts, EnergyExchange: `0x${"11".repeat(20)}` };
    const file = fileURLToPath(new URL(`../../deployments/${record}-moved.json`, import.meta.url));
    await writeFile(file, JSON.stringify({ ...deployment, contracts }));
    try {
      const moved = proposeSeason({ ...options, deployment: `${record}-moved` });
      expect(await problemOf(moved)).to.include({ code: "CONTRACT_MISSING" });
    } finally {
      await rm(file, { force: true });
    }
    const nowhere = proposeSeason({ ...options, deployment: `${record}-nowhere` });
    expect(await problemOf(nowhere)).to.include({ code: "DEPLOYMENT_MISSING" });
  });

  async function trade(from: number, slots: number, profiles: ReturnType<typeof simulateProfiles>): Promise<void> {
    const clock = localClock((await exchange.rpc.call(blockCall("latest")))?.timestamp ?? 0);
    const { domain, senders } = registered;
    const ground = { exchange, domain, senders, zones: 1, clock };
    const services = openServices({ ...ground, folder: join(folder, "services") });
    try {
      await runSlots({ ...ground, services, members, profiles, firstSlot: from, slots, countFrom: from, seed: SEED });
    } finally {
      services.close();
    }
  }
});

describe("the options of a tuning", () => {
  const problem = (scenario: string | undefined, flags: Parameters<typeof parseTuneOptions>[1]): string => {
    try {
      parseTuneOptions(scenario, flags);
    } catch (error) {
      return String(error);
    }
    return "none";
  };

  it("ask for one of three things", () => {
    expect(problem(undefined, {})).to.include("<scenario> is wrong: it is missing");
    expect(problem("a.yaml", { propose: true })).to.include("goes neither with --propose nor with --measure");
    expect(problem("a.yaml", { playOn: true })).to.include("--play-on is wrong: it does not go with the others");
    expect(problem(undefined, { propose: true, days: "2" })).to.include("--days is wrong");
    expect(problem(undefined, { measure: "a.json", generations: "2" })).to.include("--generations is wrong");
    expect(problem(undefined, { propose: true, seed: "4" })).to.include("goes with --play-on");
    expect(problem(undefined, { propose: true, zone: "0" })).to.include("--zone is wrong: it must be at least 1");
    expect(problem(undefined, { propose: true, rpc: "there" })).to.include("must be an HTTP URL");
    expect(problem("a.yaml", { keep: ["price"] })).to.include(
      "must be one of slopePpm, spreadPpm, rebatePpm, or nothing",
    );
    expect(problem("a.yaml", { proposal: "calls.json" })).to.include("--from-slot");
  });

  it("leave the spread alone where a chain is tuned, unless nothing is to be kept", () => {
    expect(parseTuneOptions(undefined, { propose: true })).to.deep.include({
      keep: ["spreadPpm"],
      deployment: "localhost",
    });
    expect(parseTuneOptions(undefined, { propose: true, keep: ["nothing"] })).to.deep.include({ keep: [] });
    expect(parseTuneOptions("a.yaml", {})).to.deep.include({ keep: [], seeds: 3 });
  });
});

/** What a command prints. */
async function printedBy(work: () => Promise<unknown>): Promise<string> {
  const { log } = console;
  const lines: string[] = [];
  console.log = (text: string) => void lines.push(text);
  try {
    await work();
    return lines.join("\n");
  } finally {
    console.log = log;
  }
}

async function problemOf(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    return error;
  }
  return undefined;
}

/** The meter's word after the reading of each slot. */
function readingsOf(events: readonly ExchangeEvent[], meter: string): Map<number, ReturnType<typeof decodeMeterWord>> {
  return new Map(
    events.flatMap(({ name, args }) => {
      if (name !== "ReadingSettled" || args.meter !== meter) return [];
      const word = decodeMeterWord(args.word);
      return [[word.lastSlot, word] as const];
    }),
  );
}

/** What all buyers of a slot paid for it when it was cleared, fees included. */
function boughtTicks(events: readonly ExchangeEvent[], slot: number): bigint {
  const prices = events.flatMap(({ name, args }) => (name === "SlotCleared" && args.slot === slot ? [args] : []));
  return events.reduce((sum, { name, args }) => {
    if (name !== "OrderCleared") return sum;
    const { side, zone, slot: of, filledWh, feeTicks } = decodeFill(args.fill);
    const price = prices.find((cleared) => cleared.zone === zone)?.clearingPrice ?? 0;
    return of === slot && side === "bid" ? sum + BigInt(filledWh) * BigInt(price) + feeTicks : sum;
  }, 0n);
}
