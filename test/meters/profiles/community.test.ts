import { expect } from "chai";
import fc from "fast-check";
import { defaultCommunity } from "../../../src/community/defaultCommunity.ts";
import type { CommunitySpec, MeterSpec } from "../../../src/community/types.ts";
import type { EnergyProfile } from "../../../src/meters/profiles/energyProfile.ts";
import { feederProfile } from "../../../src/meters/profiles/feederProfile.ts";
import { simulateProfiles } from "../../../src/meters/profiles/simulateProfiles.ts";
import { technicalLoss } from "../../../src/meters/profiles/technicalLoss.ts";
import { errorOf } from "./dataFiles.ts";
import { slotAt, sum } from "./windows.ts";
import { near } from "./near.ts";

const SLOTS = 96 * 3;
const parameters = { firstSlot: slotAt("2025-06-20T00:00Z"), slots: SLOTS, seed: 11, latitudeDeg: 47, longitudeDeg: 8 };

function metersOf(community: CommunitySpec, zone?: number): MeterSpec[] {
  return community.sites.filter((site) => zone === undefined || site.zone === zone).flatMap((site) => site.meters);
}

function profileOf(profiles: ReadonlyMap<string, EnergyProfile>, name: string): EnergyProfile {
  const profile = profiles.get(name);
  if (profile === undefined) throw new Error(`no profile of ${name}`);
  return profile;
}

describe("the default community", () => {
  it("refuses fewer meters than its kinds need, and says how many that is", () => {
    for (const meters of [0, 23, 24.5, Number.NaN]) {
      const error = errorOf(() => defaultCommunity({ meters, seed: 1 }));
      expect(error.code).to.equal("COMMUNITY_TOO_SMALL");
      expect(error.values.minimum).to.equal(24);
    }
  });

  it("has 30 meters unless told", () => {
    expect(metersOf(defaultCommunity({ seed: 1 }))).to.have.lengthOf(30);
  });

  it("has at any size the meters asked for, on 18 sites or more, of every kind, in two zones, with unique names", () => {
    fc.assert(
      fc.property(fc.integer({ min: 24, max: 700 }), fc.integer(), (meters, seed) => {
        const community = defaultCommunity({ meters, seed });
        const specs = metersOf(community);
        const all = [...specs, ...community.zones.map(({ feeder }) => feeder)];
        expect(specs).to.have.lengthOf(meters);
        expect(community.sites.length).to.be.at.least(18);
        expect(community.zones).to.have.lengthOf(2);
        expect(new Set(all.map(({ name }) => name)).size).to.equal(meters + 2);
        expect(new Set(all.map(({ kind }) => kind)).size).to.equal(11);
        expect(new Set(community.sites.map(({ kind }) => kind)).size).to.equal(10);
        expect(all.every(({ ratedPowerW }) => ratedPowerW >= 1_024 && ratedPowerW <= 65_011_712)).to.be.true;
        for (const zone of [0, 1]) expect(metersOf(community, zone).length).to.be.greaterThan(meters / 3);
      }),
      { numRuns: 60 },
    );
  });

  it("has homes with a battery behind one meter and homes with a meter for house, panels and battery", () => {
    const homes = defaultCommunity({ seed: 1 }).sites.filter(({ kind }) => kind === "household with solar and battery");
    const kinds = homes.map(({ meters }) => meters.map(({ kind }) => kind).join("+"));
    expect(new Set(kinds)).to.deep.equal(new Set(["prosumer", "consumer+solar+battery"]));
  });

  it("differs by seed and by nothing else", () => {
    expect(defaultCommunity({ seed: 1 })).to.deep.equal(defaultCommunity({ seed: 1 }));
    expect(defaultCommunity({ seed: 1 })).to.not.deep.equal(defaultCommunity({ seed: 2 }));
  });
});

describe("simulated profiles", () => {
  const community = defaultCommunity({ seed: 11 });
  const profiles = simulateProfiles({ ...parameters, community });

  it("cover every meter and feeder, slot by slot, within a quarter of the rated power", () => {
    const specs = [...metersOf(community), ...community.zones.map(({ feeder }) => feeder)];
    expect(profiles.size).to.equal(specs.length);
    for (const { name, ratedPowerW } of specs) {
      const { importWh, exportWh } = profileOf(profiles, name);
      expect([importWh.length, exportWh.length]).to.deep.equal([SLOTS, SLOTS]);
      expect(Math.max(...importWh, ...exportWh)).to.be.at.most(ratedPowerW / 4);
      expect(sum(importWh) + sum(exportWh), name).to.be.greaterThan(0);
    }
  });

  it("clip a home that wants more than its connection carries", () => {
    const meter = { name: "weak", kind: "consumer", ratedPowerW: 1_024 } as const;
    const weak: CommunitySpec = {
      zones: [{ name: "z", feeder: { name: "f", kind: "feeder", ratedPowerW: 2_000 }, lossPpm: 0 }],
      sites: [{ name: "weak", kind: "household", zone: 0, meters: [meter] }],
    };
    expect(Math.max(...profileOf(simulateProfiles({ ...parameters, community: weak }), "weak").importWh)).to.equal(256);
  });

  it("let generators only give, loads only take, and nobody do both in one slot", () => {
    for (const { name, kind } of metersOf(community)) {
      const { importWh, exportWh } = profileOf(profiles, name);
      if (["solar", "wind", "hydro", "geothermal"].includes(kind)) expect(sum(importWh), name).to.equal(0);
      if (["consumer", "industry", "datacentre"].includes(kind)) expect(sum(exportWh), name).to.equal(0);
      expect(importWh.every((energy, index) => energy === 0 || exportWh[index] === 0)).to.be.true;
    }
  });

  it("have no solar energy at night and the most of it around noon", () => {
    const { exportWh } = profileOf(profiles, "solar-farm-01");
    // At 8 degrees east the sun is highest at about 11:30 of universal time.
    for (let day = 0; day < 3; day++) {
      const slotsOfDay = exportWh.slice(day * 96, (day + 1) * 96);
      expect(sum(slotsOfDay.slice(0, 12)) + sum(slotsOfDay.slice(80))).to.equal(0);
      expect(sum(slotsOfDay.slice(36, 56))).to.be.greaterThan(sum(slotsOfDay) / 3);
    }
  });

  it("balance each feeder: net of its meters plus losses that never pass their share", () => {
    community.zones.forEach(({ feeder, lossPpm }, zone) => {
      const { importWh, exportWh } = profileOf(profiles, feeder.name);
      const meters = metersOf(community, zone).map(({ name }) => profileOf(profiles, name));
      for (let slot = 0; slot < SLOTS; slot++) {
        const flow = meters.reduce((net, one) => net + (one.importWh[slot] ?? 0) - (one.exportWh[slot] ?? 0), 0);
        const loss = (importWh[slot] ?? 0) - (exportWh[slot] ?? 0) - flow;
        expect(loss).to.equal(Math.floor((flow ** 2 * lossPpm) / 1e6 / Math.floor(feeder.ratedPowerW / 4)));
        expect(loss).to.be.within(0, (Math.abs(flow) * lossPpm) / 1e6);
      }
    });
  });

  it("make the sub-metered battery lower what its home draws and feeds in, by no more than its efficiency allows", () => {
    const home = community.sites.find(({ meters }) => meters.length === 3);
    const [house, panels, battery] = (home?.meters ?? []).map(({ name }) => profileOf(profiles, name));
    if (house === undefined || panels === undefined || battery === undefined) throw new Error("no sub-metered home");
    expect(sum(battery.exportWh))
      .to.be.greaterThan(0)
      .and.at.most(0.9 * sum(battery.importWh));
    for (let slot = 0; slot < SLOTS; slot++) {
      const without = (house.importWh[slot] ?? 0) - (panels.exportWh[slot] ?? 0);
      const withIt = without + (battery.importWh[slot] ?? 0) - (battery.exportWh[slot] ?? 0);
      expect(Math.abs(withIt)).to.be.at.most(Math.abs(without));
      expect(withIt * without).to.be.at.least(0);
    }
  });

  it("are the same for the same input, and others for another seed", () => {
    expect(simulateProfiles({ ...parameters, community })).to.deep.equal(profiles);
    expect(simulateProfiles({ ...parameters, community, seed: 12 })).to.not.deep.equal(profiles);
  });

  it("give a slot the same energy in any window, and a meter the same in any company, batteries apart", () => {
    const later = { ...parameters, firstSlot: parameters.firstSlot + 96, slots: 96 };
    const larger = simulateProfiles({ ...later, community: defaultCommunity({ meters: 60, seed: 11 }) });
    for (const { name, storage } of metersOf(community)) {
      if (storage !== undefined || !larger.has(name)) continue;
      const { importWh, exportWh } = profileOf(profiles, name);
      const part = { importWh: importWh.slice(96, 192), exportWh: exportWh.slice(96, 192) };
      expect(profileOf(larger, name), name).to.deep.equal(part);
    }
  });

  it("share one sky in a zone: two arrays rise and fall together", () => {
    const [first, second] = ["home-03.pv", "home-07.pv"].map((name) => {
      const rated = metersOf(community, 0).find((meter) => meter.name === name)?.ratedPowerW ?? Number.NaN;
      return Array.from(profileOf(profiles, name).exportWh, (energy) => energy / rated);
    });
    first?.forEach((share, slot) => expect(share).to.be.satisfy(near(second?.[slot] ?? Number.NaN, 1e-3)));
  });

  it("refuse a window or a place that cannot be, naming it", () => {
    for (const wrong of [
      { slots: 0 },
      { slots: 1.5 },
      { firstSlot: -1 },
      { latitudeDeg: 91 },
      { longitudeDeg: Number.NaN },
    ]) {
      const error = errorOf(() => simulateProfiles({ ...parameters, community, ...wrong }));
      expect(error.code).to.equal("SIMULATION_INPUT_INVALID");
      expect(error.values).to.have.property(Object.keys(wrong)[0] ?? "");
    }
  });

  it("refuse a community that could not be registered", () => {
    const feeder = { name: "f", kind: "feeder", ratedPowerW: 5_000 } as const;
    const home = { name: "h", kind: "consumer", ratedPowerW: 5_000 } as const;
    const build = (meters: MeterSpec[], zone = 0): CommunitySpec => ({
      zones: [{ name: "z", feeder, lossPpm: 0 }],
      sites: [{ name: "s", kind: "household", zone, meters }],
    });
    const codeOf = (broken: CommunitySpec): string =>
      errorOf(() => simulateProfiles({ ...parameters, community: broken })).code;
    expect(codeOf(build([home, home]))).to.equal("COMMUNITY_INVALID");
    expect(codeOf(build([home], 1))).to.equal("COMMUNITY_INVALID");
    expect(codeOf(build([{ ...home, ratedPowerW: 1_023 }]))).to.equal("COMMUNITY_INVALID");
    expect(codeOf(build([{ ...home, ratedPowerW: 65_011_713 }]))).to.equal("COMMUNITY_INVALID");
    expect(codeOf(build([{ ...home, kind: "prosumer" }]))).to.equal("METER_INCOMPLETE");
    expect(codeOf(build([{ ...home, kind: "battery" }]))).to.equal("METER_INCOMPLETE");
    expect(codeOf(build([{ ...home, kind: "feeder" }]))).to.equal("METER_HAS_NO_MODEL");
  });
});

describe("technical losses", () => {
  it("quadruple when the flow doubles and reach their share at the rated flow", () => {
    const at = (flowWh: number): number => technicalLoss({ flowWh, ratedPowerW: 400_000, lossPpm: 60_000 });
    expect([at(0), at(25_000), at(50_000), at(100_000), at(-100_000)]).to.deep.equal([0, 375, 1_500, 6_000, 6_000]);
  });

  it("are not hidden where a feeder is rated too low: that is refused with the energy and the limit", () => {
    const zone = { name: "z", feeder: { name: "f", kind: "feeder", ratedPowerW: 4_000 }, lossPpm: 0 } as const;
    const meter = { importWh: Uint32Array.of(1_001), exportWh: Uint32Array.of(0) };
    const error = errorOf(() => feederProfile({ zone, meters: [meter], slots: 1 }));
    expect(error.code).to.equal("FEEDER_OVERLOADED");
    expect(error.values).to.include({ netWh: 1_001, limitWh: 1_000 });
  });
});
