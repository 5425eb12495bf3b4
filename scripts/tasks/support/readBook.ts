import { z } from "zod";
import { buildBook, type Book } from "../../../src/market/book.ts";
import { sideOf } from "../../../src/market/side.ts";
import { receiveOrder, requireOrderSigner } from "../../../src/market/sign.ts";
import { addressField, parseInput, signatureField, slotField, zoneField } from "./parseInput.ts";
import { readJsonFile } from "./readInput.ts";
import type { Session } from "./session.ts";

const orderSchema = z.strictObject({
  meter: addressField,
  side: z.enum(["bid", "offer"]),
  energyWh: z.int().min(1).max(0xffffff),
  /** Ticks per Wh, as it was signed. */
  limitPrice: z.int().min(0).max(0xffffff),
  signature: signatureField,
  /** The meter's delegate signed, whom its owner named on chain. */
  delegated: z.boolean().optional(),
});
const bookSchema = z.strictObject({ zone: zoneField, slot: slotField, orders: z.array(orderSchema).max(1_000) });

/**
 * The book of a slot: the signed orders of a JSON file, each checked to be signed by its meter or delegate, with the
 * orders that were placed on chain.
 */
export async function readBook(path: string, { exchange, domain }: Session): Promise<Book> {
  const { zone, slot, orders } = parseInput(bookSchema, await readJsonFile(path));
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
