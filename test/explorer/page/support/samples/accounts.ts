import type { AccountAnswer } from "../../../../../explorer/api/account.ts";
import type { CertificateAnswer } from "../../../../../explorer/api/certificate.ts";
import type { Governance } from "../../../../../explorer/api/governance.ts";
import { addressOf, eventOf, FIRST_SLOT, hashOf, HOSTILE, sourceOf, ZONE } from "./parts.ts";

export const SAMPLE_ACCOUNT = addressOf("owner");
export const SAMPLE_CERTIFICATE = "8574985213";

export function sampleAccount(): AccountAnswer {
  return {
    address: SAMPLE_ACCOUNT,
    name: null,
    roles: ["REGISTRAR"],
    creditBaseUnits: "12345678901234567890",
    votes: "1612000",
    sites: [
      {
        site: 7,
        zone: ZONE,
        meters: [addressOf("bid 0"), addressOf("offer 0")],
        bondTicks: "800000000",
        debtTicks: "0",
      },
    ],
    providers: [
      {
        provider: addressOf("provider"),
        site: 7,
        meter: addressOf("bid 0"),
        accelerators: 4,
        stakeTicks: "5000000000",
        lockedTicks: "1250000000",
      },
    ],
    jobs: [{ job: 1, part: "worker", source: sourceOf(3_801) }],
    certificates: [{ tokenId: SAMPLE_CERTIFICATE, amountWh: "1240" }],
    transfers: [
      {
        from: addressOf("EnergyExchange"),
        to: SAMPLE_ACCOUNT,
        baseUnits: "1500000000000000000",
        source: sourceOf(3_000),
      },
    ],
    events: { events: [eventOf("Transfer", 3_000, { from: addressOf("EnergyExchange"), to: SAMPLE_ACCOUNT })] },
  };
}

export function sampleCertificate(): CertificateAnswer {
  return {
    tokenId: SAMPLE_CERTIFICATE,
    zone: ZONE,
    slot: FIRST_SLOT + 50,
    start: (FIRST_SLOT + 50) * 900,
    energySource: "solar",
    issuedWh: 1_240,
    cancelledWh: 900,
    issues: [
      {
        meter: addressOf("offer 0"),
        to: SAMPLE_ACCOUNT,
        amountWh: 1_240,
        reading: sourceOf(4_061, 12),
        source: sourceOf(4_091),
      },
    ],
    holders: [{ account: SAMPLE_ACCOUNT, amountWh: 340 }],
    transfers: [{ from: SAMPLE_ACCOUNT, to: addressOf("requester"), amountWh: 900, source: sourceOf(4_095) }],
    cancellations: [
      {
        account: addressOf("requester"),
        beneficiary: HOSTILE,
        purpose: HOSTILE,
        amountWh: 900,
        job: 1,
        source: sourceOf(4_099),
      },
    ],
    events: { events: [eventOf("CertificateIssued", 4_091, { tokenId: SAMPLE_CERTIFICATE })] },
  };
}

export function sampleGovernance(): Governance {
  const voteStart = FIRST_SLOT * 900;
  return {
    handedOver: true,
    proposals: [
      {
        id: BigInt(hashOf("proposal")).toString(),
        state: "queued",
        proposer: SAMPLE_ACCOUNT,
        description: `Lower the levy ${HOSTILE}\n\nIt was 0.01 credits a kWh; half of it pays for what it is for.`,
        calls: [
          {
            target: addressOf("EnergyExchange"),
            contract: "EnergyExchange",
            text: "setTerms(zone: 1, levyPrice: 5000)",
          },
        ],
        voteStart,
        voteEnd: voteStart + 86_400,
        eta: voteStart + 172_800,
        votes: { for: "9612000", against: "1200000", abstain: "0" },
        ballots: [
          { voter: SAMPLE_ACCOUNT, support: "for", weight: "1612000", reason: HOSTILE, source: sourceOf(4_200) },
        ],
        moves: [{ text: "Queued in the timelock", source: sourceOf(4_300) }],
        source: sourceOf(4_150),
      },
    ],
    queue: [{ id: BigInt(hashOf("operation")).toString(), eta: voteStart + 172_800 }],
  };
}
