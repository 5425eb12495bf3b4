import { expect } from "chai";
import fc from "fast-check";
import { readProfiles, type ReadProfilesOptions } from "../../../src/meters/profiles/readProfiles.ts";
import type { ProfileData } from "../../../src/meters/profiles/profileData.ts";
import type { JouleworkError } from "../../../src/errors.ts";
import { errorOf, withFiles } from "./dataFiles.ts";
import { slotAt, sum } from "./windows.ts";

const HEADER = "timestamp,meter,import_wh,export_wh";

function read(rows: readonly string[], options: ReadProfilesOptions = {}, header = HEADER): ProfileData {
  return withFiles({ "meters.csv": [header, ...rows].join("\n") + "\n" }, (dir) => readProfiles(dir, options));
}

function importOf(data: ProfileData, meter: string): number[] {
  return [...(data.profiles.get(meter)?.importWh ?? [])];
}

/** Rows of one meter from midnight of universal time on, one a step. */
function series(meter: string, stepSeconds: number, importWh: readonly number[]): string[] {
  const start = Date.parse("2025-03-01T00:00:00Z");
  return importWh.map(
    (energy, index) => `${new Date(start + index * stepSeconds * 1_000).toISOString()},${meter},${energy},0`,
  );
}

describe("the long CSV format", () => {
  describe("given rows that are in order", () => {
    it("reads quarter hours as they are, with offsets, mixed meters, CRLF, a byte-order mark and further columns", () => {
      const text =
        "\uFEFFmeter,timestamp,export_wh,import_wh,note\r\n" +
        "a,2025-03-01T01:00:00+01:00,0,10,x\r\n" +
        "b,2025-03-01T00:00Z,7,0,y\r\n" +
        'a,2025-03-01T00:15:00Z,0,20,"with, comma"\r\n' +
        "b,2025-02-28T19:15:00-05:00,8,1,\r\n";
      const data = withFiles({ "x.csv": text }, (dir) => readProfiles(dir));
      expect(data.firstSlot).to.equal(slotAt("2025-03-01T00:00Z"));
      expect(data.slots).to.equal(2);
      expect(importOf(data, "a")).to.deep.equal([10, 20]);
      expect([...(data.profiles.get("b")?.exportWh ?? [])]).to.deep.equal([7, 8]);
      expect(data.community.sites.map(({ name, kind, meters }) => [name, kind, meters[0]?.kind])).to.deep.equal([
        ["a", "household", "consumer"],
        ["b", "household with solar", "prosumer"],
      ]);
    });

    it("sums finer readings", () => {
      const data = read(series("a", 300, [1, 2, 3, 4, 5, 6]));
      expect(importOf(data, "a")).to.deep.equal([6, 15]);
    });

    it("spreads coarser readings evenly and loses nothing", () => {
      const data = read(series("a", 3_600, [10, 1, 3]));
      expect(importOf(data, "a")).to.deep.equal([3, 2, 3, 2, 0, 1, 0, 0, 1, 1, 0, 1]);
    });

    it("keeps the total and stays within one Wh of the even share at every interval", () => {
      const steps = fc.constantFrom(1, 60, 180, 300, 450, 900, 1_800, 3_600, 86_400);
      const energies = fc.array(fc.nat({ max: 5_000 }), { minLength: 2, maxLength: 6 });
      fc.assert(
        fc.property(steps, energies, (step, values) => {
          const perSlot = Math.max(1, 900 / step);
          const whole = Array.from(
            { length: Math.ceil(values.length / perSlot) * perSlot },
            (_, at) => values[at] ?? 0,
          );
          const padded = whole.length === 1 ? [...whole, 0] : whole;
          const read_ = importOf(read(series("a", step, padded)), "a");
          expect(sum(read_)).to.equal(sum(padded));
          const parts = step / 900;
          if (parts > 1) {
            read_.forEach((energy, slot) => {
              expect(Math.abs(energy - (padded[Math.floor(slot / parts)] ?? 0) / parts)).to.be.at.most(1);
            });
          }
        }),
        { numRuns: 40 },
      );
    });

    it("mixes meters of different intervals and files of different meters", () => {
      const files = {
        "1.csv": [HEADER, ...series("fine", 450, [1, 2, 3, 4, 5, 6, 7, 8])].join("\n"),
        "2.csv": [HEADER, ...series("coarse", 1_800, [4, 8])].join("\n"),
      };
      const data = withFiles(files, (dir) => readProfiles(dir));
      expect(importOf(data, "fine")).to.deep.equal([3, 7, 11, 15]);
      expect(importOf(data, "coarse")).to.deep.equal([2, 2, 4, 4]);
    });

    it("cuts the window that is asked for", () => {
      const rows = series(
        "a",
        3_600,
        Array.from({ length: 72 }, (_, hour) => 4 * hour),
      );
      const data = read(rows, { start: new Date("2025-03-02T00:00:00Z"), days: 1 });
      expect([data.firstSlot, data.slots]).to.deep.equal([slotAt("2025-03-02T00:00Z"), 96]);
      expect(importOf(data, "a").filter((_, slot) => slot % 4 === 0)).to.deep.equal(
        Array.from({ length: 24 }, (_, hour) => 24 + hour),
      );
    });

    it("makes a feeder of the meters' sum and losses, and rates every meter above its largest energy", () => {
      const data = read(series("a", 900, [3_000, 100, 0]), { lossPpm: 0 });
      const [zone] = data.community.zones;
      expect([...(data.profiles.get(zone?.feeder.name ?? "")?.importWh ?? [])]).to.deep.equal([3_000, 100, 0]);
      // 3,000 Wh a quarter hour are 12 kW; a quarter of headroom makes 15.
      expect(data.community.sites[0]?.meters[0]?.ratedPowerW).to.equal(15_000);
    });
  });

  describe("given something that is wrong", () => {
    /** Good rows: line 2 is 00:00, line 3 is 00:15, and so on. */
    const good = series("a", 900, [1, 2, 3, 4, 5]);
    const replaced = (index: number, row: string): string[] => good.map((old, at) => (at === index ? row : old));
    const at = (clock: string, rest = "a,1,0"): string => `2025-03-01T${clock},${rest}`;

    const cases: [name: string, rows: string[], line: number, value: string, what: RegExp][] = [
      ["a gap", good.filter((_, index) => index !== 2), 4, "2025-03-01T00:45:00.000Z", /gap/],
      [
        "a duplicate",
        [...good.slice(0, 2), good[1] ?? "", ...good.slice(2)],
        4,
        "2025-03-01T00:15:00.000Z",
        /duplicate/,
      ],
      ["the wrong order", [...good, at("00:30:00Z")], 7, "2025-03-01T00:30:00Z", /order/],
      ["a negative energy", replaced(1, at("00:15:00Z", "a,-5,0")), 3, "-5", /negative/],
      ["a negative export", replaced(4, at("01:00:00Z", "a,0,-0.5")), 6, "-0.5", /negative/],
      ["a word for a number", replaced(3, at("00:45:00Z", "a,n/a,0")), 5, "n/a", /not a number/],
      ["an empty cell", replaced(3, at("00:45:00Z", "a,,0")), 5, "", /not a number/],
      ["a hexadecimal number", replaced(3, at("00:45:00Z", "a,0x1F,0")), 5, "0x1F", /not a number/],
      ["a number beyond all bounds", replaced(3, at("00:45:00Z", "a,1e999,0")), 5, "1e999", /not a number/],
      ["a part of a Wh", replaced(3, at("00:45:00Z", "a,1.5,0")), 5, "1.5", /whole number/],
      ["no offset", replaced(2, at("00:30:00")), 4, "2025-03-01T00:30:00", /no offset/],
      ["another date format", replaced(2, "01/03/2025 00:30,a,1,0"), 4, "01/03/2025 00:30", /ISO 8601/],
      ["a day that does not exist", replaced(2, "2025-02-30T00:30:00Z,a,1,0"), 4, "2025-02-30T00:30:00Z", /ISO 8601/],
      ["half a second", replaced(2, at("00:30:00.5Z")), 4, "2025-03-01T00:30:00.5Z", /whole second/],
      ["a row off the grid", replaced(2, at("00:31:00Z")), 4, "2025-03-01T00:31:00Z", /not aligned/],
      [
        "rows that all miss the slots' start",
        series("a", 900, [1, 2]).map((row) => row.replace(/:(00|15):00\.000Z/, ":$1:30Z")),
        2,
        "2025-03-01T00:00:30Z",
        /first reading is not aligned/,
      ],
      [
        "an interval that fits no slot",
        series("a", 420, [1, 2, 3]),
        3,
        "2025-03-01T00:07:00.000Z",
        /interval does not fit/,
      ],
      [
        "finer rows that leave the last slot open",
        series("a", 300, [1, 2, 3, 4]),
        5,
        "2025-03-01T00:15:00.000Z",
        /incomplete/,
      ],
      ["a meter with one row", good.slice(0, 1), 2, "2025-03-01T00:00:00.000Z", /single moment/],
      ["no meter name", replaced(1, at("00:15:00Z", ",1,0")), 3, "", /names no meter/],
      ["energy that no meter could carry", replaced(1, at("00:15:00Z", "a,20000000,0")), 3, "20000000", /rated for/],
    ];
    for (const [name, rows, line, value, what] of cases) {
      it(`refuses ${name}, naming file, line and value`, () => {
        const error = errorOf(() => read(rows));
        expect(error.message).to.match(what);
        expect(error.values.file).to.match(/meters\.csv$/);
        expect(error.values.line).to.equal(line);
        expect(String(error.values.value)).to.equal(value);
      });
    }

    const expectPlace = (error: JouleworkError, line: number, text: RegExp): void => {
      expect(error.values.file).to.match(/\.csv$/);
      expect(error.values.line).to.equal(line);
      expect(error.message).to.match(text);
    };

    it("refuses a missing column and one that is named twice", () => {
      expectPlace(
        errorOf(() => read([], {}, "timestamp,meter,import_wh")),
        1,
        /lacks a column.*export_wh/,
      );
      expectPlace(
        errorOf(() => read([], {}, `${HEADER},meter`)),
        1,
        /twice.*"meter"/,
      );
    });

    it("refuses a row with too few fields, an open quote and a file without rows", () => {
      expectPlace(
        errorOf(() => read([...good, "2025-03-01T01:15:00Z,a,1"])),
        7,
        /well-formed/,
      );
      expectPlace(
        errorOf(() => read([...good, '2025-03-01T01:15:00Z,"a,1,0'])),
        7,
        /well-formed/,
      );
      expectPlace(
        errorOf(() => read([])),
        1,
        /no rows/,
      );
    });

    it("counts lines as an editor does where lines are empty or end differently", () => {
      const text = `${HEADER}\r\n\r\n${good[0] ?? ""}\n\n${at("00:15:00Z", "a,x,0")}\r\n`;
      const error = withFiles({ "x.csv": text }, (dir) => errorOf(() => readProfiles(dir)));
      expectPlace(error, 5, /not a number/);
    });

    it("names the second file where it repeats the first", () => {
      const text = [HEADER, ...good].join("\n");
      const error = withFiles({ "1.csv": text, "2.csv": text }, (dir) => errorOf(() => readProfiles(dir)));
      expectPlace(error, 2, /order/);
      expect(error.values.file).to.match(/2\.csv$/);
    });

    it("refuses meters that do not cover the window", () => {
      const late = [...good, ...series("b", 900, [1, 2, 3, 4, 5]).slice(1)];
      expectPlace(
        errorOf(() => read(late)),
        7,
        /b begins after/,
      );
      const early = [...good, ...series("b", 900, [1, 2, 3, 4])];
      expectPlace(
        errorOf(() => read(early)),
        10,
        /b ends before/,
      );
    });

    it("refuses a start inside a slot, more days than there are, and options of the other format", () => {
      const day = series("a", 3_600, new Array<number>(24).fill(1));
      const codeOf = (options: ReadProfilesOptions): string => errorOf(() => read(day, options)).code;
      expect(codeOf({ start: new Date("2025-03-01T00:01:00Z") })).to.equal("PROFILE_START_INVALID");
      expect(codeOf({ start: new Date("nonsense") })).to.equal("PROFILE_START_INVALID");
      expect(codeOf({ days: 2 })).to.equal("PROFILE_OPTION_INVALID");
      expect(codeOf({ homes: 1 })).to.equal("PROFILE_OPTION_INVALID");
      expect(read(day, { days: 1 }).slots).to.equal(96);
    });

    it("refuses a start after the data, and a path or folder without data", () => {
      expectPlace(
        errorOf(() => read(good, { start: new Date("2026-01-01T00:00:00Z") })),
        6,
        /a ends before/,
      );
      expect(errorOf(() => readProfiles("/nowhere/at/all")).values.file).to.equal("/nowhere/at/all");
      expect(withFiles({}, (dir) => errorOf(() => readProfiles(dir))).message).to.match(/neither/);
    });
  });
});
