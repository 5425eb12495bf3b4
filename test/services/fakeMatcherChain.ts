import { ZeroHash } from "ethers";
import { bookHash, decodeEntries } from "../../src/market/book.ts";
import type { BookOrder, PlacedOrder } from "../../src/market/book.ts";
import type { MarketDomain } from "../../src/market/messages.ts";
import { NEUTRAL_RELIABILITY, NO_FLAGS } from "../../src/market/meterWord.ts";
import type { MeterWord } from "../../src/market/meterWord.ts";
import { ContractRefusal } from "../../src/market/service/exchangeLink.ts";
import type { MatcherChain, SlotState } from "../../src/market/service/types.ts";
import { clearingWindows, commitWindow, isWithin } from "../../src/market/timeline.ts";

interface FakeSlot {
  bookHash: string;
  cleared: boolean;
  bookCleared: boolean;
  placed: PlacedOrder[];
}

/** How the next transaction fares: it has effect but its answer is lost, or it never arrives. */
export type MatcherMishap = "answer lost" | "never sent";

export const NOBODY = "0x0000000000000000000000000000000000000000";

/** A chain in memory that keeps the exchange's windows and checks books as `clear` does. */
export class FakeMatcherChain implements MatcherChain {
  readonly account: string;
  readonly words = new Map<string, MeterWord>();
  readonly delegateOf = new Map<string, string>();
  readonly mishaps: MatcherMishap[] = [];
  readonly commitments: string[] = [];
  /** What each clearing cleared, in strict order, bids first. */
  readonly clearings: BookOrder[][] = [];
  zoneMatcher: string;
  bondTicks = 500_000_000_000n;
  time = 0;
  blockNumber = 0;
  /** How often meters were asked for. */
  meterReads = 0;
  readonly #domain: MarketDomain;
  readonly #slots = new Map<string, FakeSlot>();

  constructor(domain: MarketDomain, matcher: string) {
    this.#domain = domain;
    this.account = matcher;
    this.zoneMatcher = matcher;
  }

  addMeter(address: string, changes: Partial<MeterWord> = {}): void {
    this.words.set(address, {
      importWh: 0,
      exportWh: 0,
      lastSlot: 0,
      laneEven: null,
      laneOdd: null,
      balanceTicks: 10n ** 12n,
      reliability: NEUTRAL_RELIABILITY,
      tier: 0,
      flags: { ...NO_FLAGS, bonded: true },
      powerClass: 0x34,
      zone: 1,
      ...changes,
    });
  }

  place(zone: number, slot: number, order: PlacedOrder): void {
    this.#touch(zone, slot).placed.push(order);
  }

  /** Another book for the slot, as if the matcher's key had been used elsewhere. */
  commitElsewhere(zone: number, slot: number, hash: string): void {
    this.#touch(zone, slot).bookHash = hash;
  }

  /** Takes what happened to a slot after its commitment out of the chain. */
  undoClearing(zone: number, slot: number): void {
    Object.assign(this.#touch(zone, slot), { cleared: false, bookCleared: false });
  }

  head(): Promise<{ blockNumber: number; timestamp: number }> {
    return Promise.resolve({ blockNumber: this.blockNumber, timestamp: this.time });
  }

  isCanonical(): Promise<boolean> {
    return Promise.resolve(true);
  }

  hasWaiting(): Promise<boolean> {
    return Promise.resolve(false);
  }

  send(): Promise<never> {
    return Promise.reject(new Error("the matcher commits and clears only"));
  }

  meters(addresses: readonly string[]): Promise<MeterWord[]> {
    this.meterReads += 1;
    return Promise.resolve(
      addresses.map((address) => {
        if (!this.words.has(address)) this.addMeter(address, { zone: 0 });
        const word = this.words.get(address);
        if (word === undefined) throw new RangeError("the meter was added just now");
        return word;
      }),
    );
  }

  delegates(addresses: readonly string[]): Promise<string[]> {
    return Promise.resolve(addresses.map((address) => this.delegateOf.get(address) ?? NOBODY));
  }

  tariff(): Promise<{ importPrice: number; exportPrice: number }> {
    return Promise.resolve({ importPrice: 300_000, exportPrice: 100_000 });
  }

  matcherAt(): Promise<string> {
    return Promise.resolve(this.zoneMatcher);
  }

  matcherBond(): Promise<{ ticks: bigint; unlockSlot: number }> {
    return Promise.resolve({ ticks: this.bondTicks, unlockSlot: 0 });
  }

  slot(zone: number, slot: number): Promise<SlotState | undefined> {
    const record = this.#slots.get(`${zone}/${slot}`);
    if (record === undefined) return Promise.resolve(undefined);
    return Promise.resolve({
      committed: record.bookHash !== ZeroHash,
      cleared: record.cleared,
      bookCleared: record.bookCleared,
      feederRead: false,
      bookHash: record.bookHash,
      placedCount: record.placed.length,
      openPositions: 0,
      readCount: 0,
    });
  }

  placedOrders(zone: number, slot: number): Promise<readonly PlacedOrder[]> {
    return Promise.resolve(this.#slots.get(`${zone}/${slot}`)?.placed ?? []);
  }

  commitBook(zone: number, slot: number, hash: string): Promise<void> {
    return this.#transact(() => {
      const record = this.#touch(zone, slot);
      if (record.bookHash !== ZeroHash) throw new ContractRefusal("AlreadyCommitted");
      if (!isWithin(commitWindow(slot), this.time)) throw new ContractRefusal("OutsideWindow");
      record.bookHash = hash;
      this.commitments.push(hash);
    });
  }

  clear(zone: number, slot: number, bidEntries: string, offerEntries: string): Promise<void> {
    return this.#transact(() => {
      const record = this.#touch(zone, slot);
      if (record.cleared) throw new ContractRefusal("AlreadyCleared");
      const committed = record.bookHash !== ZeroHash;
      const window = clearingWindows(slot, committed, true).find((each) => isWithin(each, this.time));
      if (window === undefined) throw new ContractRefusal("OutsideWindow");
      const source = { domain: this.#domain, zone, slot, placed: record.placed };
      const orders = [...decodeEntries(source, "bid", bidEntries), ...decodeEntries(source, "offer", offerEntries)];
      const signed = orders.filter(({ kind }) => kind !== "placed").map(({ hash }) => hash);
      const expected = window.book === "committed" ? record.bookHash : ZeroHash;
      if (bookHash(signed) !== expected) throw new ContractRefusal("BookNotCommitted");
      const live = record.placed.filter(({ energyWh }) => energyWh > 0).length;
      if (orders.length - signed.length !== live) throw new ContractRefusal("PlacedOrderMissing");
      Object.assign(record, { cleared: true, bookCleared: window.book === "committed" });
      this.clearings.push(orders);
    });
  }

  #touch(zone: number, slot: number): FakeSlot {
    const key = `${zone}/${slot}`;
    const known = this.#slots.get(key);
    if (known !== undefined) return known;
    const fresh = { bookHash: ZeroHash, cleared: false, bookCleared: false, placed: [] };
    this.#slots.set(key, fresh);
    return fresh;
  }

  #transact(work: () => void): Promise<void> {
    const mishap = this.mishaps.shift();
    if (mishap === "never sent") return Promise.reject(new Error("the node died before the transaction arrived"));
    try {
      work();
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(String(error)));
    }
    this.blockNumber += 1;
    return mishap === "answer lost" ? Promise.reject(new Error("the node died before it answered")) : Promise.resolve();
  }
}
