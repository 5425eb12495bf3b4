/** Ratio of one. */
const PPM = 1_000_000n;

/** What certificates are issued for: what a reading exported on balance, Wh. */
export function issuableWh({ importWh, exportWh }: { readonly importWh: number; readonly exportWh: number }): number {
  return Math.max(0, exportWh - importWh);
}

/** Registers of a storage device since it was put in, Wh. */
export interface StorageRegisters {
  readonly tookWh: number;
  readonly gaveWh: number;
  readonly bestEfficiencyPpm: number;
}

/** Efficiency of a storage device's round trip by its registers, never above its registered best; 0 if it took nothing. */
export function roundTripPpm({ tookWh, gaveWh, bestEfficiencyPpm }: StorageRegisters): number {
  if (tookWh === 0) return 0;
  return Math.min(Number((BigInt(gaveWh) * PPM) / BigInt(tookWh)), bestEfficiencyPpm);
}

/** What a discharge re-issues, Wh: of all that was charged what came back, less what was issued before. */
export function dischargedWh({
  exportedWh,
  chargedWh,
  issuedWh,
  efficiencyPpm,
}: {
  readonly exportedWh: number;
  readonly chargedWh: number;
  readonly issuedWh: number;
  readonly efficiencyPpm: number;
}): number {
  const dueWh = Number((BigInt(chargedWh) * BigInt(efficiencyPpm)) / PPM) - issuedWh;
  return Math.max(0, Math.min(exportedWh, dueWh));
}
