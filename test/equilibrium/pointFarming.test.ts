import { expect } from "chai";
import { measurePointFarming, playSeason, seasonSlots, type SeasonSlots } from "../../src/equilibrium/pointFarming.ts";
import { parseScenario } from "../../src/simulation/scenario.ts";

const scenario = parseScenario({
  ...{ name: "farmed", start: "2025-06-16", days: 4, latitudeDeg: 47, longitudeDeg: 8, zones: 1 },
  market: { importPrice: 300_000, exportPrice: 80_000 },
  agents: [
    { name: "homes", kind: "household", count: 12, ratedPowerW: 9_200 },
    { name: "solar homes", kind: "prosumer", count: 12, ratedPowerW: 11_000, solarPowerW: 6_000 },
  ],
});

/** Two slots of a home that takes 100 Wh in each: plenty, then nothing but demand. */
function twoSlots(): SeasonSlots {
  const season = seasonSlots(scenario);
  return {
    ...season,
    series: { ...season.series, slots: 2, netWh: Int32Array.of(100, 100) },
    fleet: { ...season.fleet, shape: Int32Array.of(0), size: Float64Array.of(1) },
    importPrice: Int32Array.of(250_000, 350_000),
    exportPrice: Int32Array.of(50_000, 150_000),
    scarcityPpm: Int32Array.of(-500_000, 1_000_000),
  };
}

describe("a battery that is cycled for points", () => {
  // Charges of an imported Wh: 60,000 for the network and 10,000 of levy; a point is worth (20,000 + 10,000) / 5 = 6,000.
  it("plays a season as worked out by hand", () => {
    const season = twoSlots();
    expect(season.pointPrice).to.equal(6_000);
    // Without a battery: 50 - 100 points are none, 200 Wh of rebate; 100 * 320,000 + 100 * 420,000.
    expect(playSeason(season, 0, 1, () => 0)).to.equal(200 * 6_000 - 74_000_000);
    // 1,000 Wh in, of which 900 come out: imports 1,100 at 320,000, exports 800 at 150,000; 550 + 800 points.
    const cycle = playSeason(season, 0, 1, ({ scarcityPpm }) => (scarcityPpm < 0 ? 1_000 : -1_000));
    expect(cycle).to.equal((1_100 + 550 + 800) * 6_000 - 1_100 * 320_000 + 800 * 150_000);
  });

  it("loses, though a point pays its most and every import has a rebate", () => {
    const gain = measurePointFarming({ season: seasonSlots(scenario), kind: "prosumer", homes: 12, seed: 1 });
    expect(gain.honestTicks).to.be.greaterThan(0);
    expect(gain.informed.share).to.equal(0);
    expect(gain.planned.high ?? 0).to.be.lessThan(0);
  });
});
