import { createHash } from "node:crypto";
import { getChecksum } from "../../src/chain/checksum.ts";
import { encodeMeterWord, NO_FLAGS } from "../../src/market/meterWord.ts";
import { encodeLine } from "../../src/market/packed.ts";
import { SLOT_SECONDS } from "../../src/units.ts";
import type { Batch, BlockRow, EventKey, EventRow, TransactionRow } from "../../explorer/store/store.ts";

export interface SyntheticIndexParameters {
  /** The last slot is whole, so that it may be a few more. */
  readonly events: number;
  readonly zones: number;
  readonly metersPerZone: number;
}

const FIRST_SLOT = 1_945_000;
/** A matcher is set this often: an event that is rare among a zone's. */
const MATCHER_SLOTS = 96;
const EXCHANGE = address("exchange", 0);
const CREDIT = address("credit", 0);
const GAS_LIMIT = 60_000_000;

/**
 * Slots of a market as the indexer would find them, a batch a slot: each zone's book is cleared in one block, its meters are
 * read in the next, and a meter deposits in a third. The same parameters give the same batches.
 */
export function* syntheticBatches({ events, zones, metersPerZone }: SyntheticIndexParameters): Generator<Batch> {
  const chain = new SyntheticChain();
  let made = 0;
  for (let slot = FIRST_SLOT; made < events; slot += 1) {
    const batch = chain.slot(slot, zones, metersPerZone);
    made += batch.events.length;
    yield batch;
  }
}

type Emitted = Pick<EventRow, "contract" | "name" | "keys"> & { readonly args: Readonly<Record<string, unknown>> };

class SyntheticChain {
  #head: Pick<BlockRow, "number" | "hash"> = { number: -1, hash: digest("before", 0) };
  readonly #nonces = new Map<string, number>();

  slot(slot: number, zones: number, metersPerZone: number): Batch {
    const rows: { blocks: BlockRow[]; transactions: TransactionRow[]; events: EventRow[] } = {
      blocks: [],
      transactions: [],
      events: [],
    };
    const add = (from: string, method: string, emitted: readonly Emitted[]): void => {
      const { block, transaction, events } = this.#transaction(slot * SLOT_SECONDS, from, method, emitted);
      rows.blocks.push(block);
      rows.transactions.push(transaction);
      rows.events.push(...events);
    };
    for (let zone = 1; zone <= zones; zone += 1) {
      const meters = Array.from({ length: metersPerZone }, (_, place) => address("meter", zone * 1_000_000 + place));
      add(address("matcher", zone), "clear", clearing(zone, slot, meters));
      add(address("gateway", zone), "settle", settlement(zone, slot, meters));
      const meter = meters[slot % metersPerZone];
      if (meter !== undefined) add(address("owner", zone), "deposit", deposit(meter, address("owner", zone)));
      if (slot % MATCHER_SLOTS === 0) {
        const matcher = address("matcher", zone);
        add(address("grid", 0), "setMatcher", [
          exchange("MatcherSet", { zone, matcher, fromSlot: slot }, [zoneKey(zone), party(matcher)]),
        ]);
      }
    }
    return rows;
  }

  #transaction(time: number, from: string, method: string, emitted: readonly Emitted[]) {
    const blockNumber = this.#head.number + 1;
    const block: BlockRow = {
      number: blockNumber,
      hash: digest("block", blockNumber),
      parentHash: this.#head.hash,
      time,
      gasUsed: 50_000 + 12_000 * emitted.length,
      gasLimit: GAS_LIMIT,
      transactions: 1,
    };
    this.#head = block;
    const nonce = this.#nonces.get(from) ?? 0;
    this.#nonces.set(from, nonce + 1);
    const transaction: TransactionRow = {
      ...{ hash: digest("transaction", blockNumber), blockNumber, index: 0, from, to: EXCHANGE, nonce },
      ...{ contract: "EnergyExchange", method, succeeded: true, gasUsed: block.gasUsed, createdContract: null },
    };
    const events = emitted.map((event, logIndex) => ({
      ...{ ...event, blockNumber, logIndex, transactionHash: transaction.hash, transactionIndex: 0 },
      address: event.contract === "EnergyCredit" ? CREDIT : EXCHANGE,
      args: JSON.stringify(event.args),
    }));
    return { block, transaction, events };
  }
}

function clearing(zone: number, slot: number, meters: readonly string[]): Emitted[] {
  const place = [zoneKey(zone), slotKey(zone, slot)];
  return [
    exchange(
      "TariffFixed",
      { zone, slot, importPrice: 300_000, exportPrice: 80_000, scarcityPpm: 0, queuedWh: 0 },
      place,
    ),
    ...meters.map((meter, at) =>
      exchange("OrderCleared", { meter, fill: String(2n ** 252n + BigInt(slot * 1_000 + at)) }, [
        party(meter),
        ...place,
      ]),
    ),
    exchange(
      "SlotCleared",
      {
        zone,
        slot,
        clearingPrice: 190_000 + (slot % 7) * 1_000,
        matchedWh: 10_000 + (slot % 5) * zone,
        positions: meters.length,
      },
      place,
    ),
  ];
}

function settlement(zone: number, slot: number, meters: readonly string[]): Emitted[] {
  const place = [zoneKey(zone), slotKey(zone, slot)];
  const root = digest("root", slot * 1_000 + zone);
  return [
    ...meters.map((meter, at) => {
      const registers = { importWh: (slot - FIRST_SLOT) * (100 + at), exportWh: 0, lastSlot: slot };
      const lanes = { laneEven: null, laneOdd: null, balanceTicks: 10n ** 12n, reliability: 0x800 };
      const word = encodeMeterWord({ ...registers, ...lanes, tier: 0, flags: NO_FLAGS, powerClass: 64, zone });
      const line = encodeLine({ mintedTicks: 0n, burnedTicks: BigInt(at), networkTicks: 5n, levyTicks: 7n });
      return exchange("ReadingSettled", { meter, word: String(word), line: String(line) }, [party(meter), ...place]);
    }),
    exchange("BatchSettled", { zone, slot, root, readings: String(meters.length) }, place),
  ];
}

function deposit(meter: string, from: string): Emitted[] {
  const keys = [party(meter), party(from)];
  return [
    {
      contract: "EnergyCredit",
      name: "Transfer",
      args: { from, to: EXCHANGE, value: "1000000" },
      keys: [...keys, party(EXCHANGE)],
    },
    exchange("Deposited", { meter, from, amountTicks: "1000000", word: "0" }, keys),
  ];
}

function exchange(name: string, args: Emitted["args"], keys: readonly EventKey[]): Emitted {
  return { contract: "EnergyExchange", name, args, keys };
}

function party(value: string): EventKey {
  return { kind: "party", value };
}

function zoneKey(zone: number): EventKey {
  return { kind: "zone", value: String(zone) };
}

function slotKey(zone: number, slot: number): EventKey {
  return { kind: "slot", value: `${zone}/${slot}` };
}

function digest(kind: string, number: number): string {
  return `0x${createHash("sha256")
    .update(`${kind} ${String(number)}`)
    .digest("hex")}`;
}

function address(kind: string, number: number): string {
  return getChecksum(digest(kind, number).slice(0, 42));
}
