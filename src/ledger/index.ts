export { energyLedger, type EnergyLedger, type RegisterDifference } from "./energyLedger.ts";
export { fetchLedger, type FetchLedgerParameters } from "./fetchLedger.ts";
export { formatLedger, ledgerCsv } from "./formatLedger.ts";
export { readLedger } from "./readLedger.ts";
export { readPotential } from "./readPotential.ts";
export type {
  BalanceTotals,
  LedgerInput,
  LedgerMeter,
  LedgerReading,
  ShedLoad,
  SlotBalance,
  TrainingUse,
} from "./types.ts";
