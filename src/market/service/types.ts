import type { PlacedOrder } from "../book.ts";
import type { MeterWord } from "../meterWord.ts";
import type { Side } from "../side.ts";
import type { OrderReceipt } from "../sign.ts";
import type { Tariff } from "../tariff.ts";
import type { ExchangeLink } from "./exchangeLink.ts";

/** What the chain's record of a slot says, as far as matcher and closer need it. */
export interface SlotState {
  readonly committed: boolean;
  readonly cleared: boolean;
  /** The committed book was among what was cleared. */
  readonly bookCleared: boolean;
  readonly feederRead: boolean;
  readonly bookHash: string;
  readonly placedCount: number;
  readonly openPositions: number;
  readonly readCount: number;
}

/** The chain as the matcher sees it. */
export interface MatcherChain extends ExchangeLink {
  /** Words of many meters at once, in the order of their addresses. */
  meters(addresses: readonly string[]): Promise<readonly MeterWord[]>;
  /** Who the owners of these meters named to trade for them. */
  delegates(addresses: readonly string[]): Promise<readonly string[]>;
  tariff(zone: number, slot: number): Promise<Tariff>;
  /** Who may commit the slot's book: an announced change counts from its slot on. */
  matcherAt(zone: number, slot: number): Promise<string>;
  matcherBond(matcher: string): Promise<{ readonly ticks: bigint; readonly unlockSlot: number }>;
  slot(zone: number, slot: number): Promise<SlotState | undefined>;
  placedOrders(zone: number, slot: number): Promise<readonly PlacedOrder[]>;
  commitBook(zone: number, slot: number, bookHash: string, orders: number): Promise<void>;
  clear(zone: number, slot: number, bidEntries: string, offerEntries: string): Promise<void>;
}

/** The chain as the closer sees it. */
export interface CloserChain extends ExchangeLink {
  zone(zone: number): Promise<{
    readonly closedThrough: number;
    readonly newestSlot: number;
    readonly activeMeters: number;
  }>;
  slot(zone: number, slot: number): Promise<SlotState | undefined>;
  /** Meters whose position of the slot is not settled. */
  openPositions(zone: number, slot: number): Promise<readonly string[]>;
  /** Whether the slot is closed afterwards. */
  closeSlot(zone: number, slot: number, meters: readonly string[]): Promise<boolean>;
  passOver(zone: number, through: number): Promise<void>;
}

/** An order as it arrives. */
export interface OrderInput {
  readonly zone: number;
  readonly slot: number;
  readonly side: Side;
  readonly energyWh: number;
  readonly limitPrice: number;
  /** 64 bytes as 0x-hex (EIP-2098) by the device key, or by the delegate where `meter` is given. */
  readonly signature: string;
  /** The meter that a delegate trades for. */
  readonly meter?: string | undefined;
}

/**
 * `frozen`: the book is fixed here and follows the chain's timeline. `cleared`: in a block that is not final. `final`: the
 * slot is cleared for good. `missed`: the slot started without the book having been cleared. `foreign`: another book is
 * committed for the slot, which this journal knows nothing of.
 */
export type BookState = "frozen" | "cleared" | "final" | "missed" | "foreign";

export interface BookStatus {
  readonly zone: number;
  readonly slot: number;
  readonly bookHash: string;
  /** Hashes of the signed orders, bids then offers, in strict order: what the commitment stands for. */
  readonly orderHashes: readonly string[];
  readonly state: BookState;
  /** The last refusal of the contract, if any. */
  readonly code: string | undefined;
}

export interface OrderStatus {
  readonly meter: string;
  readonly zone: number;
  readonly slot: number;
  readonly orderHash: string;
  readonly receipt: OrderReceipt;
  /** State of the slot's book; undefined while the gate is open. */
  readonly book: BookState | undefined;
}
