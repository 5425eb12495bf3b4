import { expect } from "chai";
import { JouleworkError } from "../../../src/errors.ts";
import { readIntensityCsv } from "../../../src/training/jobs/intensityCsv.ts";

const HEADER = "timestamp,g_per_kwh";

function problemOf(read: () => unknown): unknown {
  try {
    read();
  } catch (error) {
    if (error instanceof JouleworkError && error.code === "INTENSITY_INVALID") return error.values;
    throw error;
  }
  return undefined;
}

describe("carbon intensities by time", () => {
  it("hold from their time to the next row's", () => {
    const series = readIntensityCsv(`${HEADER}\n2026-06-01T00:00:00Z,312.5\n2026-06-01T02:30:00+02:00,298\n`);
    // 2026-06-01T00:00Z is slot 1,780,272,000 / 900.
    const first = 1_978_080;
    expect([first, first + 1, first + 2, first + 99].map((slot) => series.at(slot))).to.deep.equal([
      312.5, 312.5, 298, 298,
    ]);
  });

  it("are refused before their first row", () => {
    const series = readIntensityCsv(`${HEADER}\n2026-06-01T00:00:00Z,312.5\n`);
    expect(problemOf(() => series.at(1_978_079))).to.deep.equal({ slot: 1_978_079 });
  });

  for (const [name, text, line] of [
    ["another header", "time,g\n", 1],
    ["a time without zone", `${HEADER}\n2026-06-01T00:00:00,1\n`, 2],
    ["a day that does not exist", `${HEADER}\n2026-13-01T00:00:00Z,1\n`, 2],
    ["a negative intensity", `${HEADER}\n2026-06-01T00:00:00Z,-1\n`, 2],
    ["an empty intensity", `${HEADER}\n2026-06-01T00:00:00Z,\n`, 2],
    ["times that do not rise", `${HEADER}\n2026-06-01T00:00:00Z,1\n2026-06-01T00:00:00Z,2\n`, 3],
  ] as const) {
    it(`are refused for ${name}`, () => {
      expect(problemOf(() => readIntensityCsv(text))).to.have.property("line", line);
    });
  }

  it("are refused where a row has another number of columns", () => {
    expect(problemOf(() => readIntensityCsv(`${HEADER}\n2026-06-01T00:00:00Z,1,2\n`))).to.deep.equal({});
  });
});
