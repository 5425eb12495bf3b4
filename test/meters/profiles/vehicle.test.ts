import { expect } from "chai";
import fc from "fast-check";
import { readProfiles } from "../../../src/meters/profiles/readProfiles.ts";
import { vehicleSchedule, type VehicleStay } from "../../../src/meters/profiles/vehicleSchedule.ts";
import { vehicleStays } from "../../../src/meters/profiles/vehicleStays.ts";
import { errorOf, withFiles } from "./dataFiles.ts";
import { slotAt, sum } from "./windows.ts";

const FIRST = 1_000;
const storage = { capacityWh: 10_000, powerW: 8_000, roundTripPpm: 900_000 };

describe("an electric vehicle", () => {
  it("follows a worked example: must charge late, takes surplus at once, gives back what is beyond its required charge", () => {
    // 2,000 Wh a slot give 1,800. It begins with 5,000, its first stay's requirement.
    const first = {
      arrivalSlot: FIRST - 8,
      departureSlot: FIRST + 2,
      drivenWh: 0,
      requiredWh: 5_000,
      readySlot: FIRST + 2,
    };
    // It comes back with 2,000 less: 3,000, and must hold 6,000 four slots later.
    const second = {
      arrivalSlot: FIRST + 3,
      departureSlot: FIRST + 7,
      drivenWh: 2_000,
      requiredWh: 6_000,
      readySlot: FIRST + 7,
    };
    const { profile, departures } = vehicleSchedule({
      storage,
      stays: [first, second],
      firstSlot: FIRST,
      // Of a surplus of 1,000 it takes all, for 900; the deficit of 400 after it gets 400 of these 900.
      siteNetWh: Int32Array.of(-1_000, 400, -5_000, 300, 300, 300, 300, -700),
    });
    // Left with 5,500, back with 3,500. Two slots at full power bring 3,600: it may wait for two slots, then takes
    // ceil(700 / 0.9) = 778 to reach 4,200, and 2,000 for 1,800.
    expect([...profile.importWh]).to.deep.equal([1_000, 0, 0, 0, 0, 778, 2_000, 0]);
    expect([...profile.exportWh]).to.deep.equal([0, 400, 0, 0, 0, 0, 0, 0]);
    expect(departures.map(({ storedWh }) => storedWh)).to.deep.equal([5_500, 6_000]);
  });

  const stays = fc
    .array(
      fc.tuple(
        fc.integer({ min: 0, max: 40 }),
        fc.integer({ min: 1, max: 60 }),
        fc.nat({ max: 9_000 }),
        fc.nat({ max: 10_000 }),
      ),
      {
        minLength: 1,
        maxLength: 6,
      },
    )
    .map((gaps) => {
      let slot = FIRST - 20;
      return gaps.map(([away, there, drivenWh, requiredWh]): VehicleStay => {
        const arrivalSlot = slot + away;
        slot = arrivalSlot + there;
        return {
          arrivalSlot,
          departureSlot: slot,
          drivenWh,
          requiredWh,
          readySlot: arrivalSlot + Math.ceil(there / 2),
        };
      });
    });
  const nets = fc.array(fc.integer({ min: -4_000, max: 4_000 }), { minLength: 1, maxLength: 200 });
  const schedules = fc.tuple(stays, nets).map(([list, net]) => ({
    list,
    net,
    ...vehicleSchedule({ storage, stays: list, firstSlot: FIRST, siteNetWh: Int32Array.from(net) }),
  }));

  it("flows only while it is there, within its power, and gives back at most what the exchange's storage physics allows", () => {
    fc.assert(
      fc.property(schedules, ({ list, net, profile }) => {
        let taken = 0;
        let given = 0;
        net.forEach((netWh, index) => {
          const slot = FIRST + index;
          const [into, out] = [profile.importWh[index] ?? 0, profile.exportWh[index] ?? 0];
          const there = list.some(({ arrivalSlot, departureSlot }) => slot >= arrivalSlot && slot < departureSlot);
          if (!there) expect(into + out).to.equal(0);
          expect(Math.max(into, out)).to.be.at.most(2_000);
          expect(out).to.be.at.most(Math.max(0, netWh));
          taken += into;
          given += out;
          expect(given).to.be.at.most(storage.capacityWh + Math.floor(taken * 0.9));
        });
      }),
    );
  });

  it("leaves with the required charge, or has charged at full power in every slot until it should have held it", () => {
    fc.assert(
      fc.property(schedules, ({ profile, departures }) => {
        for (const { stay, storedWh } of departures) {
          if (storedWh >= stay.requiredWh) continue;
          for (let slot = Math.max(FIRST, stay.arrivalSlot); slot < stay.readySlot; ++slot) {
            expect(profile.importWh[slot - FIRST]).to.equal(2_000);
          }
        }
      }),
    );
  });

  it("drives on working days, stays on some others, and has the same trips in every window", () => {
    const of = (firstSlot: number, slots: number): VehicleStay[] =>
      vehicleStays({ seed: 3, name: "car", storage, firstSlot, slots, longitudeDeg: 8 });
    const monday = slotAt("2025-06-16T00:00Z");
    const year = of(monday, 364 * 96);
    // A trip ends every stay but the last: five a week, and about one of two weekend days.
    expect(year.length - 1).to.be.within(52 * 5 + 35, 52 * 5 + 70);
    const week = of(monday + 96, 7 * 96);
    const same = year.filter(({ departureSlot }) => departureSlot > monday + 96 && departureSlot <= monday + 8 * 96);
    expect(week.slice(1, -1)).to.deep.equal(same.slice(1, week.length - 1));
    for (const [index, { arrivalSlot, departureSlot }] of year.entries()) {
      expect(departureSlot).to.be.greaterThan(arrivalSlot);
      expect(arrivalSlot).to.be.greaterThan(year[index - 1]?.departureSlot ?? 0);
    }
  });
});

const METERS = [
  "timestamp,meter,import_wh,export_wh",
  ...Array.from({ length: 8 }, (_, index) => `2025-06-21T${String(index).padStart(2, "0")}:00:00Z,home,400,0`),
].join("\n");
const HEADER = "vehicle,home,capacity_wh,power_w,round_trip_ppm,arrival,departure,driven_wh,required_wh";
const ROW = "car,home,10000,8000,900000,2025-06-20T18:00:00Z,2025-06-21T04:00:00Z,0,6000";
const NEXT = "car,home,10000,8000,900000,2025-06-21T05:50:00Z,2025-06-21T07:20:00Z,3000,4800";

describe("vehicles.csv", () => {
  const read = (...rows: string[]) =>
    withFiles({ "meters.csv": METERS, "vehicles.csv": [HEADER, ...rows].join("\n") }, (dir) => readProfiles(dir));

  it("adds a storage meter to its home's site, which charges in whole slots of its stays", () => {
    const { community, profiles, firstSlot } = read(ROW, NEXT);
    const [site] = community.sites;
    expect(site?.kind).to.equal("household with electric vehicle");
    expect(site?.meters.map(({ name, kind }) => [name, kind])).to.deep.equal([
      ["home", "consumer"],
      ["car", "vehicle"],
    ]);
    const imported = [...(profiles.get("car")?.importWh ?? [])];
    // It left with 6,000 and lacks 1,800 of 4,800: one slot at full power, the last whole one before 07:20.
    expect(sum(imported)).to.equal(2_000);
    expect(imported.indexOf(2_000)).to.equal(slotAt("2025-06-21T07:00Z") - firstSlot);
  });

  it("refuses what cannot be, naming file, line and value", () => {
    const cases: [rows: string[], line: number, column: string, value: string][] = [
      [[ROW.replace("car", "home")], 2, "vehicle", "home"],
      [[ROW.replace(",home", ",house")], 2, "home", "house"],
      [[ROW, NEXT.replace("10000", "20000")], 3, "capacity_wh", "20000"],
      [[ROW.replace("6000", "10001")], 2, "required_wh", "10001"],
      [[ROW.replace("900000", "1000001")], 2, "round_trip_ppm", "1000001"],
      [[ROW, NEXT.replace("05:50", "03:40")], 3, "arrival", "2025-06-21T03:40:00Z"],
      [[ROW, NEXT.replace("07:20", "06:10")], 3, "departure", "2025-06-21T06:10:00Z"],
      // 6,000 less 3,000, and five slots from 06:00 to 07:15 at 1,800: 10,000 is what fits.
      [[ROW, NEXT.replace("3000", "6000").replace("4800", "9500")], 3, "required_wh", "9500"],
    ];
    for (const [rows, line, column, value] of cases) {
      const { code, values } = errorOf(() => read(...rows));
      expect(code).to.equal("PROFILE_DATA_INVALID");
      expect(values).to.include({ line, column, value });
    }
  });
});
