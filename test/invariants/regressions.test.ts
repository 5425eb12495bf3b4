import { expect } from "chai";
import hre from "hardhat";
import { everybodyLeaves } from "./handlers/leaving.ts";
import { closeOverdue, closeSlot } from "./handlers/readings.ts";
import * as accounts from "./ghost/accounts.ts";
import { retire } from "./ghost/registry.ts";
import { must, SLOT, slotAt } from "./ghost/world.ts";
import { buildArena, START, type Arena } from "./harness/arena.ts";
import { Run, type Summary } from "./harness/run.ts";
import { proceed, type Step } from "./harness/sequence.ts";
import { readFlows } from "./scenes/scene.ts";

describe("sequences that once went wrong", function () {
  this.timeout(0);
  let arena: Arena;
  let restore: () => Promise<void>;
  let summary: Summary;

  before(async () => {
    const connection = await hre.network.create();
    arena = await buildArena(connection);
    const snapshot = await connection.networkHelpers.takeSnapshot();
    restore = () => snapshot.restore();
  });

  beforeEach(async () => {
    await restore();
    summary = new Map();
  });

  const begin = async (sequence: readonly Step[]): Promise<Run> => {
    const run = await Run.begin(arena, summary);
    await proceed(run, sequence);
    return run;
  };

  it("collecting a bond that was never asked back is refused with a typed error, not with a panic", async () => {
    await begin([["collectBond", 0, 0, 0]]);
    expect([...(summary.get("collectBond")?.keys() ?? [])]).to.deep.equal(["NothingToPay"]);
  });

  it("collecting a bond of which nothing was asked back has nothing to wait for", async () => {
    const run = await begin([]);
    const { site } = must([...run.world.meters.values()][0]);
    const { owner } = must(run.world.sites.get(site));
    await run.attempt({ from: owner, method: "requestUnbond", args: [site, 0n] }, (world) => {
      accounts.requestUnbond(world, owner, site, 0n);
      return undefined;
    });
    await run.attempt({ from: owner, method: "collectBond", args: [site, owner] }, (world) => {
      accounts.collectBond(world, owner, site, owner);
      return undefined;
    });
    expect([...(summary.get("collectBond")?.keys() ?? [])]).to.deep.equal(["NothingToPay"]);
  });

  it("who was refused the whole balance because of a debt gets the rest of it once collecting has paid the debt", async () => {
    const run = await begin([
      ["requestWithdrawal", 298, 136, 961, 98, 386],
      ["wait", 691, 660, 950, 777, 309],
      ["registerMeter", 961, 462, 683, 480, 990],
      ["market", 278, 35, 379, 585, 553],
    ]);
    const before = summary.get("requestWithdrawal")?.get("AmountTooLarge") ?? 0;
    await everybodyLeaves(run);
    expect(summary.get("requestWithdrawal")?.get("AmountTooLarge") ?? 0).to.equal(before + 1);
  });

  it("a book with a signed order and the same order placed on chain has no strict order, and is refused for that", async () => {
    await begin([
      ["replaceMeter", 23, 388, 972, 642, 304],
      ["replaceMeter", 86, 43, 387, 611, 974],
      ["market", 768, 371, 455, 486, 124],
    ]);
    expect([...(summary.get("clear")?.keys() ?? [])]).to.include("UnsortedBook");
  });

  it("a flag does not delay the slot that has its place in the ring 128 slots later", async () => {
    // Readings without the feeder: the slot is flagged when it closes.
    const run = await begin([["waitSlots", 0]]);
    const flagged = slotAt(run.world.now) - 1;
    await proceed(run, [["settleReading", 1, 0, 999]]);
    run.waitUntil((flagged + 5) * SLOT);
    await closeOverdue(run, 1);
    expect(must(run.world.zones.get(1)).flagged.has(flagged)).to.equal(true);

    // The owner asks in the slot 128 later, which nobody touches.
    run.waitUntil((flagged + 128) * SLOT);
    const meter = must([...run.world.meters.values()][1]);
    const owner = must(run.world.sites.get(meter.site)).owner;
    const args = [meter.address, 1_000n, owner];
    await run.attempt({ from: owner, method: "requestWithdrawal", args }, (world) => {
      accounts.requestWithdrawal(world, owner, meter.address, 1_000n, owner);
      return undefined;
    });
    run.waitUntil((flagged + 133) * SLOT);
    await closeOverdue(run, 1);
    await run.attempt({ from: arena.stranger, method: "collectWithdrawal", args: [1] }, (world) => {
      accounts.collectWithdrawal(world, 1);
      return undefined;
    });
    expect([...(summary.get("collectWithdrawal")?.keys() ?? [])]).to.deep.equal(["done"]);
  });

  it("a slot is not closed early on the count of a meter that was read and then left", async () => {
    const run = await begin([]);
    run.waitUntil((START + 1) * SLOT + 10);
    // All but one are read, with the feeder; then one of them leaves, so that as many are read as are left.
    const readings = Object.fromEntries([0, 1, 2, 3, 4].map((place) => [place, [0, 0] as const]));
    await readFlows(run, 1, START, readings);
    await proceed(run, [["suspendMeter", 0]]);
    await closeSlot(run, 1, START, []);
    expect([...(summary.get("close")?.keys() ?? [])]).to.deep.equal(["ClosingTooEarly"]);
  });

  it("a meter is not retired while a claim waits for it, because nobody could pay it any more", async () => {
    const run = await begin([
      ["creditLine", 1],
      ["waitSlots", 0],
    ]);
    // An export that may not be minted now becomes a claim.
    const meter = must([...run.world.meters.values()].find(({ kind }) => kind === "producer"));
    const index = [...run.world.meters.keys()].indexOf(meter.address);
    await proceed(run, [["settleReading", index, 0, 999]]);
    expect(run.chain.meters.get(meter.address)?.claim).to.not.equal(0n);
    const { balance } = must(run.world.meters.get(meter.address));
    const owner = must(run.world.sites.get(meter.site)).owner;
    await run.attempt({ from: owner, method: "requestWithdrawal", args: [meter.address, balance, owner] }, (world) => {
      accounts.requestWithdrawal(world, owner, meter.address, balance, owner);
      return undefined;
    });
    const { registrar } = arena.market;
    await run.attempt({ from: registrar.address, method: "retireMeter", args: [meter.address] }, (world) => {
      retire(world, meter.address);
      return undefined;
    });
    expect([...(summary.get("retireMeter")?.keys() ?? [])]).to.deep.equal(["AmountTooLarge"]);
  });
});
