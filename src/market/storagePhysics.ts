import { PPM } from "../units.ts";

/** What a storage meter is held to. */
export interface StorageFacts {
  /** Registers when the device was put in. */
  readonly firstImportWh: number;
  readonly firstExportWh: number;
  /** What it may give from there on without taking anything in: at registration, what the storage can hold. */
  readonly allowanceWh: number;
  readonly bestEfficiencyPpm: number;
}

const MAX_ALLOWANCE_WH = 2 ** 48 - 1;

/** Whether registers say that a storage gave more than can have been there. */
export function isBeyondStorage(storage: StorageFacts, importWh: number, exportWh: number): boolean {
  return leftWh(storage, importWh, exportWh) < 0n;
}

/** What a storage may still give at these settled registers, for the device that follows. */
export function storageAllowanceWh(storage: StorageFacts, importWh: number, exportWh: number): number {
  return Math.min(MAX_ALLOWANCE_WH, Number(leftWh(storage, importWh, exportWh)));
}

function leftWh(storage: StorageFacts, importWh: number, exportWh: number): bigint {
  const takenWh = (BigInt(importWh - storage.firstImportWh) * BigInt(storage.bestEfficiencyPpm)) / BigInt(PPM);
  return takenWh + BigInt(storage.allowanceWh) - BigInt(exportWh - storage.firstExportWh);
}
