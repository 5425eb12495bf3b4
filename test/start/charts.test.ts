import { expect } from "chai";
import { timeAxis } from "../../scripts/start/charts.ts";

const slots = (first: number, count: number, every = 1) =>
  Array.from({ length: count }, (_, place) => ({ slot: first + place * every }));

describe("the time under a chart", () => {
  it("marks every third hour of a day under the column of its slot", () => {
    const axis = timeAxis(slots(1_944_960, 96));
    expect(axis.trim().split(/\s+/)).to.deep.equal([
      "00:00",
      "03:00",
      "06:00",
      "09:00",
      "12:00",
      "15:00",
      "18:00",
      "21:00",
    ]);
    // Nine columns of price and two of axis come first; twelve slots are three hours.
    expect(axis.indexOf("00:00")).to.equal(11);
    expect(axis.indexOf("12:00")).to.equal(11 + 48);
  });

  it("names the day of the month where the run is longer", () => {
    const axis = timeAxis(slots(1_944_960, 96, 7));
    expect(
      axis
        .trim()
        .split(/\s{2,}/)
        .slice(0, 2),
    ).to.deep.equal(["21. 00h", "21. 21h"]);
  });

  it("is empty where there is nothing to draw", () => {
    expect(timeAxis([])).to.equal("");
  });
});
