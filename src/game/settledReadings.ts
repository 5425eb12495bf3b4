import { EXCHANGE_ABI } from "../chain/exchangeAbi.ts";
import type { ExchangeEvent } from "../chain/exchange.ts";
import { readEvents } from "../chain/logs.ts";
import type { RpcClient } from "../chain/rpc.ts";
import { JouleworkError } from "../errors.ts";
import { decodeMeterWord, type MeterWord } from "../market/meterWord.ts";
import { leafHash, readingTree, type ReadingLeaf } from "../market/readings.ts";

/** A settled reading with the path that proves it, as the contracts take it. */
export interface ProvenReading {
  readonly leaf: {
    readonly meter: string;
    readonly zone: number;
    readonly slot: number;
    readonly importWh: number;
    readonly exportWh: number;
    readonly flags: number;
  };
  readonly root: string;
  readonly proof: string[];
}

export interface SettledReadingsParameters {
  readonly rpc: RpcClient;
  /** Address of the exchange. */
  readonly exchange: string;
  /** Block of the deployment: registers are followed from the beginning. */
  readonly fromBlock: number;
  readonly toBlock: number;
}

/** Settled readings of all meters, with their proofs. */
export interface SettledReadings {
  /** Those of a meter in rising slots, gap readings included. */
  readonly of: (meter: string) => readonly ReadingLeaf[];
  /** The reading of a meter and slot with its proof. */
  readonly prove: (meter: string, slot: number) => ProvenReading | undefined;
}

interface Settled {
  readonly leaf: ReadingLeaf;
  readonly batch: Batch;
  readonly index: number;
}

interface Batch {
  readonly root: string;
  readonly hashes: readonly string[];
}

const NAMES = ["MeterRegistered", "MeterReplaced", "ReadingSettled", "BatchSettled"] as const;

/** Reads every settled reading from the exchange's events; each batch must have the root that the chain has for it. */
export async function readSettledReadings({
  rpc,
  exchange,
  fromBlock,
  toBlock,
}: SettledReadingsParameters): Promise<SettledReadings> {
  const follower = new Follower();
  const range = { rpc, abi: EXCHANGE_ABI, address: exchange, fromBlock, toBlock, names: NAMES };
  for await (const { events } of readEvents(range)) for (const event of events) follower.take(event);
  const { settled } = follower;
  return {
    of: (meter) => [...(settled.get(meter)?.values() ?? [])].map(({ leaf }) => leaf),
    prove(meter, slot) {
      const found = settled.get(meter)?.get(slot);
      if (found === undefined) return undefined;
      const { gap, ...leaf } = found.leaf;
      const proof = readingTree(found.batch.hashes).proof(found.index);
      return { leaf: { ...leaf, flags: gap ? 1 : 0 }, root: found.batch.root, proof };
    },
  };
}

/** Follows registers from event to event: what flowed is the difference. */
class Follower {
  readonly settled = new Map<string, Map<number, Settled>>();
  readonly #words = new Map<string, MeterWord>();
  #batch: ReadingLeaf[] = [];

  take(event: ExchangeEvent): void {
    if (event.name === "MeterRegistered") {
      this.#words.set(event.args.meter, decodeMeterWord(event.args.word));
    } else if (event.name === "MeterReplaced") {
      this.#words.set(event.args.newMeter, decodeMeterWord(event.args.newWord));
    } else if (event.name === "ReadingSettled") {
      this.#reading(event.args.meter, decodeMeterWord(event.args.word));
    } else if (event.name === "BatchSettled") {
      this.#finish(event.args.root, event.args.slot);
    }
  }

  #reading(meter: string, word: MeterWord): void {
    const before = this.#words.get(meter);
    this.#words.set(meter, word);
    if (before === undefined) return;
    this.#batch.push({
      meter,
      zone: before.zone,
      slot: word.lastSlot,
      importWh: word.importWh - before.importWh,
      exportWh: word.exportWh - before.exportWh,
      gap: word.lastSlot > before.lastSlot + 1,
    });
  }

  #finish(root: string, slot: number): void {
    const leaves = this.#batch;
    this.#batch = [];
    // In a batch that came late, every reading is a gap reading; the root tells which it was.
    for (const candidate of [leaves, leaves.map((leaf) => ({ ...leaf, gap: true }))]) {
      const hashes = candidate.map(leafHash);
      if (hashes.length === 0 || readingTree(hashes).root !== root) continue;
      const batch = { root, hashes };
      candidate.forEach((leaf, index) => {
        const slots = this.settled.get(leaf.meter) ?? new Map<number, Settled>();
        this.settled.set(leaf.meter, slots.set(leaf.slot, { leaf, batch, index }));
      });
      return;
    }
    throw new JouleworkError({
      code: "BATCH_ROOT_UNKNOWN",
      what: "The events of a batch of readings do not give its root",
      values: { slot, root, readings: leaves.length },
      hint: "Read from the block of the deployment on, and from a node that has all events.",
    });
  }
}
