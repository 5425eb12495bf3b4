import type { CertificatesReport } from "../../src/community/certificates/certificatesReport.ts";

const WH_PER_KWH = 1_000;
const PPM_PER_PERCENT = 10_000;

/** What was certified, and what the training job was matched with, for people. */
export function certificatesText({ issuedWh, cancelledWh, matchedSharePpm }: CertificatesReport): string {
  return (
    `Certificates: ${(issuedWh / WH_PER_KWH).toFixed(1)} kWh issued to producers, one a Wh; ` +
    `${String(cancelledWh)} Wh cancelled, which match ${(matchedSharePpm / PPM_PER_PERCENT).toFixed(1)} % of the training energy slot by slot`
  );
}
