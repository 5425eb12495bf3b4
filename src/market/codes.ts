/** The numbers of `MeterKind` in the contracts. */
export const METER_KIND_CODES = { feeder: 0, consumer: 1, prosumer: 2, producer: 3, storage: 4 } as const;
/** The numbers of `EnergySource` in the contracts. */
export const ENERGY_SOURCE_CODES = {
  none: 0,
  solar: 1,
  wind: 2,
  hydro: 3,
  geothermal: 4,
  biomass: 5,
  storage: 6,
} as const;
/** The numbers of `ClearingRule` in the contracts. */
export const CLEARING_RULE_CODES = { midpoint: 0, sbba: 1 } as const;
/** The numbers of `MeterStatus` in the contracts. */
export const METER_STATUS_CODES = { unknown: 0, active: 1, suspended: 2, retired: 3 } as const;

export type RegisteredKind = keyof typeof METER_KIND_CODES;
export type EnergySourceName = keyof typeof ENERGY_SOURCE_CODES;
export type MeterStatusName = keyof typeof METER_STATUS_CODES;

/** Whether meters of this kind may export and offer, and therefore carry a bond. */
export function mayExport(kind: RegisteredKind): boolean {
  return kind === "prosumer" || kind === "producer" || kind === "storage";
}
