import { readFile, writeFile } from "node:fs/promises";
import { z } from "zod";
import { JouleworkError } from "../../../src/errors.ts";
import type { SignedOrder } from "../../../src/market/sign.ts";
import { addressField, parseInput, signatureField, slotField, zoneField } from "./parseInput.ts";
import { readJsonFile } from "./readInput.ts";

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

/** A book as it lies in a file. */
export type BookFile = z.output<typeof bookSchema>;

export async function readBookFile(path: string): Promise<BookFile> {
  return parseInput(bookSchema, await readJsonFile(path));
}

/** Adds a signed order to the book in a file, or starts one with it; returns how many orders it has. */
export async function addToBook(path: string, order: SignedOrder): Promise<number> {
  const { kind, zone, slot, meter, side, energyWh, limitPrice, signature } = order;
  const book = (await exists(path)) ? await readBookFile(path) : { zone, slot, orders: [] };
  if (book.zone !== zone || book.slot !== slot) {
    throw new JouleworkError({
      code: "BOOK_OF_ANOTHER_SLOT",
      what: "The book is of another zone or slot",
      values: { path, zone: book.zone, slot: book.slot, orderZone: zone, orderSlot: slot },
      hint: "Name another file for this slot's orders.",
    });
  }
  if (book.orders.some((other) => other.meter === meter)) {
    throw new JouleworkError({
      code: "ORDER_ALREADY_GIVEN",
      what: "The book has an order of the meter",
      values: { path, meter, slot },
      hint: "A meter has one order a slot; take the other one out of the file first.",
    });
  }
  const delegated = kind === "delegated" ? { delegated: true } : {};
  const orders = [...book.orders, { meter, side, energyWh, limitPrice, signature, ...delegated }];
  await writeFile(path, `${JSON.stringify({ zone, slot, orders }, null, 2)}\n`);
  return orders.length;
}

async function exists(path: string): Promise<boolean> {
  try {
    await readFile(path);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
    throw error;
  }
}
