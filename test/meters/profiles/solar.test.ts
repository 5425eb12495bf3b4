import { expect } from "chai";
import fc from "fast-check";
import { clearSkyIrradiance } from "../../../src/meters/profiles/clearSkyIrradiance.ts";
import { cloudCover, cloudTransmission } from "../../../src/meters/profiles/cloudCover.ts";
import { cosineOfZenith, solarPosition } from "../../../src/meters/profiles/solarPosition.ts";
import { solarPower } from "../../../src/meters/profiles/solarPower.ts";
import { slotAt } from "./windows.ts";
import { near } from "./near.ts";

const unix = (iso: string): number => Date.parse(iso) / 1_000;

/** Minutes of a day at which the sun's centre is above the geometric horizon. */
function daylightMinutes(day: string, latitudeDeg: number): number {
  const midnight = unix(`${day}T00:00:00Z`);
  const minutes = Array.from({ length: 1_440 }, (_, minute) => midnight + minute * 60 + 30);
  return minutes.filter((unixSeconds) => cosineOfZenith({ unixSeconds, latitudeDeg, longitudeDeg: 0 }) > 0).length;
}

describe("the sun", () => {
  // Instants of 2025 from the astronomical almanacs.
  it("stands 23.44 degrees north and south of the equator at the solstices and on it at the equinoxes", () => {
    expect(solarPosition(unix("2025-06-21T02:42:00Z")).declinationDeg).to.be.satisfy(near(23.44, 0.01));
    expect(solarPosition(unix("2025-12-21T15:03:00Z")).declinationDeg).to.be.satisfy(near(-23.44, 0.01));
    expect(solarPosition(unix("2025-03-20T09:01:00Z")).declinationDeg).to.be.satisfy(near(0, 0.02));
    expect(solarPosition(unix("2025-09-22T18:19:00Z")).declinationDeg).to.be.satisfy(near(0, 0.02));
  });

  // The four extremes of the equation of time, as every sundial table has them.
  it("runs ahead of and behind the clock as sundial tables say", () => {
    expect(solarPosition(unix("2025-02-11T12:00:00Z")).equationOfTimeMinutes).to.be.satisfy(near(-14.2, 0.1));
    expect(solarPosition(unix("2025-05-14T12:00:00Z")).equationOfTimeMinutes).to.be.satisfy(near(3.65, 0.1));
    expect(solarPosition(unix("2025-07-26T12:00:00Z")).equationOfTimeMinutes).to.be.satisfy(near(-6.5, 0.1));
    expect(solarPosition(unix("2025-11-03T12:00:00Z")).equationOfTimeMinutes).to.be.satisfy(near(16.4, 0.1));
  });

  it("shines as long as the sunrise equation says: cos H = -tan(latitude) tan(declination)", () => {
    for (const day of ["2025-01-15", "2025-03-20", "2025-06-21", "2025-10-05"]) {
      for (const latitudeDeg of [-45, -10, 0, 34, 52, 60]) {
        const declination = (solarPosition(unix(`${day}T12:00:00Z`)).declinationDeg * Math.PI) / 180;
        const halfDay = Math.acos(-Math.tan((latitudeDeg * Math.PI) / 180) * Math.tan(declination));
        expect(daylightMinutes(day, latitudeDeg)).to.be.satisfy(near(((2 * halfDay) / (2 * Math.PI)) * 1_440, 3));
      }
    }
  });

  it("never sets in the polar summer and never rises in the polar winter", () => {
    expect(daylightMinutes("2025-06-21", 75)).to.equal(1_440);
    expect(daylightMinutes("2025-12-21", 75)).to.equal(0);
  });

  it("is highest at 12:00 of local apparent time, 4 minutes earlier a degree eastwards", () => {
    for (const longitudeDeg of [-117.4, 0, 8.5, 151]) {
      const day = unix("2025-11-03T00:00:00Z");
      const { equationOfTimeMinutes } = solarPosition(day + 43_200);
      const noon = 720 - 4 * longitudeDeg - equationOfTimeMinutes;
      const height = (minute: number): number =>
        cosineOfZenith({ unixSeconds: day + minute * 60, latitudeDeg: 40, longitudeDeg });
      expect(height(noon))
        .to.be.greaterThan(height(noon - 5))
        .and.greaterThan(height(noon + 5));
    }
  });
});

describe("solar power", () => {
  it("gives the clear-sky irradiance of Haurwitz's formula, worked by hand", () => {
    // 1098 exp(-0.059) and 1098 x 0.5 exp(-0.118).
    expect(clearSkyIrradiance(1)).to.be.satisfy(near(1_035.09, 0.01));
    expect(clearSkyIrradiance(0.5)).to.be.satisfy(near(487.89, 0.01));
    expect(clearSkyIrradiance(0)).to.equal(0);
    expect(clearSkyIrradiance(-0.3)).to.equal(0);
  });

  it("never passes the peak power and never turns negative", () => {
    fc.assert(
      fc.property(fc.double({ min: -50, max: 3_000, noNaN: true }), (irradianceWm2) => {
        expect(solarPower({ peakPowerW: 5_000, irradianceWm2 })).to.be.within(0, 5_000);
      }),
    );
  });

  it("lets a quarter of the light through an overcast sky and all of it through a clear one", () => {
    expect(cloudTransmission(0)).to.equal(1);
    expect(cloudTransmission(1)).to.equal(0.25);
  });

  it("has mostly clear or overcast days, and a cover that stays between none and all", () => {
    const cover = cloudCover({
      seed: 3,
      zone: "z",
      firstSlot: slotAt("2025-01-01T00:00Z"),
      slots: 96 * 730,
      longitudeDeg: 0,
    });
    expect(cover.every((share) => share >= 0 && share <= 1)).to.be.true;
    const middling = cover.filter((share) => share > 0.25 && share < 0.75).length / cover.length;
    expect(middling).to.be.within(0.2, 0.45);
    expect(cover.reduce((total, share) => total + share, 0) / cover.length).to.be.satisfy(near(0.5, 0.05));
  });
});
