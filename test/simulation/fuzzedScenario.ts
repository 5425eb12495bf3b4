import fc from "fast-check";
import { parseScenario, type Scenario } from "../../src/simulation/index.ts";

const strategy = fc.constantFrom(
  { kind: "truthful" },
  { kind: "shading", share: 0.2 },
  { kind: "zip" },
  { kind: "roth-erev" },
);
const count = fc.integer({ min: 1, max: 5 });
const share = fc.constantFrom(0, 0.5, 1);

/** A small community of every kind of agent, honest and not, on lines of any width. */
export const fuzzedScenario: fc.Arbitrary<Scenario> = fc
  .record({
    seed: fc.integer({ min: 1, max: 1_000_000 }),
    zones: fc.integer({ min: 1, max: 2 }),
    rule: fc.constantFrom("midpoint", "sbba"),
    slopePpm: fc.constantFrom(0, 500_000, 1_000_000),
    limitW: fc.constantFrom(undefined, 0, 20_000),
    counts: fc.tuple(count, count, count, count, count, count, count),
    strategy,
    flexibleShare: share,
    dishonest: share,
    control: fc.constantFrom("reactive", "forecast"),
    placement: fc.constantFrom("price", "green", "either"),
    roundTripPpm: fc.constantFrom(700_000, 900_001, 1_000_000),
    giftCredits: fc.integer({ min: 0, max: 20 }),
  })
  .map(({ seed, zones, rule, slopePpm, limitW, counts, ...rest }) => {
    const storage = { capacityWh: 9_000, powerW: 4_000, roundTripPpm: rest.roundTripPpm, control: rest.control };
    const [homes, cars, solar, batteries, wind, centres, stores] = counts;
    const prosumer = { kind: "prosumer", ratedPowerW: 11_000, solarPowerW: 6_000, strategy: rest.strategy };
    return parseScenario({
      ...{ name: "fuzzed", start: "2025-06-16", days: 2, seed, latitudeDeg: 47, longitudeDeg: 8, zones },
      market: { rule, importPrice: 300_000, exportPrice: 80_000, slopePpm },
      game: { seasonSlots: 96, giftCredits: rest.giftCredits, feeDiscountsPpm: [0, 250_000] },
      grid: limitW === undefined ? {} : { importLimitW: limitW, exportLimitW: limitW },
      certificatePrice: 4_000,
      agents: [
        {
          ...{ name: "homes", kind: "household", count: homes, ratedPowerW: 9_200, flexibleShare: rest.flexibleShare },
          dishonest: { kind: "withholding", share: rest.dishonest, often: 0.2 },
        },
        {
          ...{ name: "cars", kind: "household", count: cars, ratedPowerW: 13_000 },
          vehicle: { capacityWh: 40_000, powerW: 7_000, roundTripPpm: rest.roundTripPpm },
        },
        { name: "solar", count: solar, ...prosumer, dishonest: { kind: "overstating", share: rest.dishonest } },
        {
          ...{ name: "batteries", count: batteries, ...prosumer, storage },
          dishonest: { kind: "farming", share: rest.dishonest },
        },
        { name: "wind", kind: "wind", count: wind, ratedPowerW: 30_000 },
        {
          ...{ name: "centres", kind: "data centre", count: centres, ratedPowerW: 40_000 },
          training: { dailyWh: 90_000, powerW: 12_000, placement: rest.placement, payPrice: 300_000 },
          dishonest: { kind: "copying", share: rest.dishonest },
        },
        { name: "stores", kind: "battery", count: stores, ratedPowerW: 9_200, storage },
      ],
    });
  });
