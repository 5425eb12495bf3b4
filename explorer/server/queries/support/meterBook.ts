import { ENERGY_SOURCE_CODES } from "../../../../src/market/codes.ts";
import type { Position, Store } from "../../../store/store.ts";
import { eventsOf, positionOf } from "./events.ts";
import { meterWordOf } from "./words.ts";

export interface BookedMeter {
  readonly zone: number;
  readonly site: number;
  readonly renewable: boolean;
}

const RENEWABLE = new Set<number>(
  (["solar", "wind", "hydro", "geothermal", "biomass"] as const).map((source) => ENERGY_SOURCE_CODES[source]),
);
const ROWS_AT_ONCE = 1_000;

interface Book {
  readonly meters: Map<string, BookedMeter>;
  after: { readonly position: Position; readonly blockHash: string } | undefined;
}

const books = new WeakMap<Store, Book>();

/**
 * Every meter that was ever registered, with what never changes of it. Registrations are read once and then only the new
 * ones; after a reorganisation, all again.
 */
export async function meterBook(store: Store): Promise<ReadonlyMap<string, BookedMeter>> {
  let book = books.get(store);
  const stands =
    book?.after === undefined || (await store.block(book.after.position.blockNumber))?.hash === book.after.blockHash;
  if (book === undefined || !stands) books.set(store, (book = { meters: new Map(), after: undefined }));
  for (;;) {
    const events = await eventsOf(
      store,
      "EnergyExchange",
      ["MeterRegistered", "MeterReplaced"],
      {},
      {
        limit: ROWS_AT_ONCE,
        order: "oldest",
        ...(book.after === undefined ? {} : { after: book.after.position }),
      },
    );
    for (const event of events) {
      if (event.name === "MeterRegistered") {
        const { meter, site, source, word } = event.args;
        book.meters.set(meter, { zone: meterWordOf(word).zone, site, renewable: RENEWABLE.has(source) });
      } else {
        const old = book.meters.get(event.args.oldMeter);
        if (old !== undefined) book.meters.set(event.args.newMeter, old);
      }
    }
    const last = events.at(-1);
    if (last !== undefined) {
      const blockHash = (await store.block(last.blockNumber))?.hash ?? "";
      book.after = { position: positionOf(last), blockHash };
    }
    if (events.length < ROWS_AT_ONCE) return book.meters;
  }
}
