import type { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { ServerContext } from "../context.ts";
import { localPagesMayRead } from "../security.ts";
import { createGate } from "./gate.ts";
import { answerMessage, RPC_CODES, refusal } from "./jsonRpc.ts";
import { otterscanMethods } from "./methods.ts";
import { passThrough } from "./passThrough.ts";

/** What one endpoint takes at a time. */
export interface OtterscanLimits {
  /** ethers, by which Otterscan asks, sends up to 1 MiB at once. */
  readonly bodyBytes: number;
  /** Requests of one message; ethers sends up to 100. */
  readonly batch: number;
  /** Traces that the node makes at one time, and those that may wait. */
  readonly traces: number;
  readonly waitingTraces: number;
}

const LIMITS: OtterscanLimits = { bodyBytes: 1_048_576, batch: 100, traces: 2, waitingTraces: 200 };

export interface MountOtterscanOptions {
  readonly limits?: Partial<OtterscanLimits>;
  /** Hears of failures that nobody expected. */
  readonly onFailure?: (error: unknown) => void;
}

/**
 * A JSON-RPC endpoint at `POST /rpc` for Otterscan: the node's reading methods as they are, Otterscan's own from the node
 * and the index. It refuses whatever writes, signs or steers the node.
 */
export function mountOtterscan(
  app: Hono,
  context: ServerContext,
  { limits, onFailure = () => undefined }: MountOtterscanOptions = {},
): void {
  const { bodyBytes, batch, traces, waitingTraces } = { ...LIMITS, ...limits };
  const gate = createGate({ concurrent: traces, waiting: waitingTraces });
  const methods = otterscanMethods(context, gate);

  const answer = async (method: string, params: readonly unknown[]): Promise<unknown> => {
    const own = methods.get(method);
    if (own !== undefined) return own(params);
    const passed = passThrough(context.rpc, gate, method, params);
    if (passed !== undefined) return passed;
    throw refusal(
      "methodNotFound",
      "The method is not served here",
      { method },
      "This endpoint reads, and only reads.",
    );
  };

  app.use("/rpc", localPagesMayRead());
  app.post(
    "/rpc",
    bodyLimit({
      maxSize: bodyBytes,
      onError: (request) => {
        const error = { code: RPC_CODES.limitExceeded, message: `The message is larger than ${bodyBytes} bytes.` };
        return request.json({ jsonrpc: "2.0", id: null, error }, 413);
      },
    }),
    async (request) => {
      const text = await request.req.text();
      const response = await answerMessage(text, { answer, batchLimit: batch, onFailure });
      return response === undefined ? request.body(null, 204) : request.json(response as object);
    },
  );
}
