import { expect } from "chai";
import fc from "fast-check";
import { dischargedWh, issuableWh, roundTripPpm } from "../../src/certificates/amounts.ts";
import { certificateBundle } from "../../src/certificates/bundle.ts";
import { decodeCertificateId, encodeCertificateId } from "../../src/certificates/certificateId.ts";
import { matchedEnergy } from "../../src/certificates/matchedEnergy.ts";
import { limitMatches, planMatches } from "../../src/certificates/planMatches.ts";
import { ENERGY_SOURCE_CODES, type EnergySourceName } from "../../src/market/codes.ts";
import { codeOf } from "../training/support/codes.ts";

const S = 1_944_960;
const SOURCES = Object.keys(ENERGY_SOURCE_CODES) as EnergySourceName[];
const lot = (slot: number, zone = 1, source: EnergySourceName = "solar") => encodeCertificateId({ zone, slot, source });

describe("a certificate's token id", () => {
  it("is laid out as documented", () => {
    expect(encodeCertificateId({ zone: 1, slot: 2, source: "wind" })).to.equal(0x01_0000_0002_02n);
    expect(encodeCertificateId({ zone: 0xffff, slot: 0xffff_ffff, source: "storage" })).to.equal(0xffff_ffff_ffff_06n);
  });

  it("gives back what it was made of", () => {
    const lots = fc.record({
      zone: fc.nat(0xffff),
      slot: fc.nat(0xffff_ffff),
      source: fc.constantFrom(...SOURCES),
    });
    fc.assert(
      fc.property(lots, (one) => {
        expect(decodeCertificateId(encodeCertificateId(one))).to.deep.equal(one);
      }),
    );
  });

  it("is refused where there can be no such certificates", async () => {
    for (const id of [-1n, 7n, 1n << 56n])
      expect(await codeOf(() => decodeCertificateId(id))).to.equal("CERTIFICATE_ID");
    expect(await codeOf(() => encodeCertificateId({ zone: 65_536, slot: S, source: "solar" }))).to.equal(
      "FIELD_OUT_OF_RANGE",
    );
  });
});

describe("certified amounts", () => {
  it("are what was exported on balance", () => {
    expect(issuableWh({ importWh: 3, exportWh: 503 })).to.equal(500);
    expect(issuableWh({ importWh: 5, exportWh: 5 })).to.equal(0);
    expect(issuableWh({ importWh: 6, exportWh: 5 })).to.equal(0);
  });

  it("lose in storage what the device loses: 10 MWh in, 8 MWh out is an efficiency of 80 %", () => {
    // 5 of 10 MWh that were charged are certified, so half of what comes back is: 4 of 8 MWh.
    const efficiencyPpm = roundTripPpm({ tookWh: 10_000_000, gaveWh: 8_000_000, bestEfficiencyPpm: 950_000 });
    expect(efficiencyPpm).to.equal(800_000);
    expect(dischargedWh({ exportedWh: 8_000_000, chargedWh: 5_000_000, issuedWh: 0, efficiencyPpm })).to.equal(
      4_000_000,
    );
  });

  it("never come out of storage more than they went in, however it is charged and discharged", () => {
    const step = fc.record({ charge: fc.boolean(), energyWh: fc.integer({ min: 1, max: 5_000 }), share: fc.nat(100) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 1_000_000 }), (steps, best) => {
        let [tookWh, gaveWh, chargedWh, issuedWh] = [0, 0, 0, 0];
        for (const { charge, energyWh, share } of steps) {
          if (charge) {
            tookWh += energyWh;
            chargedWh += Math.floor((energyWh * share) / 100);
          } else {
            gaveWh += energyWh;
            const efficiencyPpm = roundTripPpm({ tookWh, gaveWh, bestEfficiencyPpm: best });
            const amountWh = dischargedWh({ exportedWh: energyWh, chargedWh, issuedWh, efficiencyPpm });
            expect(amountWh).to.be.within(0, energyWh);
            issuedWh += amountWh;
          }
          expect(issuedWh).to.be.at.most(Math.floor((chargedWh * best) / 1_000_000));
        }
      }),
    );
  });
});

describe("a plan of matches", () => {
  it("takes certificates of the very slot first, then of the hour, then of neighbours", () => {
    const plan = planMatches({
      holdings: [
        { certificate: lot(S + 1), amountWh: 70 },
        { certificate: lot(S, 2), amountWh: 500 },
        { certificate: lot(S), amountWh: 40 },
        { certificate: lot(S + 4), amountWh: 500 },
      ],
      consumption: [{ zone: 1, slot: S, energyWh: 200 }],
      policy: "neighbour",
      isNeighbour: (zone, neighbour) => zone === 1 && neighbour === 2,
    });
    expect(plan).to.deep.equal([
      { certificate: lot(S), slot: S, amountWh: 40, policy: "slot" },
      { certificate: lot(S + 1), slot: S, amountWh: 70, policy: "hour" },
      { certificate: lot(S, 2), slot: S, amountWh: 90, policy: "neighbour" },
    ]);
    expect(limitMatches(plan, 60).map(({ amountWh }) => amountWh)).to.deep.equal([40, 20]);
  });

  it("never cancels more than is held or was consumed", () => {
    const slot = fc.integer({ min: S, max: S + 7 });
    const amount = fc.integer({ min: 0, max: 400 });
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(slot, amount), { selector: ([at]) => at, maxLength: 8 }),
        fc.uniqueArray(fc.tuple(slot, amount), { selector: ([at]) => at, maxLength: 8 }),
        (held, used) => {
          const plan = planMatches({
            holdings: held.map(([at, amountWh]) => ({ certificate: lot(at), amountWh })),
            consumption: used.map(([at, energyWh]) => ({ zone: 1, slot: at, energyWh })),
            policy: "hour",
          });
          for (const [at, amountWh] of held) {
            const cancelled = plan.filter(({ certificate }) => certificate === lot(at));
            expect(cancelled.reduce((sum, match) => sum + match.amountWh, 0)).to.be.at.most(amountWh);
          }
          for (const [at, energyWh] of used) {
            const matched = plan.filter((match) => match.slot === at);
            expect(matched.reduce((sum, match) => sum + match.amountWh, 0)).to.be.at.most(energyWh);
          }
        },
      ),
    );
  });
});

describe("matched energy", () => {
  it("is a share within the hour, with the carbon of what is left, slot by slot", () => {
    // By hand: 100 Wh at 400 mg and 200 Wh at 100 mg; of these 50 and 60 are matched.
    const matched = matchedEnergy(
      [
        { slot: S, energyWh: 60, co2Mg: 24_000n },
        { slot: S, energyWh: 40, co2Mg: 16_000n },
        { slot: S + 1, energyWh: 200, co2Mg: 20_000n },
      ],
      [
        { slot: S, certificate: lot(S), amountWh: 50 },
        { slot: S + 1, certificate: lot(S), amountWh: 60 },
      ],
    );
    expect(matched).to.deep.equal({
      provedWh: 300,
      matchedWh: 110,
      slotMatchedWh: 50,
      hourMatchedPpm: 366_666,
      locationCo2Mg: 60_000n,
      timeCo2Mg: 34_000n,
    });
  });

  it("is nothing where nothing was proved", () => {
    expect(matchedEnergy([], []).hourMatchedPpm).to.equal(0);
  });
});

describe("a bundle of certificates", () => {
  const input = {
    chainId: 31337,
    contract: "0x1111111111111111111111111111111111111111",
    holder: "0x2222222222222222222222222222222222222222",
    certificate: lot(S, 3, "hydro"),
    amountWh: 12,
    expiresAfter: S + 10,
    suspendedThrough: 0,
    slot: S + 10,
    issues: {
      issuedAt: (S + 2) * 900 + 7,
      devices: [{ meter: "0x3333333333333333333333333333333333333333", capacityW: 4_000, issuedWh: 20 }],
    },
  };

  it("says where, when and from what a certificate stems, and until when it lives", () => {
    expect(certificateBundle(input)).to.include({
      bundle_quantity: 12,
      energy_source: "hydro",
      is_storage: false,
      grid_area: "zone 3",
      certificate_bundle_status: "Active",
      production_starting_interval: "2025-06-21T00:00:00.000Z",
      production_ending_interval: "2025-06-21T00:15:00.000Z",
      issuance_datestamp: "2025-06-21T00:30:07.000Z",
      expiry_datestamp: "2025-06-21T02:45:00.000Z",
    });
    expect(certificateBundle(input).production_devices).to.deep.equal([
      { device_id: "eip155:31337:0x3333333333333333333333333333333333333333", capacity: 4_000, issued_quantity: 20 },
    ]);
  });

  it("is locked while suspended, and expired after its last slot", () => {
    expect(certificateBundle({ ...input, suspendedThrough: S + 10 }).certificate_bundle_status).to.equal("Locked");
    expect(certificateBundle({ ...input, slot: S + 11 }).certificate_bundle_status).to.equal("Expired");
  });
});
