import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";

export interface JsonRpcRequest {
  readonly method: string;
  readonly params: readonly unknown[];
}

/** What a handler throws to answer with a JSON-RPC error. */
export class Refusal extends Error {
  readonly code: number;
  readonly data: unknown;

  constructor(code: number, message: string, data?: unknown) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

/** What becomes of one HTTP message: handled, its connection cut before or after the node did it, or an answer as given. */
export type Fate = "handle" | "cutBefore" | "cutAfter" | "hang" | { readonly status: number; readonly body: string };

export interface JsonRpcTestServer {
  readonly url: string;
  readonly port: number;
  /** Every request that was handled, in order. */
  readonly handled: readonly JsonRpcRequest[];
  /** Number of HTTP messages. */
  readonly messages: () => number;
  close(): Promise<void>;
}

export interface JsonRpcTestServerParameters {
  readonly handler: (request: JsonRpcRequest) => unknown;
  /** Fate of the HTTP messages in order; the rest is handled. */
  readonly fates?: Fate[];
  readonly port?: number;
  /** Answers of a batch in reverse order, which JSON-RPC allows. */
  readonly reversed?: boolean;
}

/** A JSON-RPC server on 127.0.0.1 whose answers and failures the test chooses. */
export async function startJsonRpcServer({
  handler,
  fates = [],
  port = 0,
  reversed = false,
}: JsonRpcTestServerParameters): Promise<JsonRpcTestServer> {
  const handled: JsonRpcRequest[] = [];
  let messages = 0;

  async function answer(raw: unknown): Promise<unknown> {
    const { id, method, params } = raw as JsonRpcRequest & { id: number };
    handled.push({ method, params });
    try {
      return { jsonrpc: "2.0", id, result: (await handler({ method, params })) ?? null };
    } catch (error) {
      const { code, data } = error as { code?: number; data?: unknown };
      const message = error instanceof Error ? error.message : String(error);
      return { jsonrpc: "2.0", id, error: { code: code ?? -32000, message, data } };
    }
  }

  async function answerAll(body: unknown): Promise<unknown> {
    if (!Array.isArray(body)) return answer(body);
    const answers: unknown[] = [];
    for (const message of body) answers.push(await answer(message));
    return reversed ? answers.reverse() : answers;
  }

  const server = createServer((request, response) => {
    messages += 1;
    const fate = fates.shift() ?? "handle";
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      if (fate === "cutBefore") return void request.socket.destroy();
      if (fate === "hang") return;
      if (typeof fate === "object") return void response.writeHead(fate.status).end(fate.body);
      void answerAll(JSON.parse(Buffer.concat(parts).toString("utf8"))).then((result) => {
        if (fate === "cutAfter") request.socket.destroy();
        else response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(result));
      });
    });
  });
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const bound = (server.address() as AddressInfo).port;
  return {
    url: `http://127.0.0.1:${String(bound)}`,
    port: bound,
    handled,
    messages: () => messages,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}

/** What a promise was rejected with, or an error that says that it was not. */
export async function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => new Error("the promise was not rejected"),
    (error: unknown) => error,
  );
}
