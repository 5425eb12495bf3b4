import { PPM } from "../../units.ts";
import type { CertificatesResult } from "./playCertificates.ts";

/** Certificates of a run in the report; energies in Wh. */
export interface CertificatesReport {
  readonly issuedWh: number;
  readonly cancelledWh: number;
  /** Of the training energy that was proved, ppm, rounded down; 0 where none was. */
  readonly matchedSharePpm: number;
}

export function certificatesReport({ issuedWh, cancelledWh, provedWh }: CertificatesResult): CertificatesReport {
  return {
    issuedWh,
    cancelledWh,
    matchedSharePpm: provedWh === 0 ? 0 : Math.floor((cancelledWh * PPM) / provedWh),
  };
}
