import type { EnergySourceName } from "../market/codes.ts";

/** What a meter is to the energy balance. A `mixed` connection nets what it makes and uses behind one meter. */
export type LedgerRole = "generator" | "storage" | "mixed" | "load" | "feeder";

export interface LedgerMeter {
  readonly meter: string;
  readonly zone: number;
  readonly role: LedgerRole;
  readonly source: EnergySourceName;
  /** The first slot whose reading can be in the ledger. */
  readonly firstSlot: number;
  /** The slot after its last one, where it was replaced or retired. */
  readonly endSlot: number | undefined;
  readonly storage: LedgerStorage | undefined;
  /** What its registers rose by in all. */
  readonly importWh: number;
  readonly exportWh: number;
}

export interface LedgerStorage {
  readonly capacityWh: number;
  /** The best round-trip efficiency that the registrar attested for the device. */
  readonly bestEfficiencyPpm: number;
}

/** What a meter measured in one slot. A gap is a reading of several slots, which belongs to none of them. */
export interface LedgerReading {
  readonly meter: string;
  readonly slot: number;
  readonly importWh: number;
  readonly exportWh: number;
  readonly gap: boolean;
}

/** Energy of training in the slot whose reading proved it. */
export interface TrainingUse {
  readonly job: string;
  /** The slot in which the job was posted. */
  readonly postedSlot: number;
  readonly zone: number;
  readonly slot: number;
  readonly energyWh: number;
}

/** Load that a demand-response event took out of a slot, measured against its baseline. */
export interface ShedLoad {
  readonly zone: number;
  readonly slot: number;
  readonly energyWh: number;
}

/** Everything that the ledger is made from. */
export interface LedgerInput {
  readonly meters: readonly LedgerMeter[];
  /** In the chain's order. */
  readonly readings: readonly LedgerReading[];
  readonly training: readonly TrainingUse[];
  readonly shed: readonly ShedLoad[];
}

/** The energy balance of a zone in a slot, in Wh. None is negative, apart from a line loss that meters contradict. */
export interface SlotBalance {
  readonly zone: number;
  readonly slot: number;
  /** Whether every meter of the zone and its feeder were read for the slot; if not, the line loss is unknown. */
  readonly complete: boolean;
  /** Export of meters with one source. */
  readonly generationWh: number;
  /** What mixed connections gave beyond their own use. */
  readonly surplusWh: number;
  /** Import of everything but storage. */
  readonly consumptionWh: number;
  readonly storageInWh: number;
  readonly storageOutWh: number;
  /** Lost in storage: see `storageLoss`. */
  readonly storageLossWh: number;
  /** Through the feeder. */
  readonly importWh: number;
  readonly exportWh: number;
  /** Feeder less meters. */
  readonly lineLossWh: number | null;
  /** What plants could have made and did not, as far as a file of potentials says. */
  readonly curtailedWh: number;
  /** Local supply that met local demand in the slot: the smaller of both. */
  readonly localWh: number;
}

/** Sums over complete slots, and what follows from them. */
export interface BalanceTotals extends Omit<SlotBalance, "zone" | "slot" | "complete" | "lineLossWh"> {
  readonly slots: number;
  readonly lineLossWh: number;
  /** Change of what storage holds: in, less losses, less out. */
  readonly storedWh: number;
  /** Lost in storage and lines and curtailed: electricity is exergy to the last Wh. */
  readonly destroyedWh: number;
  /** Second-law efficiency: useful exergy of what was supplied. Null where nothing was. */
  readonly efficiencyPpm: number | null;
  /** Consumption that was met from within. Null where nothing was consumed. */
  readonly selfSufficiencyPpm: number | null;
}
