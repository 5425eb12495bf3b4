import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { z } from "zod";
import { JouleworkError } from "../errors.ts";

export interface JsonRequest {
  /** Parts of the path that the route names with a colon. */
  readonly parts: Readonly<Record<string, string>>;
  readonly body: unknown;
}

export interface JsonAnswer {
  readonly status: number;
  readonly body: unknown;
}

export interface JsonRoute {
  readonly method: "GET" | "POST";
  /** "/readings/:meter/:slot" */
  readonly path: string;
  answer(request: JsonRequest): JsonAnswer | Promise<JsonAnswer>;
}

export interface ServeJsonParameters {
  readonly routes: readonly JsonRoute[];
  /** 0 takes a free port. */
  readonly port: number;
  /** HTTP status of error codes; those without one are 400, and what is no `JouleworkError` is 500. */
  readonly statuses?: Readonly<Record<string, number>>;
}

export interface JsonServer {
  readonly port: number;
  readonly url: string;
  close(): Promise<void>;
}

/** Only programs of this machine reach the services; who wants more puts a proxy with authentication in front. */
const HOST = "127.0.0.1";
const MOST_BODY_BYTES = 64 * 1024;
const RETRY_SECONDS = 5;

/** Serves JSON on the loopback address. */
export async function serveJson({ routes, port, statuses = {} }: ServeJsonParameters): Promise<JsonServer> {
  const server = createServer((request, response) => {
    void respond(request, response, routes, statuses);
  });
  server.requestTimeout = 10_000;
  server.headersTimeout = 5_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, HOST, resolve);
  });
  const bound = (server.address() as AddressInfo).port;
  return {
    port: bound,
    url: `http://${HOST}:${bound}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The values that a schema accepts, or an error that says what is wrong with them. */
export function parseInput<T>(schema: z.ZodType<T>, input: unknown): T {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new JouleworkError({
    code: "INPUT_INVALID",
    what: "The request is not what this address takes",
    values: { field: issue?.path.join(".") ?? "", problem: issue?.message ?? "unreadable" },
    hint: "See docs/services.md for the fields and their units.",
  });
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  routes: readonly JsonRoute[],
  statuses: Readonly<Record<string, number>>,
): Promise<void> {
  let answer: JsonAnswer;
  try {
    answer = await dispatch(request, routes);
  } catch (error) {
    answer = failure(error, statuses);
  }
  if (response.destroyed) return;
  response.writeHead(answer.status, {
    "content-type": "application/json",
    "cache-control": "no-store",
    ...(answer.status === 503 ? { "retry-after": String(RETRY_SECONDS) } : {}),
  });
  response.end(JSON.stringify(answer.body));
}

async function dispatch(request: IncomingMessage, routes: readonly JsonRoute[]): Promise<JsonAnswer> {
  const path = (request.url ?? "/").split("?")[0] ?? "/";
  for (const route of routes) {
    const parts = match(route.path, path);
    if (parts === undefined || route.method !== request.method) continue;
    return route.answer({ parts, body: route.method === "POST" ? await readBody(request) : undefined });
  }
  return { status: 404, body: { code: "NOT_FOUND", message: "There is nothing at this address." } };
}

function match(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = pattern.split("/");
  const given = path.split("/");
  if (wanted.length !== given.length) return undefined;
  const parts: Record<string, string> = {};
  for (const [place, name] of wanted.entries()) {
    const part = given[place] ?? "";
    if (name.startsWith(":")) parts[name.slice(1)] = part;
    else if (name !== part) return undefined;
  }
  return parts;
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  // A page in a browser can post plain text anywhere without asking; it cannot do so with this type.
  if (!/^application\/json\b/i.test(request.headers["content-type"] ?? "")) {
    throw bodyError("the content type is not application/json");
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = chunk as Buffer;
    size += bytes.length;
    if (size > MOST_BODY_BYTES) throw bodyError(`it is longer than ${MOST_BODY_BYTES} bytes`);
    chunks.push(bytes);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    throw bodyError("it is not JSON");
  }
}

function bodyError(problem: string): JouleworkError {
  return new JouleworkError({
    code: "INPUT_INVALID",
    what: "The body cannot be read",
    values: { problem },
    hint: "Send one JSON object with the content type application/json.",
  });
}

function failure(error: unknown, statuses: Readonly<Record<string, number>>): JsonAnswer {
  if (error instanceof JouleworkError) {
    const { code, message, values } = error;
    return { status: statuses[code] ?? 400, body: { code, message, values: plainValues(values) } };
  }
  return { status: 500, body: { code: "INTERNAL", message: "The service failed; its log says why." } };
}

function plainValues(values: JouleworkError["values"]): Record<string, string | number | boolean | null> {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, typeof value === "bigint" ? value.toString() : value]),
  );
}
