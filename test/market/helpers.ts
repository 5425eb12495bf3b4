import fc from "fast-check";
import { JouleworkError } from "../../src/errors.ts";
import type { AuctionOrder } from "../../src/market/clearing.ts";
import { marketDomain } from "../../src/market/messages.ts";
import { decodeMeterWord, type MeterWord } from "../../src/market/meterWord.ts";
import { signingKey, type SigningKey } from "../../src/market/signer.ts";

/** The code of the JouleworkError that a call throws; undefined if it throws none. */
export function codeOf(run: () => unknown): string | undefined {
  try {
    run();
  } catch (error) {
    return error instanceof JouleworkError ? error.code : String(error);
  }
  return undefined;
}

export const DOMAIN = marketDomain(31337, "0x5FbDB2315678afecb367f032d93F642f64180aa3");

/** A deterministic key of a test, from a number of one byte. */
export function keyOf(number: number): SigningKey {
  return signingKey(`0x${number.toString(16).padStart(2, "0").repeat(32)}`);
}

/** An empty meter word, with what a test sets. */
export function meterWord(parts: Partial<MeterWord>): MeterWord {
  return { ...decodeMeterWord(0n), ...parts };
}

/** Orders of one side from `[energyWh, limitPrice]` pairs. */
export function side(...orders: (readonly [number, number])[]): AuctionOrder[] {
  return orders.map(([energyWh, limitPrice]) => ({ energyWh, limitPrice }));
}

export interface RandomBook {
  readonly bids: AuctionOrder[];
  readonly offers: AuctionOrder[];
}

/** Random books in strict order; few prices, so that equal ones are common. */
export function randomBooks(mostWh: number, mostPrice: number, mostOrders: number): fc.Arbitrary<RandomBook> {
  const order = fc.record({
    energyWh: fc.integer({ min: 1, max: mostWh }),
    limitPrice: fc.integer({ min: 0, max: mostPrice }),
  });
  const orders = fc.array(order, { maxLength: mostOrders });
  return fc.record({ bids: orders, offers: orders }).map(({ bids, offers }) => ({
    bids: bids.sort((a, b) => b.limitPrice - a.limitPrice),
    offers: offers.sort((a, b) => a.limitPrice - b.limitPrice),
  }));
}

/** Sum of watt-hours. */
export function total(energiesWh: readonly number[]): number {
  return energiesWh.reduce((sum, energyWh) => sum + energyWh, 0);
}
