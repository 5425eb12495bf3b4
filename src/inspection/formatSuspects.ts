import Table from "cli-table3";
import type { Suspicion } from "./types.ts";

/** The ranking as a table, most suspicious first. */
export function formatSuspects(ranking: readonly Suspicion[]): string {
  const table = new Table({
    head: [
      "meter",
      "suspect",
      "import missing",
      "export invented",
      "unexplained Wh",
      "leave-one-out F",
      "correlation",
      "impossible slots",
      "peers",
    ],
    style: { head: [], border: [] },
  });
  for (const entry of ranking) {
    table.push([
      entry.meter,
      entry.suspect ? "YES" : "no",
      percent(entry.missingImportPpm),
      percent(entry.inventedExportPpm),
      entry.unexplainedWh,
      entry.leaveOneOut.toFixed(1),
      entry.correlation.toFixed(2),
      entry.impossibleSlots,
      entry.peerRatio === undefined ? "" : entry.peerRatio.toFixed(2),
    ]);
  }
  return table.toString();
}

function percent(ppm: number): string {
  return `${(ppm / 10_000).toFixed(1)} %`;
}
