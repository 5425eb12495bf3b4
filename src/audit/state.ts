import { ZeroAddress, ZeroHash } from "ethers";
import type { RegisteredKind } from "../market/codes.ts";
import type { PlacedOrder } from "../market/book.ts";
import { requiredBondTicks, type SiteAccount } from "../market/gridLeg.ts";
import { NEUTRAL_RELIABILITY, NO_FLAGS, type MeterWord } from "../market/meterWord.ts";
import type { StorageFacts } from "../market/storagePhysics.ts";
import type { ZoneLimits, ZoneTerms } from "../market/tariff.ts";
import type { FixedTariff, TariffState } from "../market/tariffSchedule.ts";
import { inspectionDeadline, RECORD_RING_SLOTS } from "../market/timeline.ts";
import { createCompute, type ComputeState } from "./computeState.ts";
import { createCertificates, type CertificatesState } from "./certificateState.ts";
import { createDesk, type DeskState } from "./desk.ts";
import { mismatch } from "./mismatch.ts";
import { createReproducible, type ReproducibleBook } from "./reproducible/reproducibleState.ts";
import { createReputation, type ReputationState } from "./reputationEvents.ts";
import { createInspections, type InspectionsState } from "./inspectionEvents.ts";
import { createSeasons, type SeasonsState } from "./seasonState.ts";

export interface MeterEntry {
  word: MeterWord;
  readonly site: number;
  readonly kind: RegisteredKind;
  readonly source: number;
  status: number;
  delegate: string;
  claimTicks: bigint;
  /** Where its registers stood when energy began to be settled. */
  readonly firstWord: Pick<MeterWord, "importWh" | "exportWh">;
  readonly storage: StorageFacts;
  readonly storageCapacityWh: number;
  /** Energy of all its settled readings. */
  settledImportWh: number;
  settledExportWh: number;
}

export interface SiteEntry {
  owner: string;
  readonly zone: number;
  nonce: number;
  bondTicks: bigint;
  debtTicks: bigint;
  unbondingTicks: bigint;
  unbondingSlot: number;
  faults: number;
  readonly meters: string[];
}

/** An entry of a slot's list on chain; `locked` while its money is with the exchange. */
export interface PlacedEntry extends PlacedOrder {
  readonly locked: boolean;
}

/** Bits of a slot record's status. */
export const STATUS = {
  sbba: 1,
  cleared: 2,
  committed: 4,
  feederRead: 8,
  closed: 16,
  released: 32,
  defaultPunished: 64,
  bookCleared: 128,
} as const;

export interface SlotEntry {
  readonly slot: number;
  readonly terms: ZoneTerms;
  status: number;
  clearingPrice: number;
  openPositions: number;
  readCount: number;
  importWh: number;
  exportWh: number;
  readRatedWh: number;
  feederWh: number;
  workTicks: bigint;
  bookHash: string;
  matcher: string;
  bookOrders: number;
  matchedWh: number;
  readonly placed: PlacedEntry[];
  /** What buyers paid for energy, and what sellers have been credited of it so far. */
  costTicks: bigint;
  proceedsTicks: bigint;
}

export interface Charges {
  readonly network: bigint;
  readonly levy: bigint;
  readonly fee: bigint;
  readonly season: bigint;
}

export type ChargeName = keyof Charges;
export const CHARGE_NAMES = ["network", "levy", "fee", "season"] as const satisfies readonly ChargeName[];
export const NO_CHARGES: Charges = { network: 0n, levy: 0n, fee: 0n, season: 0n };

export interface ZoneEntry {
  readonly createdSlot: number;
  closedThrough: number;
  newestSlot: number;
  activeMeters: number;
  ratedWh: number;
  /** Bit slot % ring: that slot is flagged. */
  flagged: bigint;
  feeder: string;
  readonly limits: ZoneLimits;
  terms: ZoneTerms;
  nextTerms: ZoneTerms | undefined;
  matcher: string;
  nextMatcher: string;
  nextMatcherSlot: number;
  accruals: Charges;
  accounts: Readonly<Record<ChargeName, string>>;
  /** How far its prices are fixed, and the newest of them by slot. */
  tariff: TariffState;
  readonly tariffs: Map<number, FixedTariff>;
  /** Slot records by slot % ring. */
  readonly ring: (SlotEntry | undefined)[];
}

export interface WithdrawalEntry {
  readonly to: string;
  readonly amountTicks: bigint;
  readonly maturitySlot: number;
  readonly site: number;
  readonly meter: string;
}

export interface MatcherBond {
  readonly ticks: bigint;
  readonly unlockSlot: number;
}

/** Everything that the system holds, rebuilt from its events. */
/** What became of a reading as evidence. */
export interface EvidenceEntry {
  readonly usedWh: number;
  readonly void: boolean;
  /** Certificates were issued for its export. */
  readonly certified: boolean;
}

export interface AuditState {
  readonly meters: Map<string, MeterEntry>;
  readonly sites: Map<number, SiteEntry>;
  readonly zones: Map<number, ZoneEntry>;
  readonly withdrawals: Map<bigint, WithdrawalEntry>;
  withdrawalCount: bigint;
  readonly earnedTicks: Map<string, bigint>;
  readonly matcherBonds: Map<string, MatcherBond>;
  readonly roots: Set<string>;
  /** Faults of meters that were punished, see `faultHash`. */
  readonly punished: Set<string>;
  /** `meter/slot` of readings that were used as evidence or corrected. */
  readonly evidence: Map<string, EvidenceEntry>;
  /** Discounts of the trading fee by tier, as the exchange keeps them. */
  tierDiscounts: bigint;
  /** Who knows the queued training energy, from which slot on. */
  energyQueue: { readonly queue: string; readonly fromSlot: number } | undefined;
  paused: boolean;
  /** The credit token, base units. */
  readonly balances: Map<string, bigint>;
  supply: bigint;
  /** Credits that were sent to the exchange for nothing, base units. */
  donated: bigint;
  readonly reputation: ReputationState;
  readonly seasons: SeasonsState;
  readonly inspections: InspectionsState;
  /** What backs credits, and the redemptions that wait. */
  readonly desk: DeskState;
  readonly compute: ComputeState;
  readonly reproducible: ReproducibleBook;
  readonly certificates: CertificatesState;
}

export function createState(): AuditState {
  return {
    meters: new Map(),
    sites: new Map(),
    zones: new Map(),
    withdrawals: new Map(),
    withdrawalCount: 0n,
    earnedTicks: new Map(),
    matcherBonds: new Map(),
    roots: new Set(),
    punished: new Set(),
    evidence: new Map(),
    tierDiscounts: 0n,
    energyQueue: undefined,
    paused: false,
    balances: new Map(),
    supply: 0n,
    donated: 0n,
    reputation: createReputation(),
    seasons: createSeasons(),
    inspections: createInspections(),
    desk: createDesk(),
    compute: createCompute(),
    reproducible: createReproducible(),
    certificates: createCertificates(),
  };
}

export function createSlot(slot: number, terms: ZoneTerms): SlotEntry {
  return {
    slot,
    terms,
    status: terms.rule === "sbba" ? STATUS.sbba : 0,
    clearingPrice: 0,
    openPositions: 0,
    readCount: 0,
    importWh: 0,
    exportWh: 0,
    readRatedWh: 0,
    feederWh: 0,
    workTicks: 0n,
    bookHash: ZeroHash,
    matcher: ZeroAddress,
    bookOrders: 0,
    matchedWh: 0,
    placed: [],
    costTicks: 0n,
    proceedsTicks: 0n,
  };
}

/** The word of an address that is no meter. */
export const NO_METER: MeterWord = {
  importWh: 0,
  exportWh: 0,
  lastSlot: 0,
  laneEven: null,
  laneOdd: null,
  balanceTicks: 0n,
  reliability: 0,
  tier: 0,
  flags: NO_FLAGS,
  powerClass: 0,
  zone: 0,
};

/** The word of a meter at registration. */
export function newMeterWord(
  fields: Pick<MeterWord, "zone" | "powerClass" | "flags" | "lastSlot" | "importWh" | "exportWh">,
): MeterWord {
  return { ...NO_METER, reliability: NEUTRAL_RELIABILITY, ...fields };
}

export function meterOf(state: AuditState, meter: string): MeterEntry {
  return state.meters.get(meter) ?? mismatch("The event names a meter that was never registered", { meter });
}

export function siteOf(state: AuditState, site: number): SiteEntry {
  return state.sites.get(site) ?? mismatch("The event names a site that was never registered", { site });
}

export function zoneOf(state: AuditState, zone: number): ZoneEntry {
  return state.zones.get(zone) ?? mismatch("The event names a zone that was never created", { zone });
}

/** The record of a slot, if the ring still holds it. */
export function slotOfRing(zone: ZoneEntry, slot: number): SlotEntry | undefined {
  const record = zone.ring[slot % RECORD_RING_SLOTS];
  return record?.slot === slot ? record : undefined;
}

export function slotRecordOf(state: AuditState, zone: number, slot: number): SlotEntry {
  const record = slotOfRing(zoneOf(state, zone), slot);
  return record ?? mismatch("The event belongs to a slot that was never opened, or no longer held", { zone, slot });
}

/** What the grid leg needs to know of a site. */
export function siteAccount(state: AuditState, siteId: number): SiteAccount {
  const { zone, bondTicks, debtTicks, unbondingTicks, meters } = siteOf(state, siteId);
  const { limits } = zoneOf(state, zone);
  const facts = meters.map((meter) => {
    const { kind, word } = meterOf(state, meter);
    return { kind, powerClass: word.powerClass };
  });
  return { bondTicks, debtTicks, unbondingTicks, requiredTicks: requiredBondTicks(limits, facts) };
}

export function flagBit(slot: number): bigint {
  return 1n << BigInt(slot % RECORD_RING_SLOTS);
}

/** Slots that are passed over were not looked at: a flag that an older slot left in their place does not become theirs. */
export function clearFlags(zone: ZoneEntry, from: number, through: number): void {
  if (through - from >= RECORD_RING_SLOTS) zone.flagged = 0n;
  else for (let slot = from; slot <= through; ++slot) zone.flagged &= ~flagBit(slot);
}

/** The newest slot up to `slot` whose flag still delays money at that moment. */
export function newestFlagUpTo(zone: ZoneEntry, slot: number, timestamp: number): number | undefined {
  for (let candidate = slot; candidate > 0 && slot - candidate < RECORD_RING_SLOTS; --candidate) {
    if (timestamp >= inspectionDeadline(candidate)) return undefined;
    if ((zone.flagged & flagBit(candidate)) !== 0n) return candidate;
  }
  return undefined;
}

export function addTo(map: Map<string, bigint>, key: string, amount: bigint): void {
  map.set(key, (map.get(key) ?? 0n) + amount);
}
