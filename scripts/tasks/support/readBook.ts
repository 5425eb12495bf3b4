import { buildBook, type Book } from "../../../src/market/book.ts";
import { sideOf } from "../../../src/market/side.ts";
import { receiveOrder, requireOrderSigner } from "../../../src/market/sign.ts";
import { readBookFile } from "./bookFile.ts";
import type { Session } from "./session.ts";

/**
 * The book of a slot: the signed orders of a JSON file, each checked to be signed by its meter or delegate, with the
 * orders that were placed on chain.
 */
export async function readBook(path: string, { exchange, domain }: Session): Promise<Book> {
  const { zone, slot, orders } = await readBookFile(path);
  const signed = await Promise.all(
    orders.map(async ({ meter, delegated = false, signature, ...terms }) => {
      const order = receiveOrder(domain, { zone, slot, ...terms }, signature, delegated ? meter : undefined);
      const signer = delegated ? (await exchange.meter(meter)).config.delegate : meter;
      requireOrderSigner(domain, order, signer);
      return order;
    }),
  );
  const placed = (await exchange.placedOrders(zone, slot)).map(({ side, ...entry }) => ({
    ...entry,
    // A cancellation has no energy, and may have no side.
    side: entry.energyWh === 0 ? "bid" : sideOf(side),
  }));
  return buildBook({ domain, zone, slot, orders: signed, placed });
}
