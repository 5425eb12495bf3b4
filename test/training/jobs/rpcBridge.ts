import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { NetworkConnection } from "hardhat/types/network";

interface Message {
  readonly id: unknown;
  readonly method: string;
  readonly params: readonly unknown[];
}

/** Serves an in-process chain over HTTP, as the library's client asks for. */
export async function serveConnection({
  provider,
}: NetworkConnection): Promise<{ readonly url: string; readonly close: () => void }> {
  async function answer({ id, method, params }: Message): Promise<unknown> {
    try {
      const result: unknown = await provider.request({ method, params: [...params] });
      return { jsonrpc: "2.0", id, result: result ?? null };
    } catch (error) {
      const { code, data } = error as { code?: number; data?: unknown };
      return { jsonrpc: "2.0", id, error: { code: code ?? -32_000, message: String(error), data } };
    }
  }
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      void (async () => {
        const body: unknown = JSON.parse(Buffer.concat(parts).toString("utf8"));
        const answers: unknown[] = [];
        for (const message of Array.isArray(body) ? body : [body]) answers.push(await answer(message as Message));
        response.writeHead(200, { "content-type": "application/json" });
        response.end(JSON.stringify(Array.isArray(body) ? answers : answers[0]));
      })();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
