import { expect } from "chai";
import type { MethodResult } from "../../src/placement/index.ts";
import { conclude } from "../../src/placement/formatPlacement.ts";

function result(method: MethodResult["method"], quality: number | null, cpuSeconds: number): MethodResult {
  return { method, quality, cpuSeconds, feasible: quality !== null, placedJobs: 1, surplusTicks: 1 };
}

const EXACT = result("mixed-integer programme", 1, 1);

describe("the conclusion of a comparison", () => {
  it("names who was faster, where somebody found the optimum faster", () => {
    const text = conclude([EXACT, result("simulated annealing", 1, 0.5), result("QAOA, simulated", 0.9, 0.1)]).join(
      "\n",
    );
    expect(text).to.include("found by simulated annealing.");
    expect(text).to.include("missed by QAOA, simulated (90.0 %)");
    expect(text).to.include("Faster than the exact solver: simulated annealing;");
  });

  it("sees no reason for a method that found it later", () => {
    const text = conclude([EXACT, result("simulated annealing", 1, 2)]).join("\n");
    expect(text).to.include("None of them was faster").and.to.include("no reason here to use anything else");
    expect(text).not.to.include("missed");
  });

  it("says that nobody found it, and what was not even feasible", () => {
    const text = conclude([EXACT, result("simulated annealing", null, 0.1)]).join("\n");
    expect(text).to.include("No heuristic found the optimum.").and.to.include("simulated annealing (not feasible)");
    expect(text).to.include("The exact solver proves what it finds");
  });
});
