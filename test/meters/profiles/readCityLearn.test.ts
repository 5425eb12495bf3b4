import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { readProfiles, type ReadProfilesOptions } from "../../../src/meters/profiles/readProfiles.ts";
import type { ProfileData } from "../../../src/meters/profiles/profileData.ts";
import { errorOf, withFiles } from "./dataFiles.ts";
import { slotAt, sum } from "./windows.ts";

const REAL_DATA = join(import.meta.dirname, "../../../../shared/data/citylearn-2022");
const HEADER = "month,hour,day_type,non_shiftable_load,solar_generation";

/** Month, hour and day of the week of a row, where row 0 is the last hour of a Sunday, 31 July. */
function calendar(index: number): string {
  const day = Math.floor((index + 23) / 24);
  return `${day === 0 ? 7 : 8},${((index + 23) % 24) + 1},${((day + 6) % 7) + 1}`;
}

/** Two days from hour 24 on, as in the real files: load 1 kWh, and in hour 12 also 500 W per kW of panels. */
function rows(count = 48): string[] {
  return Array.from({ length: count }, (_, index) => {
    const hour = ((index + 23) % 24) + 1;
    return `${calendar(index)},1.0,${hour === 12 ? 500 : 0}`;
  });
}

function schema(hours: number, building: object = {}): string {
  const home = { energy_simulation: "home.csv", pv: { attributes: { nominal_power: 4 } }, ...building };
  return JSON.stringify({ simulation_start_time_step: 0, simulation_end_time_step: hours - 1, buildings: { home } });
}

function read(
  lines: readonly string[],
  options: ReadProfilesOptions = {},
  schemaText = schema(48),
  header = HEADER,
): ProfileData {
  return withFiles({ "schema.json": schemaText, "home.csv": [header, ...lines].join("\n") }, (dir) =>
    readProfiles(dir, options),
  );
}

function home(data: ProfileData): { importWh: number[]; exportWh: number[] } {
  const profile = data.profiles.get("home");
  return { importWh: [...(profile?.importWh ?? [])], exportWh: [...(profile?.exportWh ?? [])] };
}

describe("the CityLearn layout", () => {
  describe("given a small folder", () => {
    it("nets load and generation hour by hour and spreads each hour over its slots", () => {
      const { importWh, exportWh } = home(read(rows()));
      // Row 0 is hour 24, so row 12 is hour 12: 1,000 Wh of load less 500 W x 4 kW.
      expect(importWh.slice(0, 4)).to.deep.equal([250, 250, 250, 250]);
      expect(exportWh.slice(48, 52)).to.deep.equal([250, 250, 250, 250]);
      expect([sum(importWh), sum(exportWh)]).to.deep.equal([46_000, 2_000]);
    });

    it("loses no part of a Wh: thirds of a Wh an hour add up", () => {
      const lines = rows().map((_, index) => `${calendar(index)},0.0003333333,0`);
      expect(sum(home(read(lines)).importWh)).to.equal(16);
    });

    it("puts row 24 x firstDay at the start, whatever hour the row carries", () => {
      const lines = rows().map((row, index) => (index === 24 ? row.replace(",1.0,", ",2.0,") : row));
      const data = read(lines, { firstDay: 1, start: new Date("2031-05-05T05:00:00Z") });
      expect([data.firstSlot, data.slots]).to.deep.equal([slotAt("2031-05-05T05:00Z"), 96]);
      expect(home(data).importWh.slice(0, 5)).to.deep.equal([500, 500, 500, 500, 250]);
    });

    it("starts unless told where the real row 0 is 23:00 of a Sunday in California", () => {
      expect(read(rows()).firstSlot).to.equal(slotAt("2016-08-01T07:00Z"));
    });

    it("rates a home by the largest hour of the whole file, outside the window too", () => {
      const lines = rows().map((row, index) => (index === 40 ? row.replace(",1.0,", ",8.0,") : row));
      expect(read(lines, { days: 1 }).community.sites[0]?.meters[0]?.ratedPowerW).to.equal(10_000);
    });

    it("lets a holiday stand for any day of the week", () => {
      const lines = rows().map((row) => row.replace(/^8,(\d+),1,/, "8,$1,8,"));
      expect(sum(home(read(lines)).importWh)).to.equal(46_000);
    });

    it("takes a building without panels as a household", () => {
      const data = read(rows(), {}, schema(48, { pv: null }));
      expect(data.community.sites[0]).to.deep.include({ kind: "household" });
      expect(sum(home(data).exportWh)).to.equal(0);
    });
  });

  describe("given something that is wrong", () => {
    const replaced = (index: number, row: string): string[] => rows().map((old, at) => (at === index ? row : old));
    /** Gives the rows of one day another month and day of the week. */
    const replacedDay = ([month, day]: [string, string], [newMonth, newDay]: [string, string]): string[] =>
      rows().map((row) => row.replace(new RegExp(`^${month},(\\d+),${day},`), `${newMonth},$1,${newDay},`));
    const cases: [name: string, lines: string[], line: number, value: string, what: RegExp][] = [
      ["a negative load", replaced(3, "8,3,1,-0.5,0"), 5, "-0.5", /negative/],
      ["a negative generation", replaced(3, "8,3,1,0.5,-1"), 5, "-1", /negative/],
      ["a load that is no number", replaced(3, "8,3,1,none,0"), 5, "none", /not a number/],
      ["an empty generation", replaced(47, "8,23,2,1,"), 49, "", /not a number/],
      ["a missing row at the end", rows(47), 48, "47", /not as many rows/],
      ["a row too many", rows(49), 50, "49", /not as many rows/],
      ["hours out of order", replaced(5, "8,7,1,1,0"), 7, "7", /hour is out of order/],
      ["a day that is left out", replacedDay(["8", "1"], ["8", "2"]), 3, "2", /day_type is out of order/],
      ["a day that changes before midnight", replaced(9, "8,9,2,1,0"), 11, "2", /day_type is out of order/],
      ["a month that is left out", replacedDay(["8", "1"], ["9", "1"]), 3, "9", /month is out of order/],
      ["an hour beyond the day", replaced(0, "7,25,7,1,0"), 2, "25", /out of order/],
      ["a load that no meter could carry", replaced(9, "8,9,1,70000,0"), 11, "70000000", /rated for/],
    ];
    for (const [name, lines, line, value, what] of cases) {
      it(`refuses ${name}, naming file, line and value`, () => {
        const error = errorOf(() => read(lines));
        expect(error.message).to.match(what);
        expect(error.values.file).to.match(/home\.csv$/);
        expect(error.values.line).to.equal(line);
        expect(String(error.values.value)).to.equal(value);
      });
    }

    it("refuses a missing column", () => {
      const error = errorOf(() => read(rows(), {}, schema(48), HEADER.replace("solar_generation", "sun")));
      expect(error.values).to.include({ line: 1, value: "solar_generation" });
    });

    it("refuses a schema that is no JSON, lacks what is needed, points outside or names no file there is", () => {
      const messageOf = (text: string): string => {
        const error = errorOf(() => read(rows(), {}, text));
        expect(error.values.file).to.match(/\.(json|csv)$/);
        return error.message;
      };
      expect(messageOf("{")).to.match(/read as JSON/);
      expect(messageOf("{}")).to.match(/does not describe/);
      expect(messageOf(schema(48, { pv: { attributes: { nominal_power: -4 } } }))).to.match(/buildings\.home\.pv/);
      expect(messageOf(schema(48, { energy_simulation: "../home.csv" }))).to.match(/plain file name/);
      expect(messageOf(schema(48, { energy_simulation: "away.csv" }))).to.match(/away\.csv/);
      expect(messageOf(schema(48, { include: false }))).to.match(/no building/);
    });

    it("refuses homes and days that the data do not have", () => {
      for (const options of [
        { homes: ["home", "villa"] },
        { homes: ["villa"] },
        { homes: [] },

        { homes: 0 },
        { homes: 2 },
        { firstDay: 2 },
        { days: 3 },
        { days: 0 },
        { firstDay: 1, days: 2 },
      ]) {
        expect(errorOf(() => read(rows(), options)).code).to.equal("PROFILE_OPTION_INVALID");
      }
    });
  });

  describe("given the measured homes of 2022", () => {
    before(function () {
      if (existsSync(join(REAL_DATA, "schema.json"))) return;
      console.log(`      skipped: no measured data at ${REAL_DATA}`);
      this.skip();
    });

    /** Wh in and out of a home over its rows, by decimal arithmetic on the file's own digits, rounded at the end. */
    function exactTotals(file: string, nominalKw: bigint, from: number, to: number): [number, number] {
      const scale = 18;
      const exact = (text: string): bigint => {
        const [, whole = "", fraction = "", exponent = "0"] = /^(\d+)(?:\.(\d*))?(?:e([+-]\d+))?$/i.exec(text) ?? [];
        const shift = BigInt(scale - fraction.length + Number(exponent));
        const digits = BigInt(whole + fraction);
        return shift >= 0n ? digits * 10n ** shift : digits / 10n ** -shift;
      };
      const [header = "", ...lines] = readFileSync(join(REAL_DATA, file), "utf8").trim().split("\n");
      const columns = header.trim().split(",");
      let taken = 0n;
      let given = 0n;
      for (const line of lines.slice(from, to)) {
        const cells = line.trim().split(",");
        const load = exact(cells[columns.indexOf("non_shiftable_load")] ?? "") * 1_000n;
        const net = load - exact(cells[columns.indexOf("solar_generation")] ?? "") * nominalKw;
        if (net > 0n) taken += net;
        else given -= net;
      }
      const rounded = (value: bigint): number => Number((value + 10n ** BigInt(scale) / 2n) / 10n ** BigInt(scale));
      return [rounded(taken), rounded(given)];
    }

    it("gives every home's year to the Wh", () => {
      const data = readProfiles(REAL_DATA);
      expect(data.slots).to.equal(365 * 96);
      expect(data.community.sites).to.have.lengthOf(9);
      for (let home_ = 1; home_ <= 9; home_++) {
        const profile = data.profiles.get(`Building_${home_}`);
        const totals = exactTotals(`Building_${home_}.csv`, home_ === 4 ? 5n : 4n, 0, 8_760);
        expect([sum(profile?.importWh ?? []), sum(profile?.exportWh ?? [])]).to.deep.equal(totals);
      }
    });

    it("chooses homes by name, in the order that is asked for", () => {
      const data = readProfiles(REAL_DATA, { homes: ["Building_7", "Building_2"], days: 1 });
      expect(data.community.sites.map(({ name }) => name)).to.deep.equal(["Building_7", "Building_2"]);
      const { importWh = [], exportWh = [] } = data.profiles.get("Building_7") ?? {};
      expect([sum(importWh), sum(exportWh)]).to.deep.equal(exactTotals("Building_7.csv", 4n, 0, 24));
    });

    it("gives a week of three homes to the Wh, each within its rating, and a feeder that balances", () => {
      const start = new Date("2025-06-01T07:00:00Z");
      const data = readProfiles(REAL_DATA, { homes: 3, firstDay: 100, days: 7, start });
      expect([data.firstSlot, data.slots, data.profiles.size]).to.deep.equal([slotAt("2025-06-01T07:00Z"), 672, 4]);
      for (const { name, meters } of data.community.sites) {
        const { importWh = [], exportWh = [] } = data.profiles.get(name) ?? {};
        expect([sum(importWh), sum(exportWh)]).to.deep.equal(exactTotals(`${name}.csv`, 4n, 2_400, 2_568));
        expect(Math.max(...importWh, ...exportWh)).to.be.at.most((meters[0]?.ratedPowerW ?? 0) / 4);
      }
      const [zone] = data.community.zones;
      const feeder = data.profiles.get(zone?.feeder.name ?? "");
      const net = (name: string, slot: number): number =>
        (data.profiles.get(name)?.importWh[slot] ?? 0) - (data.profiles.get(name)?.exportWh[slot] ?? 0);
      for (let slot = 0; slot < data.slots; slot++) {
        const flow = sum(data.community.sites.map(({ name }) => net(name, slot)));
        const loss = (feeder?.importWh[slot] ?? 0) - (feeder?.exportWh[slot] ?? 0) - flow;
        expect(loss).to.be.within(0, (Math.abs(flow) * (zone?.lossPpm ?? 0)) / 1e6);
      }
    });
  });
});
