import { z } from "zod";
import type { Side } from "../../../src/market/side.ts";
import {
  accountField,
  addressField,
  deviceField,
  energyField,
  parseInput,
  priceField,
  slotField,
} from "./parseInput.ts";

const inputSchema = z
  .object({
    slot: slotField,
    bid: z.literal(0).or(energyField),
    offer: z.literal(0).or(energyField),
    limit: z.literal("").or(priceField),
    device: deviceField,
    meter: z.literal("").or(addressField),
    keyFile: z.string(),
    book: z.string(),
    matcher: z.string(),
    place: z.boolean(),
    cancel: z.boolean(),
    as: accountField,
  })
  .refine(
    ({ bid, offer, cancel }) => Number(bid !== 0) + Number(offer !== 0) + Number(cancel) === 1,
    "give exactly one of --bid, --offer and --cancel",
  )
  .refine(({ limit, cancel }) => cancel === (limit === ""), "give --limit with an order, and only with one")
  .refine(
    ({ book, matcher, place, cancel }) =>
      Number(book !== "") + Number(matcher !== "") + Number(place) + Number(cancel) < 2,
    "give at most one of --book, --matcher, --place and --cancel",
  )
  .refine(({ meter, place, cancel }) => !(place || cancel) || meter !== "", "give --meter with --place and --cancel")
  .refine(
    ({ meter, device, keyFile, place, cancel }) =>
      device === undefined || (meter === "" && keyFile === "" && !place && !cancel),
    "a device signs for itself: give --device without --meter and --key-file",
  )
  .refine(
    ({ keyFile, place, cancel }) => keyFile === "" || !(place || cancel),
    "--key-file signs orders; --place and --cancel are sent by --as",
  );

export type OrderInput = z.input<typeof inputSchema>;

/** What is bought or sold. */
export interface OrderTerms {
  readonly side: Side;
  readonly energyWh: number;
  /** Ticks per Wh. */
  readonly limitPrice: number;
}

export type OrderArguments = Omit<z.output<typeof inputSchema>, "bid" | "offer" | "limit"> & {
  /** Absent where an order is cancelled. */
  readonly terms: OrderTerms | undefined;
};

/** The arguments of an order, each possible with the others. */
export function parseOrderInput(input: OrderInput): OrderArguments {
  const { bid, offer, limit, ...others } = parseInput(inputSchema, input);
  if (limit === "") return { ...others, terms: undefined };
  const side = bid === 0 ? "offer" : "bid";
  return { ...others, terms: { side, energyWh: bid === 0 ? offer : bid, limitPrice: limit } };
}
