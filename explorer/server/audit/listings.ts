import { isAddress } from "ethers";
import { getChecksum } from "../../../src/chain/checksum.ts";
import type { Batch, EventKey, Store } from "../../store/store.ts";
import { ROWS_AT_ONCE, storedPages } from "./storedPages.ts";

/** What has to be found from a subject, by its place. */
interface Listing {
  readonly key: EventKey;
  readonly events: Set<string>;
  /** Of a party alone. */
  readonly transactions: Set<string>;
}

/** Something that the index lists under a subject and should not, or should and does not. */
export interface ListingDifference {
  readonly text: string;
  readonly found: boolean;
  readonly page: string | null;
}

/** Under which subjects each event and each transaction has to be found. */
export class Listings {
  readonly #listings = new Map<string, Listing>();

  /** Places of events under subjects, all told. */
  get events(): number {
    return [...this.#listings.values()].reduce((sum, { events }) => sum + events.size, 0);
  }

  add({ transactions, events }: Batch): void {
    for (const { blockNumber, index, from, to, createdContract } of transactions) {
      for (const address of [from, to, createdContract]) {
        if (address !== null) this.#of(partyKey(address)).transactions.add(placeText(blockNumber, index));
      }
    }
    for (const { blockNumber, logIndex, transactionIndex, keys } of events) {
      for (const key of keys) {
        const listing = this.#of(key);
        listing.events.add(placeText(blockNumber, logIndex));
        if (key.kind === "party") listing.transactions.add(placeText(blockNumber, transactionIndex));
      }
    }
  }

  /** Where the index lists otherwise, up to a block; also under subjects that the chain does not know. */
  async *differences(store: Store, toBlock: number): AsyncGenerator<ListingDifference> {
    for (let after = 0; ;) {
      const subjects = await store.subjects({ after, limit: ROWS_AT_ONCE });
      for (const { key } of subjects) {
        // What is no address leads nowhere and cannot be asked for.
        if (key.kind !== "party" || isParty(key.value)) this.#of(key);
        else yield { text: `subject ${key.kind} ${key.value}`, found: true, page: null };
      }
      const last = subjects.at(-1);
      if (last === undefined) break;
      after = last.id;
    }
    for (const [name, { key, events, transactions }] of this.#listings) {
      yield* differ("event", name, events, await listedEvents(store, key, toBlock));
      if (key.kind !== "party") continue;
      yield* differ("transaction", name, transactions, await listedTransactions(store, key.value, toBlock));
    }
  }

  #of(key: EventKey): Listing {
    const name = `${key.kind} ${key.value}`;
    let listing = this.#listings.get(name);
    if (listing === undefined) {
      listing = { key, events: new Set(), transactions: new Set() };
      this.#listings.set(name, listing);
    }
    return listing;
  }
}

/** A place in the chain as findings name it. */
export function placeText(blockNumber: number, index: number): string {
  return `${String(blockNumber)}, ${String(index)}`;
}

function partyKey(address: string): EventKey {
  return { kind: "party", value: getChecksum(address) };
}

function isParty(text: string): boolean {
  return isAddress(text) && getChecksum(text) === text;
}

function* differ(
  what: string,
  name: string,
  expected: ReadonlySet<string>,
  found: ReadonlyMap<string, string>,
): Generator<ListingDifference> {
  for (const [place, hash] of found) {
    if (!expected.has(place))
      yield { text: `${what} ${place} is listed under ${name}`, found: true, page: `/tx/${hash}` };
  }
  for (const place of expected) {
    if (!found.has(place)) yield { text: `${what} ${place} is listed under ${name}`, found: false, page: null };
  }
}

/** Hashes of transactions by the places of their events. */
async function listedEvents(store: Store, key: EventKey, toBlock: number): Promise<Map<string, string>> {
  const found = await storedPages(
    (after) => store.events({ key, toBlock }, { limit: ROWS_AT_ONCE, order: "oldest", after }),
    ({ blockNumber, logIndex }) => ({ blockNumber, index: logIndex }),
    { blockNumber: 0, index: -1 },
  );
  return new Map(
    found.map(({ blockNumber, logIndex, transactionHash }) => [placeText(blockNumber, logIndex), transactionHash]),
  );
}

async function listedTransactions(store: Store, party: string, toBlock: number): Promise<Map<string, string>> {
  const found = await storedPages(
    (after) => store.transactionsOf(party, { limit: ROWS_AT_ONCE, order: "oldest", after }),
    ({ blockNumber, index }) => ({ blockNumber, index }),
    { blockNumber: 0, index: -1 },
    ({ blockNumber }) => blockNumber > toBlock,
  );
  return new Map(found.map(({ blockNumber, index, hash }) => [placeText(blockNumber, index), hash]));
}
