import { z } from "zod";
import { parseInput, serveJson } from "../../journal/serveJson.ts";
import type { JsonServer } from "../../journal/serveJson.ts";
import type { Forecasts } from "../../forecasts/index.ts";
import { MAX_SLOT } from "../timeline.ts";
import type { Matcher } from "./openMatcher.ts";

const MAX_ZONE = 0xfff;
const addressSchema = z.string().regex(/^0x[0-9a-fA-F]{40}$/, "not an address");
const slotSchema = z.int().positive().max(MAX_SLOT);
const zoneSchema = z.int().positive().max(MAX_ZONE);

export const orderSchema = z.strictObject({
  zone: zoneSchema,
  slot: slotSchema,
  side: z.enum(["bid", "offer"]),
  energyWh: z.int().positive().max(0xffffff),
  limitPrice: z.int().nonnegative().max(0xffffff),
  signature: z.string().regex(/^0x[0-9a-fA-F]{128}$/, "not 64 bytes as 0x-hex"),
  meter: addressSchema.optional(),
});

const orderPathSchema = z.object({ meter: addressSchema, slot: z.coerce.number().pipe(slotSchema) });
const zonePathSchema = z.object({ zone: z.coerce.number().pipe(zoneSchema) });
const bookPathSchema = z.object({ zone: z.coerce.number().pipe(zoneSchema), slot: z.coerce.number().pipe(slotSchema) });

/** HTTP statuses of what the matcher refuses; a client repeats a 503 and nothing else. */
const STATUSES = {
  ORDER_ALREADY_GIVEN: 409,
  BOOK_FULL: 409,
  GATE_CLOSED: 422,
  GATE_NOT_OPEN: 422,
  ORDER_REFUSED: 422,
  ORDER_SIGNER_WRONG: 422,
  ZONE_NOT_SERVED: 422,
  SIGNATURE_MALLEABLE: 422,
  SIGNATURE_UNRECOVERABLE: 422,
  CHAIN_TIME_UNKNOWN: 503,
  MATCHER_NOT_ENTITLED: 503,
  JOURNAL_FULL: 503,
  RPC_UNREACHABLE: 503,
  RPC_TIMEOUT: 503,
  RPC_HTTP: 503,
  RPC_BAD_RESPONSE: 503,
};

export interface ServeMatcherParameters {
  readonly matcher: Matcher;
  readonly port: number;
  readonly forecasts: Forecasts;
  /** What the real-time loop met last, for the health page. */
  readonly lastError?: () => string | undefined;
}

/**
 * The matcher over HTTP on this machine: POST /orders, GET /orders/:meter/:slot, GET /books/:zone/:slot, GET /forecasts/:zone,
 * GET /health.
 */
export function serveMatcher({ matcher, port, forecasts, lastError }: ServeMatcherParameters): Promise<JsonServer> {
  return serveJson({
    port,
    statuses: STATUSES,
    routes: [
      {
        method: "POST",
        path: "/orders",
        answer: async ({ body }) => ({ status: 201, body: await matcher.submit(parseInput(orderSchema, body)) }),
      },
      {
        method: "GET",
        path: "/orders/:meter/:slot",
        answer: ({ parts }) => {
          const { meter, slot } = parseInput(orderPathSchema, parts);
          return found(matcher.order(meter, slot), "ORDER_UNKNOWN", "The matcher has no such order.");
        },
      },
      {
        method: "GET",
        path: "/books/:zone/:slot",
        answer: ({ parts }) => {
          const { zone, slot } = parseInput(bookPathSchema, parts);
          return found(matcher.book(zone, slot), "BOOK_UNKNOWN", "The matcher has no book of this slot yet.");
        },
      },
      {
        method: "GET",
        path: "/forecasts/:zone",
        answer: async ({ parts }) => {
          const { zone } = parseInput(zonePathSchema, parts);
          return { status: 200, body: await forecasts.zone(zone) };
        },
      },
      {
        method: "GET",
        path: "/health",
        answer: () => {
          const problem = lastError?.();
          return { status: 200, body: { ok: problem === undefined, problem: problem ?? null, ...matcher.health() } };
        },
      },
    ],
  });
}

function found(value: object | undefined, code: string, message: string): { status: number; body: unknown } {
  return value === undefined ? { status: 404, body: { code, message } } : { status: 200, body: value };
}
