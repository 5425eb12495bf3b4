import { z } from "zod";
import type { RpcCall } from "../../../src/chain/rpc.ts";
import { checked } from "./nodeAnswers.ts";

/** A call as the node's callTracer gives it, with the calls that it made. */
export interface NodeFrame {
  readonly type: string;
  readonly from: string;
  /** Absent where a creation failed. */
  readonly to?: string | undefined;
  readonly value?: string | undefined;
  readonly input: string;
  readonly output?: string | undefined;
  /** Why it failed; what it did then did not happen. */
  readonly error?: string | undefined;
  readonly calls?: readonly NodeFrame[] | undefined;
}

const nodeFrame: z.ZodType<NodeFrame> = z.lazy(() =>
  z.object({
    type: z.string(),
    from: z.string(),
    to: z.string().optional(),
    value: z.string().optional(),
    input: z.string(),
    output: z.string().optional(),
    error: z.string().optional(),
    calls: z.array(nodeFrame).optional(),
  }),
);

export function traceCall(transactionHash: string): RpcCall<NodeFrame> {
  return checked("debug_traceTransaction", [transactionHash, { tracer: "callTracer" }], nodeFrame);
}

/** A call with its place in the tree. */
export interface PlacedFrame {
  readonly frame: NodeFrame;
  /** 0: the transaction itself. */
  readonly depth: number;
  /** Whether it and everything around it succeeded. */
  readonly happened: boolean;
}

/** Every call of a trace in the order in which they began. */
export function* framesOf(root: NodeFrame): Generator<PlacedFrame> {
  // A stack rather than recursion: the EVM allows calls 1,024 deep.
  const open: PlacedFrame[] = [{ frame: root, depth: 0, happened: root.error === undefined }];
  for (let placed = open.pop(); placed !== undefined; placed = open.pop()) {
    yield placed;
    const { frame, depth, happened } = placed;
    for (const call of [...(frame.calls ?? [])].reverse()) {
      open.push({ frame: call, depth: depth + 1, happened: happened && call.error === undefined });
    }
  }
}
