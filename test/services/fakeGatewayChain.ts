import { ContractRefusal } from "../../src/market/service/exchangeLink.ts";
import type { BlockMark } from "../../src/market/service/exchangeLink.ts";
import type { MarketDomain } from "../../src/market/messages.ts";
import { readingSigner } from "../../src/market/sign.ts";
import { readingDeadline } from "../../src/market/timeline.ts";
import { slotEnd } from "../../src/units.ts";
import type { BatchOutcome, ChainReading, GatewayChain } from "../../src/meters/gateway/types.ts";

interface FakeMeter {
  readonly zone: number;
  lastSlot: number;
  importWh: number;
  exportWh: number;
}

/** How the next transaction fares: its answer is lost although it is mined, or before it is. */
export type Mishap = "answer lost" | "never sent" | "waits for its block";

/**
 * A chain in memory that follows the exchange's rules of accepting readings: one meter after the other, in order, or past
 * the deadline. It counts how often each reading had effect.
 */
export class FakeGatewayChain implements GatewayChain {
  readonly account = "0x00000000000000000000000000000000000000aa";
  readonly meterStates = new Map<string, FakeMeter>();
  /** Effects by "meter/slot". */
  readonly effects = new Map<string, ChainReading[]>();
  readonly batches: number[] = [];
  readonly mishaps: Mishap[] = [];
  /** Slots whose batches are refused as a whole while a reading of this meter is among them. */
  poison: { readonly meter: string; readonly error: string } | undefined;
  time = 0;
  readonly #domain: MarketDomain;
  #blocks: string[] = ["block 0"];
  #fork = 0;
  #waiting: (() => void) | undefined;
  #undo: (() => void)[] = [];

  constructor(domain: MarketDomain) {
    this.#domain = domain;
  }

  addMeter(address: string, zone: number, lastSlot: number): void {
    this.meterStates.set(address, { zone, lastSlot, importWh: 0, exportWh: 0 });
  }

  mine(blocks = 1): void {
    for (let i = 0; i < blocks; i += 1) this.#blocks.push(`block ${this.#blocks.length} of fork ${this.#fork}`);
  }

  /** Takes the newest transaction out of the chain; its block gets another hash. */
  reorganise(): void {
    this.#undo.pop()?.();
    this.#fork += 1;
    const height = this.#blocks.length;
    this.#blocks = this.#blocks.slice(0, 1);
    this.mine(height - 1);
  }

  /** The transaction that waits gets into a block. */
  includeWaiting(): void {
    this.#waiting?.();
    this.#waiting = undefined;
  }

  head(): Promise<{ blockNumber: number; timestamp: number }> {
    return Promise.resolve({ blockNumber: this.#blocks.length - 1, timestamp: this.time });
  }

  isCanonical({ number, hash }: BlockMark): Promise<boolean> {
    return Promise.resolve(this.#blocks[number] === hash);
  }

  hasWaiting(): Promise<boolean> {
    return Promise.resolve(this.#waiting !== undefined);
  }

  send(): Promise<never> {
    return Promise.reject(new Error("the gateway sends batches only"));
  }

  meters(addresses: readonly string[]): Promise<{ zone: number; lastSlot: number }[]> {
    return Promise.resolve(
      addresses.map((address) => {
        const { zone, lastSlot } = this.meterStates.get(address) ?? { zone: 0, lastSlot: 0 };
        return { zone, lastSlot };
      }),
    );
  }

  settle(
    zone: number,
    slot: number,
    readings: readonly { importWh: number; exportWh: number; signature: string }[],
  ): Promise<{ block: BlockMark; outcomes: ReadonlyMap<string, BatchOutcome> }> {
    const mishap = this.mishaps.shift();
    if (mishap === "never sent") return Promise.reject(new Error("the node died before the transaction arrived"));
    const signed = readings.map((reading) => ({
      ...reading,
      meter: readingSigner(this.#domain, { ...reading, zone, slot }, reading.signature),
    }));
    const { poison } = this;
    if (poison !== undefined && signed.some(({ meter }) => meter === poison.meter)) {
      return Promise.reject(new ContractRefusal(poison.error));
    }
    if (mishap === "waits for its block") {
      this.#waiting = () => void this.#apply(slot, signed);
      return Promise.reject(new Error("the node died before the transaction was in a block"));
    }
    const result = this.#apply(slot, signed);
    if (mishap === "answer lost") return Promise.reject(new Error("the node died before it answered"));
    return Promise.resolve(result);
  }

  settledReadings(
    slot: number,
    meters: readonly string[],
    fromBlock: number,
  ): Promise<ReadonlyMap<string, ChainReading>> {
    const found = new Map<string, ChainReading>();
    for (const meter of meters) {
      const effect = this.effects.get(`${meter}/${slot}`)?.at(-1);
      if (effect !== undefined && effect.block.number >= fromBlock) found.set(meter, effect);
    }
    return Promise.resolve(found);
  }

  #apply(
    slot: number,
    readings: readonly { meter: string; importWh: number; exportWh: number }[],
  ): { block: BlockMark; outcomes: ReadonlyMap<string, BatchOutcome> } {
    this.mine();
    const number = this.#blocks.length - 1;
    const block = { number, hash: this.#blocks[number] ?? "" };
    this.batches.push(readings.length);
    const outcomes = new Map<string, BatchOutcome>();
    const undo: (() => void)[] = [];
    for (const { meter, importWh, exportWh } of readings) {
      const state = this.meterStates.get(meter);
      const code = this.#problem(state, slot, importWh, exportWh);
      if (state === undefined || code !== undefined) {
        outcomes.set(meter, { settled: false, code: code ?? "UnknownMeter" });
        continue;
      }
      const before = { ...state };
      const key = `${meter}/${slot}`;
      Object.assign(state, { lastSlot: slot, importWh, exportWh });
      this.effects.set(key, [...(this.effects.get(key) ?? []), { importWh, exportWh, block }]);
      undo.push(() => {
        Object.assign(state, before);
        this.effects.set(key, (this.effects.get(key) ?? []).slice(0, -1));
      });
      outcomes.set(meter, { settled: true, importWh, exportWh });
    }
    this.#undo.push(() => undo.forEach((one) => one()));
    return { block, outcomes };
  }

  #problem(state: FakeMeter | undefined, slot: number, importWh: number, exportWh: number): string | undefined {
    if (state === undefined) return "UnknownMeter";
    if (slot <= state.lastSlot) return "ReadingTooOld";
    if (this.time < slotEnd(slot)) return "ReadingTooEarly";
    if (slot !== state.lastSlot + 1 && this.time < readingDeadline(slot - 1)) return "EarlierSlotOpen";
    return importWh < state.importWh || exportWh < state.exportWh ? "RegisterDecreased" : undefined;
  }
}
