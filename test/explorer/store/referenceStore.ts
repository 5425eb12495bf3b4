import type {
  Batch,
  EventFilter,
  EventRow,
  PageOptions,
  Position,
  StoredEvent,
  StoredTransaction,
} from "../../../explorer/store/store.ts";

/** What an index has to answer, by looking at every row of the batches. */
export class ReferenceStore {
  readonly #batches: readonly Batch[];
  readonly #times: ReadonlyMap<number, number>;

  constructor(batches: readonly Batch[]) {
    this.#batches = batches;
    this.#times = new Map(batches.flatMap(({ blocks }) => blocks.map(({ number, time }) => [number, time] as const)));
  }

  events(filter: EventFilter, page: PageOptions): StoredEvent[] {
    const found = this.#events().filter((event) => fits(event, filter));
    return paged(found, page, ({ blockNumber, logIndex }) => ({ blockNumber, index: logIndex })).map((event) =>
      this.#stored(event),
    );
  }

  countEvents(filter: EventFilter): number {
    return this.#events().filter((event) => fits(event, filter)).length;
  }

  eventsOfTransaction(hash: string): StoredEvent[] {
    return this.#events()
      .filter(({ transactionHash }) => transactionHash === hash)
      .map((event) => this.#stored(event));
  }

  transactionsOf(address: string, page: PageOptions): StoredTransaction[] {
    const named = new Set(
      this.#events()
        .filter(({ keys }) => keys.some(({ kind, value }) => kind === "party" && value === address))
        .map(({ transactionHash }) => transactionHash),
    );
    const found = this.transactions().filter(
      ({ hash, from, to, createdContract }) => [from, to, createdContract].includes(address) || named.has(hash),
    );
    return paged(found, page, (transaction) => transaction);
  }

  transactions(): StoredTransaction[] {
    return this.#batches.flatMap(({ transactions }) =>
      transactions.map((row) => ({ ...row, time: this.#times.get(row.blockNumber) ?? NaN })),
    );
  }

  #events(): EventRow[] {
    return this.#batches.flatMap(({ events }) => [...events]);
  }

  #stored(event: EventRow): StoredEvent {
    const { blockNumber, logIndex, transactionHash, transactionIndex, address, contract, name, args } = event;
    const time = this.#times.get(blockNumber) ?? NaN;
    return { blockNumber, logIndex, time, transactionHash, transactionIndex, address, contract, name, args };
  }
}

function fits(event: EventRow, filter: EventFilter): boolean {
  const { contract, names, key, also = [], fromBlock = 0, toBlock = Infinity } = filter;
  const wanted = [...(key === undefined ? [] : [key]), ...also];
  return (
    (contract === undefined || event.contract === contract) &&
    (names === undefined || names.includes(event.name)) &&
    wanted.every((one) => event.keys.some(({ kind, value }) => kind === one.kind && value === one.value)) &&
    event.blockNumber >= fromBlock &&
    event.blockNumber <= toBlock
  );
}

function paged<T>(rows: readonly T[], { limit, order = "newest", after }: PageOptions, at: (row: T) => Position): T[] {
  const sign = order === "newest" ? -1 : 1;
  const compare = (a: Position, b: Position): number => sign * (a.blockNumber - b.blockNumber || a.index - b.index);
  return rows
    .filter((row) => after === undefined || compare(at(row), after) > 0)
    .sort((a, b) => compare(at(a), at(b)))
    .slice(0, limit);
}
