import { expect } from "chai";
import hre from "hardhat";
import { NEW_REPUTATION, queueRank, reputationScore, syncReputation } from "../../src/game/reputation.ts";
import { addWork, NO_WORK, type NotedRegisters, type PendingWork } from "../../src/game/samples.ts";
import { DEFAULT_TIER_RULES, type TierRules } from "../../src/game/tiers.ts";
import { Choices, fuzzRuns } from "../differential/random.ts";
import { DAY_SECONDS, deployReputationBench, FIRST_DAY, sampledMeter, type MockMeter } from "./bench.ts";

const SITES = 4;
const METERS_A_SITE = 3;

/** A site that random days change, and what the twin says of it. */
interface Ghost {
  owner: string;
  faults: number;
  meters: MockMeter[];
  reputation: typeof NEW_REPUTATION;
  noted: ReadonlyMap<string, NotedRegisters>;
  work: PendingWork;
  /** Who holds its votes since its last sync. */
  holder: string | undefined;
}

describe("reputation over random days", () => {
  it("is what the twin says, bounded, and votes and tiers follow every sync", async () => {
    const connection = await hre.network.create();
    const { ethers, networkHelpers } = connection;
    const bench = await deployReputationBench(connection);
    const { reputation, source, seasons, compute, governor } = bench;
    const choices = new Choices("reputation over days");
    const owners = bench.owners.slice(0, 3).map(({ address }) => address);
    const delegates = new Map<string, string>();
    let rules: TierRules = DEFAULT_TIER_RULES;
    const seen = {
      reliability: 0,
      efficiency: 0,
      contribution: 0,
      work: 0,
      fault: 0,
      transfer: 0,
      tiers: new Set<number>(),
    };

    const ghosts: Ghost[] = Array.from({ length: SITES }, (_, site) => ({
      owner: choices.of(owners),
      faults: 0,
      meters: Array.from({ length: METERS_A_SITE }, (__, index) => newMeter(site * METERS_A_SITE + index)),
      reputation: NEW_REPUTATION,
      noted: new Map(),
      work: NO_WORK,
      holder: undefined,
    }));

    function newMeter(number: number): MockMeter {
      const kind = choices.of(["prosumer", "consumer", "storage", "storage", "feeder"] as const);
      const bestEfficiencyPpm = choices.whole(500_000, 1_000_000);
      return {
        meter: ethers.getAddress(ethers.toBeHex(number + 1, 20)),
        kind,
        powerClass: choices.whole(0, 40),
        importWh: choices.whole(0, 2 ** 30),
        exportWh: choices.whole(0, 2 ** 30),
        ...(kind === "storage" ? { capacityWh: choices.whole(1, 20_000), bestEfficiencyPpm } : {}),
      };
    }

    function nextDay(meter: MockMeter): MockMeter {
      const importedWh = choices.chance(0.3) ? choices.whole(0, 60_000) : 0;
      return {
        ...meter,
        status: choices.chance(0.1) ? "suspended" : "active",
        reliability: choices.chance(0.3) ? 2048 : choices.whole(choices.chance(0.95) ? 2_048 : 0, 4_095),
        importWh: (meter.importWh ?? 0) + importedWh,
        exportWh: (meter.exportWh ?? 0) + Math.floor(importedWh * choices.of([0, 0.5, 0.8, 1])),
      };
    }

    let day = FIRST_DAY;
    for (let run = 0; run < fuzzRuns(10); ++run) {
      day += choices.chance(0.8) ? 1 : choices.whole(2, 30);
      const index = choices.whole(0, SITES - 1);
      const ghost = ghosts[index];
      if (ghost === undefined) throw new Error("no such site");
      const site = index + 1;
      ghost.meters = ghost.meters.map(nextDay);
      if (choices.chance(0.15)) ghost.faults += 1;
      if (choices.chance(0.25)) ghost.owner = choices.of(owners);
      await bench.setSite(site, ghost.owner, ghost.meters, ghost.faults);
      if (choices.chance(0.4)) {
        const flexibleWh = choices.whole(1, 5_000);
        await reputation.connect(seasons).noteFlexible(site, flexibleWh);
        const total = ghost.reputation.flexibleWh + flexibleWh;
        ghost.reputation = { ...ghost.reputation, flexibleWh: total };
      }
      for (let notes = choices.chance(0.4) ? choices.whole(1, 3) : 0; notes > 0; --notes) {
        const [quality, thrift] = [0, 1].map(() => (choices.chance(0.2) ? undefined : choices.whole(0, 1_100_000)));
        await reputation.connect(compute).noteWork(site, quality ?? 16_777_215, thrift ?? 16_777_215);
        ghost.work = addWork(ghost.work, quality, thrift);
        ++seen.work;
      }
      if (choices.chance(0.05)) {
        const [from, to] = [choices.of(bench.owners.slice(0, 3)), choices.of(owners)];
        await reputation.connect(from).delegate(to);
        delegates.set(from.address, to);
      }
      if (choices.chance(0.03)) {
        rules = {
          tier1Ppm: 560_000,
          tier2Ppm: 580_000 + choices.whole(0, 50_000),
          tier3Ppm: 700_000,
          tier4Ppm: 750_000,
          hysteresisPpm: choices.whole(0, 50_000),
        };
        await reputation.connect(governor).setTierRules(rules);
      }

      const before = ghost.reputation;
      const meters = ghost.meters.flatMap((meter) => sampledMeter(meter) ?? []);
      const { after, samples, noted } = syncReputation({
        before,
        day,
        faults: ghost.faults,
        meters,
        noted: ghost.noted,
        rules,
        work: ghost.work,
      });
      await bench.sync(site, day);
      if (samples.reliability !== undefined) ++seen.reliability;
      if (samples.efficiency !== undefined) ++seen.efficiency;
      if (samples.contribution !== undefined) ++seen.contribution;
      if (after.faults !== before.faults) ++seen.fault;
      if (ghost.holder !== undefined && ghost.holder !== ghost.owner) ++seen.transfer;
      seen.tiers.add(after.tier);
      Object.assign(ghost, { reputation: after, noted, work: NO_WORK, holder: ghost.owner });
      if (after.votes > 0 && !delegates.has(ghost.owner)) delegates.set(ghost.owner, ghost.owner);

      const found = await reputation.reputationOf(site);
      expect({
        reliabilityPpm: Number(found.reliabilityPpm),
        efficiencyPpm: Number(found.efficiencyPpm),
        contributionPpm: Number(found.contributionPpm),
        tier: Number(found.tier),
        day: Number(found.day),
        faults: Number(found.faults),
        votes: Number(found.votes),
        flexibleWh: Number(found.flexibleWh),
      }).to.deep.equal(after);
      expect(found.owner).to.equal(ghost.owner);
      expect(Number(found.scorePpm)).to.equal(reputationScore(after));
      for (const component of [after.reliabilityPpm, after.efficiencyPpm, after.contributionPpm]) {
        expect(component).to.be.within(0, 1_000_000);
      }
      for (const { meter } of ghost.meters) {
        expect((await source.meterWord(meter)) >> 216n).to.equal(
          expectedTop(after.tier, await source.meterWord(meter)),
        );
      }

      // Votes: each site's units with its owner, each owner's with its delegate.
      const units = (owner: string) =>
        ghosts.reduce((sum, { holder, reputation: { votes } }) => sum + (holder === owner ? votes : 0), 0);
      for (const owner of owners) {
        expect(Number(await reputation.votingUnits(owner))).to.equal(units(owner));
        const delegated = owners.filter((from) => delegates.get(from) === owner);
        expect(Number(await reputation.getVotes(owner))).to.equal(
          delegated.reduce((sum, from) => sum + units(from), 0),
        );
      }
      expect(await reputation.votingSites()).to.equal(
        BigInt(ghosts.filter(({ reputation: { votes } }) => votes > 0).length),
      );
      await networkHelpers.mine();
      const later = day + choices.whole(0, 40);
      await networkHelpers.time.increaseTo(later * DAY_SECONDS + DAY_SECONDS - 100);
      expect(Number(await reputation.queueRank(site))).to.equal(queueRank(after, later, rules));
      day = later;
    }
    // Every kind of cause was met.
    for (const [cause, times] of Object.entries(seen)) {
      if (typeof times === "number") expect(times, cause).to.be.greaterThan(2);
    }
    expect(seen.tiers.size, "tiers").to.be.greaterThan(2);
  });
});

/** Reliability, tier and what stands above them in a word whose meter has just been synced. */
function expectedTop(tier: number, word: bigint): bigint {
  return ((word >> 231n) << 15n) | (BigInt(tier) << 12n) | 0x800n;
}
