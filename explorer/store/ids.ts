import type { EventType, Ids, Value } from "./encode.ts";
import type { EventKey } from "./store.ts";

const MOST_KEPT = 200_000;

/** Tables that give what they hold a number. */
export type NumberedTable = "subject" | "event_type";
type ByTable<T> = Readonly<Record<NumberedTable, T>>;

/** Where the numbers are kept. */
export interface IdSource {
  /** The number of these values, where they have one already. */
  find(table: NumberedTable, values: readonly string[]): number | undefined;
  /** The highest number given. */
  highest(table: NumberedTable): number;
}

/** Gives numbers within a transaction, and gathers the new ones, which are then to be written. */
export interface GivenIds extends Ids {
  readonly added: ByTable<Value[][]>;
}

/** Numbers that this process knows, from one transaction to the next. */
export class KnownIds {
  readonly #tables = { subject: new Map<string, number>(), event_type: new Map<string, number>() };

  /** After a transaction was undone, what it numbered is not known. */
  forget(): void {
    for (const table of Object.values(this.#tables)) table.clear();
  }

  /** Between transactions: the memory for it stays bounded. */
  trim(): void {
    if (this.#tables.subject.size > MOST_KEPT) this.#tables.subject.clear();
  }

  within(source: IdSource): GivenIds {
    const added: ByTable<Value[][]> = { subject: [], event_type: [] };
    const next = new Map<NumberedTable, number>();
    const idOf = (table: NumberedTable, values: readonly string[], name: string): number => {
      let id = source.find(table, values);
      if (id === undefined) {
        id = next.get(table) ?? source.highest(table) + 1;
        next.set(table, id + 1);
        added[table].push([id, ...values]);
      }
      this.#tables[table].set(name, id);
      return id;
    };
    return { added, ...this.#ids(idOf) };
  }

  /** What `use` asks for and is not known. */
  unknownIn(use: (ids: Ids) => unknown): ByTable<readonly (readonly string[])[]> {
    const unknown = { subject: new Map<string, readonly string[]>(), event_type: new Map<string, readonly string[]>() };
    const ids = this.#ids((table, values, name) => {
      unknown[table].set(name, values);
      return 0;
    });
    use(ids);
    return { subject: [...unknown.subject.values()], event_type: [...unknown.event_type.values()] };
  }

  #ids(otherwise: (table: NumberedTable, values: readonly string[], name: string) => number): Ids {
    const idOf = (table: NumberedTable, values: readonly string[]): number => {
      const name = values.join("\0");
      return this.#tables[table].get(name) ?? otherwise(table, values, name);
    };
    return {
      subject: (kind: EventKey["kind"], value: string) => idOf("subject", [kind, value]),
      eventType: ({ contract, address, name }: EventType) => idOf("event_type", [contract, address, name]),
    };
  }
}
