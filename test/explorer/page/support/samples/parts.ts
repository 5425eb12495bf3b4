import { id, getAddress } from "ethers";
import type { EventAnswer, Source } from "../../../../../explorer/api/primitives.ts";

/** Text of the chain that must never become markup. */
export const HOSTILE = `<img src=x onerror="document.title='owned'"></td><script>document.title='owned'</script>`;

export const FIRST_SLOT = 1_945_000;
export const SLOTS = 96;
export const ZONE = 1;

export const hashOf = (name: string): string => id(name);
export const addressOf = (name: string): string => getAddress(id(name).slice(0, 42));

export function sourceOf(blockNumber: number, logIndex = 0): Source {
  return { transactionHash: hashOf(`transaction of block ${String(blockNumber)}`), blockNumber, logIndex };
}

export function eventOf(name: string, blockNumber: number, args: Record<string, unknown>): EventAnswer {
  return {
    source: sourceOf(blockNumber, 3),
    time: FIRST_SLOT * 900 + blockNumber,
    contract: "EnergyExchange",
    address: addressOf("EnergyExchange"),
    name,
    args,
  };
}

/** A wave over the day between -1 and 1, highest at noon. */
export function noonWave(slot: number): number {
  return -Math.cos(((slot % SLOTS) / SLOTS) * 2 * Math.PI);
}
