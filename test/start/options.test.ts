import { expect } from "chai";
import { startOptions, type StartFlags } from "../../scripts/start/options.ts";
import { JouleworkError } from "../../src/errors.ts";

const FLAGS: StartFlags = {
  days: "1",
  meters: "30",
  seed: "1",
  start: "2025-06-21",
  rule: "midpoint",
  port: "8545",
};

function refusal(flags: Partial<StartFlags>): JouleworkError {
  try {
    startOptions({ ...FLAGS, ...flags });
  } catch (error) {
    if (error instanceof JouleworkError) return error;
    throw error;
  }
  throw new Error(`${JSON.stringify(flags)} was taken`);
}

describe("the options of npm start", () => {
  it("become numbers, a day and its first slot", () => {
    const options = startOptions({ ...FLAGS, once: true, report: "report.json" });
    expect(options).to.deep.include({ days: 1, meters: 30, seed: 1, port: 8545, once: true, quiet: false });
    // 2025-06-21T00:00:00Z is 1,750,464,000.
    expect(options.firstSlot).to.equal(1_944_960);
    expect(options.report).to.equal("report.json");
  });

  const least: Partial<StartFlags>[] = [
    { days: "1", meters: "24", seed: "0", port: "1", start: "2000-01-01" },
    { days: "31", meters: "800", seed: "2147483647", port: "65535", start: "2400-01-01", rule: "sbba" },
    { start: "2024-02-29" },
  ];
  it("are taken at their smallest and largest values", () => {
    for (const flags of least) expect(() => startOptions({ ...FLAGS, ...flags }), JSON.stringify(flags)).not.to.throw();
  });

  const refused: [keyof StartFlags, string, RegExp][] = [
    ["days", "0", /at least 1/],
    ["days", "32", /at most 31/],
    ["days", "1.5", /whole number/],
    ["meters", "23", /at least 24/],
    ["meters", "801", /at most 800/],
    ["seed", "-1", /whole number/],
    ["seed", "2147483648", /at most/],
    ["port", "0", /at least 1/],
    ["port", "65536", /at most 65535/],
    ["start", "21.06.2025", /YYYY-MM-DD/],
    ["start", "2025-02-31", /not a day of the calendar/],
    ["start", "2023-02-29", /not a day of the calendar/],
    ["start", "1999-12-31", /between 2000 and 2400/],
    ["start", "2400-01-02", /between 2000 and 2400/],
    ["rule", "pay-as-bid", /midpoint or sbba/],
    ["profiles", "", /name a folder/],
    ["report", "", /name a file/],
    ["data", "", /name a folder/],
  ];
  for (const [option, value, reason] of refused) {
    it(`refuse --${option} ${value === "" ? "without a name" : value}, by its name`, () => {
      const error = refusal({ [option]: value });
      expect(error.code).to.equal("OPTION_INVALID");
      expect(error.message).to.match(reason).and.include(`--${option}`);
      expect(error.values).to.deep.equal({ [option]: value });
    });
  }
});
