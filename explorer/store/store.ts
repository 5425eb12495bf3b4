/** Which chain an index belongs to. A node that was started anew has another `instance` though its genesis is the same. */
export interface ChainKey {
  readonly chainId: number;
  readonly genesisHash: string;
  /** The node's own name of this run where it has one (Hardhat's `hardhat_metadata`), else empty. */
  readonly instance: string;
  /** What is indexed of it: a fingerprint of the contracts, their addresses and their events. */
  readonly deployment: string;
}

export interface BlockRow {
  readonly number: number;
  readonly hash: string;
  readonly parentHash: string;
  readonly time: number;
  readonly gasUsed: number;
  readonly gasLimit: number;
  readonly transactions: number;
}

export interface TransactionRow {
  readonly hash: string;
  readonly blockNumber: number;
  readonly index: number;
  readonly from: string;
  readonly to: string | null;
  readonly nonce: number;
  /** The called contract and function where the deployment knows them. */
  readonly contract: string | null;
  readonly method: string | null;
  readonly succeeded: boolean;
  readonly gasUsed: number;
  readonly createdContract: string | null;
}

export interface EventRow {
  readonly blockNumber: number;
  readonly logIndex: number;
  readonly transactionHash: string;
  readonly transactionIndex: number;
  readonly address: string;
  readonly contract: string;
  readonly name: string;
  /** Named arguments as JSON: integers of a type wider than 48 bits as decimal strings, but energy (`…Wh`) as numbers. */
  readonly args: string;
  /** What the event is about, so that it is found from there. */
  readonly keys: readonly EventKey[];
}

/** `party` is any address that the event names: meter, owner, provider, account. */
export type EventKey =
  | { readonly kind: "party"; readonly value: string }
  | { readonly kind: "slot"; readonly value: `${number}/${number}` }
  | { readonly kind: "zone" | "site" | "job" | "lease" | "season"; readonly value: string }
  | { readonly kind: "certificate"; readonly value: string }
  /** A reproducible job, and a dispute about a claim of one. */
  | { readonly kind: "reproducible" | "dispute"; readonly value: string }
  /** The governor's id in decimal, or the hash of an operation of the timelock or of the access manager. */
  | { readonly kind: "proposal"; readonly value: string };

/** Blocks in order, with everything in them. */
export interface Batch {
  readonly blocks: readonly BlockRow[];
  readonly transactions: readonly TransactionRow[];
  readonly events: readonly EventRow[];
}

/** A place in the chain's order. Lists continue before (newest first) or after it. */
export interface Position {
  readonly blockNumber: number;
  readonly index: number;
}

export interface PageOptions {
  /** At most this many rows; the store refuses more than 1,000. */
  readonly limit: number;
  /** Default newest first. */
  readonly order?: "newest" | "oldest";
  /** Only what comes after this place in the list's own order. */
  readonly after?: Position;
}

export interface EventFilter {
  readonly contract?: string;
  readonly names?: readonly string[];
  readonly key?: EventKey;
  /** Further subjects that an event is about; the list is read along `key`, so that should be the rarest. */
  readonly also?: readonly EventKey[];
  readonly fromBlock?: number;
  readonly toBlock?: number;
}

/** An indexed event with its block's time. */
export type StoredEvent = Omit<EventRow, "keys"> & { readonly time: number };
export type StoredTransaction = TransactionRow & { readonly time: number };

/** Something that events are about, with its number in the index. */
export interface Subject {
  readonly id: number;
  readonly key: EventKey;
}

/** The index of one chain. Reading never blocks writing; every query is bounded. */
export interface Store {
  readonly kind: "sqlite" | "postgres";
  /** The newest indexed block. */
  head(): Promise<BlockRow | undefined>;
  /**
   * Adds blocks that follow on the head, all of them or none. Throws INDEX_OUT_OF_ORDER where they do not follow on it,
   * because another process wrote meanwhile.
   */
  append(batch: Batch): Promise<void>;
  /** Forgets every block above `blockNumber` (-1: all of them), after a reorganisation. */
  rewind(blockNumber: number): Promise<void>;

  block(id: number | string): Promise<BlockRow | undefined>;
  blocks(page: PageOptions): Promise<BlockRow[]>;
  transaction(hash: string): Promise<StoredTransaction | undefined>;
  transactionsOfBlock(blockNumber: number, page: PageOptions): Promise<StoredTransaction[]>;
  /** Those that the address sent, received, created, or is named by in an event. */
  transactionsOf(address: string, page: PageOptions): Promise<StoredTransaction[]>;
  transactionBySenderAndNonce(sender: string, nonce: number): Promise<StoredTransaction | undefined>;
  creationOf(address: string): Promise<StoredTransaction | undefined>;
  events(filter: EventFilter, page: PageOptions): Promise<StoredEvent[]>;
  eventsOfTransaction(hash: string): Promise<StoredEvent[]>;
  countEvents(filter: EventFilter): Promise<number>;
  /** What events and transactions are listed under, by its number, from the first number after `after` on. */
  subjects(page: { readonly after: number; readonly limit: number }): Promise<Subject[]>;

  /** Runs one `select` on the documented read-only schema; anything else is refused. At most 10,000 rows. */
  select(sql: string): Promise<{ readonly columns: readonly string[]; readonly rows: readonly (readonly unknown[])[] }>;
  close(): Promise<void>;
}

/** Opens the index of a chain, creating it where it is not there; indexes of other instances are left alone. */
export type OpenStore = (chain: ChainKey) => Promise<Store>;
