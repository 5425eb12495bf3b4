import type { EventType, Ids, Value } from "./encode.ts";
import type { EventKey } from "./store.ts";

const MOST_KEPT = 200_000;

/** Where numbers of subjects and event types are kept. */
export interface IdSource {
  /** Its number, where it has one already. */
  find(table: "subject" | "event_type", values: readonly string[]): number | undefined;
  /** The highest number given. */
  highest(table: "subject" | "event_type"): number;
}

/** Gives numbers within a transaction, and gathers the new ones, which are then to be written. */
export interface GivenIds extends Ids {
  readonly added: { readonly subject: Value[][]; readonly event_type: Value[][] };
}

/** Numbers that are known, kept between transactions. */
export class KnownIds {
  readonly #tables = { subject: new Map<string, number>(), event_type: new Map<string, number>() };

  /** After a transaction was undone, what it numbered is not known. */
  forget(): void {
    for (const table of Object.values(this.#tables)) table.clear();
  }

  within(source: IdSource): GivenIds {
    const added: { subject: Value[][]; event_type: Value[][] } = { subject: [], event_type: [] };
    const next = new Map<string, number>();
    const idOf = (table: "subject" | "event_type", values: readonly string[]): number => {
      const known = this.#tables[table];
      const name = values.join("\0");
      const kept = known.get(name);
      if (kept !== undefined) return kept;
      let id = source.find(table, values);
      if (id === undefined) {
        id = next.get(table) ?? source.highest(table) + 1;
        next.set(table, id + 1);
        added[table].push([id, ...values]);
      }
      known.set(name, id);
      return id;
    };
    return {
      added,
      subject: (kind: EventKey["kind"], value: string) => idOf("subject", [kind, value]),
      eventType: ({ contract, address, name }: EventType) => idOf("event_type", [contract, address, name]),
    };
  }

  /** Between transactions: the memory for it stays bounded. */
  trim(): void {
    if (this.#tables.subject.size > MOST_KEPT) this.#tables.subject.clear();
  }
}
