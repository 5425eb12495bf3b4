import { expect } from "chai";
import highs from "highs";
import { parseScenario, simulate, type Scenario } from "../../src/simulation/index.ts";
import { near } from "../meters/profiles/near.ts";

// The package's types describe a module of ES, but it comes as one of CommonJS.
const loadSolver = highs as unknown as typeof highs.default;
const PERIOD = 96;
const CHARGES = 70_000;
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** A slot of a home that trades with the grid alone, without its battery. */
interface Slot {
  /** What the battery holds at the end. */
  readonly storedWh: number;
  readonly netWh: number;
  readonly importPrice: number;
  readonly exportPrice: number;
}

interface Device {
  readonly firstWh: number;
  readonly capacityWh: number;
  readonly limitWh: number;
  readonly efficiency: number;
}

/** The least that a home with a battery can pay over slots that it knows, ticks: a linear programme, energies continuous. */
async function leastCost(
  slots: readonly Slot[],
  { firstWh, capacityWh, limitWh, efficiency }: Device,
): Promise<number> {
  const lines: string[] = [];
  slots.forEach(({ netWh }, t) => {
    lines.push(` b${t}: i${t} - e${t} - c${t} + d${t} = ${netWh}`);
    const before = t === 0 ? "" : ` - s${t - 1}`;
    lines.push(` k${t}: s${t}${before} - ${efficiency} c${t} + d${t} = ${t === 0 ? firstWh : 0}`);
  });
  const costs = slots.map(({ importPrice, exportPrice }, t) => `${importPrice + CHARGES} i${t} - ${exportPrice} e${t}`);
  const bounds = slots.map(
    (_, t) => ` 0 <= c${t} <= ${limitWh}\n 0 <= d${t} <= ${limitWh}\n 0 <= s${t} <= ${capacityWh}`,
  );
  const text = `Minimize\n cost: ${costs.join("\n + ")}\nSubject To\n${lines.join("\n")}\nBounds\n${bounds.join("\n")}\nEnd\n`;
  const solver = await loadSolver();
  const { Status, ObjectiveValue } = solver.solve(text);
  expect(Status).to.equal("Optimal");
  return ObjectiveValue;
}

/** Homes with and without panels, of which the last has a battery of this control; prices swing with the sun. */
function scenarioOf(storage: object | undefined): Scenario {
  const home = { kind: "prosumer", count: 1, ratedPowerW: 11_000, sizeSpread: 0, solarPowerW: 3_000 };
  return parseScenario({
    ...{ name: "battery", start: "2025-06-16", days: 6, latitudeDeg: 47, longitudeDeg: 8, zones: 1 },
    market: { rule: "sbba", importPrice: 300_000, exportPrice: 80_000, slopePpm: 1_000_000, feePpm: 0 },
    agents: [
      { name: "sun", kind: "solar", count: 1, ratedPowerW: 150_000, sizeSpread: 0 },
      { name: "homes", kind: "household", count: 60, ratedPowerW: 9_200 },
      { name: "home", ...home, ...(storage === undefined ? {} : { storage }) },
    ],
  });
}

/** The last agent's slots under moving prices. */
function slotsOf(scenario: Scenario): Slot[] {
  const slots: Slot[] = [];
  simulate(scenario, "moving prices", undefined, {
    settled: ({ run, netWh, to, prices: { importPrice, exportPrice } }) => {
      const { batteries, planned } = run.fleet;
      const storedWh = batteries.storedWh[0] ?? planned.storedWh[0] ?? 0;
      slots.push({ storedWh, netWh: netWh[to - 1] ?? 0, importPrice, exportPrice });
    },
  });
  return slots;
}

const gridCost = (slots: readonly Slot[]): number =>
  sum(slots.map(({ netWh, importPrice, exportPrice }) => netWh * (netWh > 0 ? importPrice + CHARGES : exportPrice)));

describe("a simulated battery against its optimum", () => {
  const storage = { capacityWh: 8_000, powerW: 3_000, roundTripPpm: 900_000 };
  const device = { capacityWh: 8_000, limitWh: 750, efficiency: 0.9 };

  it("has an optimum that a case by hand agrees with: what is stored cheaply serves a dear slot, less the loss", async () => {
    const slots = [
      { storedWh: 90, netWh: 0, importPrice: 30_000, exportPrice: 0 },
      { storedWh: 0, netWh: 100, importPrice: 930_000, exportPrice: 0 },
    ];
    // Of 100 Wh, 90 come from 100 taken at 100,000 with charges, and 10 from the grid at 1,000,000.
    const cost = await leastCost(slots, { firstWh: 0, capacityWh: 1_000, limitWh: 100, efficiency: 0.9 });
    expect(cost).to.satisfy(near(100 * 100_000 + 10 * 1_000_000, 1e-9));
  });

  for (const [control, least] of [
    ["reactive", 0.6],
    ["forecast", 0.85],
  ] as const) {
    it(`saves at least ${String(least * 100)} % of what perfect foresight would, and never more, with control "${control}"`, async () => {
      const plain = slotsOf(scenarioOf(undefined));
      const held = slotsOf(scenarioOf({ ...storage, control }));
      // One home among sixty hardly moves the prices: both are valued at those with its battery.
      const valued = held.map((slot, place) => ({ ...slot, netWh: plain[place]?.netWh ?? 0 }));
      // The first day has no yesterday to plan by.
      const [from, to] = [PERIOD, held.length];
      const without = gridCost(valued.slice(from, to));
      const saved = without - gridCost(held.slice(from, to));
      const most =
        without - (await leastCost(valued.slice(from, to), { ...device, firstWh: held[from - 1]?.storedWh ?? 0 }));
      console.log(`        saved ${((100 * saved) / most).toFixed(1)} %`);
      expect(saved / most).to.be.within(least, 1);
    });
  }
});
