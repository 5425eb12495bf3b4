import type { NetworkConnection } from "hardhat/types/network";
import { createRevertDecoder } from "../../src/chain/revertDecoder.ts";
import { RpcError } from "../../src/chain/rpcErrors.ts";
import type { RpcCall, RpcClient, RpcOutcome } from "../../src/chain/rpc.ts";

/** The client that the library uses, on Hardhat's in-process chain, which has no HTTP port. */
export function hardhatRpc(connection: NetworkConnection): RpcClient {
  const decodeRevert = createRevertDecoder([]);
  async function call<T>({ method, params, parse }: RpcCall<T>): Promise<T> {
    return parse(await connection.provider.request({ method, params: [...params] }));
  }
  async function outcome<T>(request: RpcCall<T>): Promise<RpcOutcome<T>> {
    try {
      return { ok: true, value: await call(request) };
    } catch (error) {
      const rpcMessage = error instanceof Error ? error.message : String(error);
      const revert = rpcMessage.includes("revert") ? decodeRevert("0x") : undefined;
      return { ok: false, error: new RpcError({ method: request.method, rpcCode: 0, rpcMessage, revert }) };
    }
  }
  async function all<T>(calls: readonly RpcCall<T>[]): Promise<T[]> {
    const values: T[] = [];
    for (const request of calls) values.push(await call(request));
    return values;
  }
  return {
    url: "http://127.0.0.1:8545",
    decodeRevert,
    call,
    all,
    batch: (async (calls: readonly RpcCall<unknown>[]) => {
      const outcomes: RpcOutcome<unknown>[] = [];
      for (const request of calls) outcomes.push(await outcome(request));
      return outcomes;
    }) as RpcClient["batch"],
  };
}
