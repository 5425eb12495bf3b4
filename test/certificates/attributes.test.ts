import { expect } from "chai";
import { certificateBundle } from "../../src/certificates/bundle.ts";
import { encodeCertificateId } from "../../src/certificates/certificateId.ts";

const CONTRACT = `0x${"c0".repeat(20)}`;
const METER = `0x${"de".repeat(20)}`;
const HOUR_MS = 3_600_000;

/**
 * EnergyTag's Granular Certificates Guide (energytag.atlassian.net, knowledge base, page 10223617) lists what a certificate
 * has to carry; each of these tests is one entry. What a bundle does not have, docs/certificates.md lists.
 */
describe("what EnergyTag calls crucial, in a bundle of certificates", () => {
  for (const source of ["wind", "storage"] as const) {
    const certificate = encodeCertificateId({ zone: 7, slot: 1_944_998, source });
    const bundle = certificateBundle({
      ...{ chainId: 31_337, contract: CONTRACT, holder: `0x${"a1".repeat(20)}`, certificate, amountWh: 424 },
      ...{ expiresAfter: 1_980_038, suspendedThrough: 0, slot: 1_945_100 },
      issues: { issuedAt: 1_944_999 * 900 + 60, devices: [{ meter: METER, capacityW: 4_096, issuedWh: 424 }] },
    });
    const [start, end, issued] = [
      bundle.production_starting_interval,
      bundle.production_ending_interval,
      bundle.issuance_datestamp,
    ].map((time) => Date.parse(time)) as [number, number, number];

    describe(`of ${source}`, () => {
      it("the energy carrier, electricity", () => {
        expect(bundle.energy_carrier).to.equal("electricity");
      });
      it("a unique identification", () => {
        expect(bundle.issuance_id).to.equal(`eip155:31337/erc6909:${CONTRACT}/${String(certificate)}`);
      });
      it("the interval, of an hour at most", () => {
        // 1,944,998 quarter hours after the beginning of 1970.
        expect(bundle.production_starting_interval).to.equal("2025-06-21T09:30:00.000Z");
        expect(end - start).to.be.within(1, HOUR_MS);
      });
      it("the date of issue, after the production", () => {
        expect(issued).to.be.at.least(end);
      });
      it("the source of the energy, and whether it was released from storage", () => {
        expect([bundle.energy_source, bundle.is_storage]).to.deep.equal([source, source === "storage"]);
      });
      it("each device's identity and capacity", () => {
        expect(bundle.production_devices).to.deep.equal([
          { device_id: `eip155:31337:${METER}`, capacity: 4_096, issued_quantity: 424 },
        ]);
      });
      it("the region, and who issued it", () => {
        expect([bundle.grid_area, bundle.registry_id]).to.deep.equal(["zone 7", `eip155:31337/erc6909:${CONTRACT}`]);
      });
      it("the volume, in whole watt-hours", () => {
        expect([bundle.base_unit, bundle.face_value, bundle.bundle_quantity]).to.deep.equal(["Wh", 1, 424]);
      });
      it("whether it may be used for disclosure", () => {
        expect(bundle.is_for_disclosure).to.equal(true);
      });
    });
  }
});
