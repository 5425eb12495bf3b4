import type { AuditReport } from "../audit/index.ts";
import type { Deployment } from "../chain/deployment.ts";
import type { ClearingRule } from "../market/clearing.ts";
import type { GameReport } from "./gameReport.ts";
import type { PeerToPeer } from "./peerToPeer.ts";
import type { RunSlotsResult } from "./runSlots.ts";
import type { RunSummary } from "./summariseRun.ts";
import { certificatesReport, type CertificatesReport } from "./certificates/certificatesReport.ts";
import type { CertificatesResult } from "./certificates/playCertificates.ts";
import type { TrainingReport } from "./training/trainingReport.ts";

export interface RunReportInput {
  readonly options: {
    readonly seed: number;
    readonly days: number;
    readonly rule: ClearingRule;
    readonly firstSlot: number;
  };
  readonly summary: RunSummary;
  readonly peers: readonly PeerToPeer[];
  readonly counted: RunSlotsResult;
  readonly game: GameReport;
  /** Undefined where homes were measured, or too few sites could take part. */
  readonly training: TrainingReport | undefined;
  readonly certificates: CertificatesResult;
  readonly audited: AuditReport;
  readonly deployment: Deployment;
}

/** Trade beside its physical ceiling: in each zone and slot the smaller of total surplus and total deficit. */
export interface PeerToPeerReport {
  /** What of the traded energy sellers gave and buyers took. */
  readonly deliveredWh: number;
  readonly ceilingWh: number;
  /** Zones' slots in which more was delivered than could flow: none, unless a register lies. */
  readonly slotsAboveCeiling: number;
}

/** What a run comes to, in a form that is the same for the same seed. Energies in Wh, money in ticks as text. */
export interface RunReport {
  readonly seed: number;
  readonly rule: ClearingRule;
  readonly firstSlot: number;
  readonly slots: number;
  readonly meters: number;
  /** Orders with a receipt of the matcher, and readings that the gateway took. */
  readonly orders: number;
  readonly refusedOrders: number;
  readonly readings: number;
  readonly skippedOrders: number;
  readonly skippedReadings: number;
  readonly matchedWh: number;
  readonly peerToPeer: PeerToPeerReport;
  readonly importWh: number;
  readonly exportWh: number;
  /** What came in and went out through the feeders. */
  readonly gridImportWh: number;
  readonly gridExportWh: number;
  readonly minted: string;
  readonly burned: string;
  readonly flaggedSlots: number;
  readonly game: GameReport;
  readonly training?: TrainingReport;
  readonly certificates: CertificatesReport;
  readonly audit: { readonly passed: boolean; readonly checks: number; readonly failed: number };
  readonly deployment: Readonly<Record<string, string>>;
}

export function runReport(input: RunReportInput): RunReport {
  const { options, summary, peers, counted, game, training, certificates, audited, deployment } = input;
  const members = summary.meters.filter(({ member }) => member.kind !== "feeder");
  const feeders = summary.meters.filter(({ member }) => member.kind === "feeder");
  const { seed, rule, firstSlot } = options;
  return {
    seed,
    rule,
    firstSlot,
    slots: summary.slots.length,
    meters: members.length,
    orders: counted.orders,
    refusedOrders: counted.refusedOrders,
    readings: counted.readings,
    skippedOrders: summary.skippedOrders,
    skippedReadings: summary.skippedReadings,
    matchedWh: sum(summary.slots.map(({ matchedWh }) => matchedWh)),
    peerToPeer: {
      deliveredWh: sum(peers.map(({ deliveredWh }) => deliveredWh)),
      ceilingWh: sum(peers.map(({ ceilingWh }) => ceilingWh)),
      slotsAboveCeiling: peers.filter(({ deliveredWh, ceilingWh }) => deliveredWh > ceilingWh).length,
    },
    importWh: sum(members.map(({ importWh }) => importWh)),
    exportWh: sum(members.map(({ exportWh }) => exportWh)),
    gridImportWh: sum(feeders.map(({ importWh }) => importWh)),
    gridExportWh: sum(feeders.map(({ exportWh }) => exportWh)),
    minted: String(members.reduce((ticks, { mintedTicks }) => ticks + mintedTicks, 0n)),
    burned: String(members.reduce((ticks, { burnedTicks }) => ticks + burnedTicks, 0n)),
    flaggedSlots: summary.slots.filter(({ flagged }) => flagged).length,
    game,
    ...(training === undefined ? {} : { training }),
    certificates: certificatesReport(certificates),
    audit: {
      passed: audited.passed,
      checks: audited.checks.length,
      failed: audited.checks.filter(({ passed }) => !passed).length,
    },
    deployment: deployment.contracts,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
