import { blockCall, pendingTimeCall } from "./calls.ts";
import type { RpcClient } from "./rpc.ts";

/**
 * Time of the block to come where the node tells it, unix seconds: a chain that makes blocks for transactions alone would
 * stand still otherwise.
 */
export async function chainTime(rpc: RpcClient): Promise<number> {
  const [pending, latest] = await rpc.batch([pendingTimeCall(), blockCall("latest")]);
  return Math.max(pending.ok ? (pending.value ?? 0) : 0, latest.ok ? (latest.value?.timestamp ?? 0) : 0);
}
