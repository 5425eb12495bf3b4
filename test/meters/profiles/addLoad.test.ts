import { expect } from "chai";
import { defaultCommunity } from "../../../src/community/defaultCommunity.ts";
import { addLoad } from "../../../src/meters/profiles/addLoad.ts";
import { simulateProfiles } from "../../../src/meters/profiles/simulateProfiles.ts";

const SLOTS = 96;

function givenDay() {
  const community = defaultCommunity({ seed: 3 });
  const window = { firstSlot: 1_944_960, slots: SLOTS, seed: 3, latitudeDeg: 47, longitudeDeg: 8 };
  const profiles = simulateProfiles({ community, ...window });
  const home = community.sites.find(({ kind }) => kind === "household with solar");
  const meter = home?.meters[0]?.name ?? "";
  const feeder = community.zones[home?.zone ?? 0]?.feeder.name ?? "";
  const net = (name: string, index: number) =>
    (profiles.get(name)?.importWh[index] ?? 0) - (profiles.get(name)?.exportWh[index] ?? 0);
  return { community, profiles, meter, feeder, net };
}

describe("a load added behind a meter", () => {
  it("moves the meter by what it takes, and the feeder by that and the losses", () => {
    const { community, profiles, meter, feeder, net } = givenDay();
    for (const index of [0, 48, 95]) {
      const [homeBefore, feederBefore] = [net(meter, index), net(feeder, index)];
      expect(addLoad({ community, profiles, meter, index, energyWh: 500 })).to.equal(500);
      expect(net(meter, index) - homeBefore).to.equal(500);
      // Losses of a zone are at most 6 % of what flows.
      expect(net(feeder, index) - feederBefore).to.be.within(500 * 0.88, 500 * 1.12);
    }
  });

  it("leaves every other slot alone", () => {
    const { community, profiles, meter, feeder, net } = givenDay();
    const before = [meter, feeder].map((name) => Array.from({ length: SLOTS }, (_, index) => net(name, index)));
    addLoad({ community, profiles, meter, index: 40, energyWh: 500 });
    const after = [meter, feeder].map((name) => Array.from({ length: SLOTS }, (_, index) => net(name, index)));
    const moved = after.map((values, row) => values.flatMap((value, i) => (value === before[row]?.[i] ? [] : [i])));
    expect(moved).to.deep.equal([[40], [40]]);
  });

  it("takes no more than the rated power leaves", () => {
    const { community, profiles, meter, net } = givenDay();
    const taken = addLoad({ community, profiles, meter, index: 0, energyWh: 100_000 });
    // 11 kW for a quarter of an hour.
    expect(net(meter, 0)).to.equal(2_750);
    expect(taken).to.be.below(2_750);
  });

  it("refuses a meter that the community does not have", () => {
    const { community, profiles } = givenDay();
    expect(() => addLoad({ community, profiles, meter: "nobody", index: 0, energyWh: 1 })).to.throw("nobody");
  });
});
