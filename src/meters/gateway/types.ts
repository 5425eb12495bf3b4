import type { BlockMark, ExchangeLink } from "../../market/service/exchangeLink.ts";
import type { BatchEntry } from "../../market/readings.ts";

/** A reading as a device sends it. */
export interface ReadingInput {
  readonly zone: number;
  readonly slot: number;
  readonly importWh: number;
  readonly exportWh: number;
  /** 64 bytes as 0x-hex (EIP-2098) by the device key; the address recovered from it is the meter. */
  readonly signature: string;
}

/**
 * `waiting`: durable here, to be sent. `sending`: handed to the chain, outcome open. `mined`: in a block that is not final.
 * `settled` and `refused`: final; a refused reading has the contract's error name as `code`.
 */
export type ReadingState = "waiting" | "sending" | "mined" | "settled" | "refused";

export interface ReadingStatus {
  readonly meter: string;
  readonly zone: number;
  readonly slot: number;
  readonly importWh: number;
  readonly exportWh: number;
  readonly state: ReadingState;
  /** Why it was refused, or why it waits for another attempt. */
  readonly code: string | undefined;
  readonly attempts: number;
  readonly block: BlockMark | undefined;
}

export interface Registers {
  readonly importWh: number;
  readonly exportWh: number;
}

/** What a batch did with one of its readings. */
export type BatchOutcome =
  ({ readonly settled: true } & Registers) | { readonly settled: false; readonly code: string };

/** What the chain knows about the reading of one meter and slot. */
export interface ChainReading extends Registers {
  readonly block: BlockMark;
}

/** The chain as the gateway sees it. */
export interface GatewayChain extends ExchangeLink {
  /** Zone and newest settled slot of each meter, in order; zone 0 = no such meter. */
  meters(addresses: readonly string[]): Promise<readonly { readonly zone: number; readonly lastSlot: number }[]>;
  /** Settles a batch; the outcomes are by meter. */
  settle(
    zone: number,
    slot: number,
    readings: readonly BatchEntry[],
  ): Promise<{ readonly block: BlockMark; readonly outcomes: ReadonlyMap<string, BatchOutcome> }>;
  /** The settled readings of exactly this slot of these meters, in blocks from `fromBlock` on. */
  settledReadings(
    slot: number,
    meters: readonly string[],
    fromBlock: number,
  ): Promise<ReadonlyMap<string, ChainReading>>;
}
