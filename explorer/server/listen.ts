import { serve, type ServerType } from "@hono/node-server";
import type { Hono } from "hono";
import { once } from "node:events";
import { JouleworkError } from "../../src/errors.ts";

export const DEFAULT_PORT = 5_100;
/** How many ports from the default one on an explorer may be found at. */
export const PORTS_TRIED = 20;

/** Longer than any pause of a busy client, which would else write to a connection that was closed a moment ago. */
const KEEP_ALIVE_MS = 65_000;

export interface Listening {
  readonly port: number;
  readonly close: () => Promise<void>;
}

/**
 * Serves on 127.0.0.1: on `port`, or where none is given on the first free one from the default on.
 *
 * @throws PORT_IN_USE
 */
export async function listen(app: Hono, port?: number): Promise<Listening> {
  const wanted = port === undefined ? Array.from({ length: PORTS_TRIED }, (_, i) => DEFAULT_PORT + i) : [port];
  for (const candidate of wanted) {
    const server = await tryPort(app, candidate);
    if (server !== undefined) return { port: candidate, close: () => closed(server) };
  }
  throw new JouleworkError({
    code: "PORT_IN_USE",
    what: "Something else listens on the port",
    values: { port: wanted.join(", ") },
    hint: "Stop it, or choose another port with --port.",
  });
}

async function tryPort(app: Hono, port: number): Promise<ServerType | undefined> {
  const server = serve({
    fetch: app.fetch,
    hostname: "127.0.0.1",
    port,
    serverOptions: { keepAliveTimeout: KEEP_ALIVE_MS },
  });
  try {
    await once(server, "listening");
    return server;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") return undefined;
    throw error;
  }
}

async function closed(server: ServerType): Promise<void> {
  const ended = once(server, "close");
  server.close();
  if ("closeAllConnections" in server) server.closeAllConnections();
  await ended;
}
