import { z } from "zod";
import { parseInput, serveJson } from "../../journal/serveJson.ts";
import type { JsonServer } from "../../journal/serveJson.ts";
import { MAX_REGISTER_WH } from "../../market/meterWord.ts";
import { MAX_SLOT } from "../../market/timeline.ts";
import type { Gateway } from "./openGateway.ts";

const MAX_ZONE = 0xfff;
const registerSchema = z.int().nonnegative().max(MAX_REGISTER_WH);

export const readingSchema = z.strictObject({
  zone: z.int().positive().max(MAX_ZONE),
  slot: z.int().positive().max(MAX_SLOT),
  importWh: registerSchema,
  exportWh: registerSchema,
  signature: z.string().regex(/^0x[0-9a-fA-F]{128}$/, "not 64 bytes as 0x-hex"),
});

const pathSchema = z.object({
  meter: z.string().regex(/^0x[0-9a-fA-F]{40}$/, "not an address"),
  slot: z.coerce.number().int().positive().max(MAX_SLOT),
});

/** HTTP statuses of what the gateway refuses; a client repeats a 503 and nothing else. */
const STATUSES = {
  READING_INVALID: 400,
  READING_EQUIVOCATES: 409,
  READING_IN_FUTURE: 422,
  METER_UNKNOWN: 422,
  METER_ZONE_WRONG: 422,
  SIGNATURE_MALLEABLE: 422,
  SIGNATURE_UNRECOVERABLE: 422,
  JOURNAL_FULL: 503,
  RPC_UNREACHABLE: 503,
  RPC_TIMEOUT: 503,
  RPC_HTTP: 503,
  RPC_BAD_RESPONSE: 503,
};

export interface ServeGatewayParameters {
  readonly gateway: Gateway;
  readonly port: number;
  /** What the real-time loop met last, for the health page. */
  readonly lastError?: () => string | undefined;
}

/** The gateway over HTTP on this machine: POST /readings, GET /readings/:meter/:slot, GET /health. */
export function serveGateway({ gateway, port, lastError }: ServeGatewayParameters): Promise<JsonServer> {
  return serveJson({
    port,
    statuses: STATUSES,
    routes: [
      {
        method: "POST",
        path: "/readings",
        answer: async ({ body }) => ({ status: 202, body: await gateway.submit(parseInput(readingSchema, body)) }),
      },
      {
        method: "GET",
        path: "/readings/:meter/:slot",
        answer: ({ parts }) => {
          const { meter, slot } = parseInput(pathSchema, parts);
          const status = gateway.status(meter, slot);
          return status === undefined
            ? { status: 404, body: { code: "READING_UNKNOWN", message: "The gateway has no such reading." } }
            : { status: 200, body: status };
        },
      },
      {
        method: "GET",
        path: "/health",
        answer: () => {
          const problem = lastError?.();
          return { status: 200, body: { ok: problem === undefined, problem: problem ?? null, ...gateway.health() } };
        },
      },
    ],
  });
}
