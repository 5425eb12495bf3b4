import { blockNumberCall, codeCall } from "../../../src/chain/calls.ts";
import type { RpcClient } from "../../../src/chain/rpc.ts";
import type { Store } from "../../store/store.ts";
import { traceCall } from "./callFrames.ts";
import type { Gate } from "./gate.ts";
import { rawBlockCall, toQuantity } from "./nodeAnswers.ts";
import { creatorIn } from "./traces.ts";

export interface ContractCreator {
  readonly hash: string;
  readonly creator: string;
}

/**
 * `ots_getContractCreator`: the transaction that created a contract, and who did so in it: an account, or a contract. Null
 * where no contract is at the address. The index knows what transactions create; a contract that another created is looked
 * for where its code first appears, which needs a node that keeps old states.
 */
export async function contractCreator(
  { rpc, store }: { readonly rpc: RpcClient; readonly store: Store },
  gate: Gate,
  contract: string,
): Promise<ContractCreator | null> {
  if ((await rpc.call(codeCall(contract))) === "0x") return null;
  const indexed = await store.creationOf(contract);
  if (indexed !== undefined) return { hash: indexed.hash, creator: indexed.from };
  const block = await rpc.call(rawBlockCall(toQuantity(await firstBlockWithCode(rpc, contract))));
  for (const hash of block?.transactions ?? []) {
    const creator = creatorIn(await gate(() => rpc.call(traceCall(hash))), contract);
    if (creator !== undefined) return { hash, creator };
  }
  // It was there from the genesis block on.
  return null;
}

async function firstBlockWithCode(rpc: RpcClient, contract: string): Promise<number> {
  let [without, withCode] = [-1, await rpc.call(blockNumberCall())];
  while (withCode - without > 1) {
    const middle = Math.floor((without + withCode) / 2);
    if ((await rpc.call(codeCall(contract, middle))) === "0x") without = middle;
    else withCode = middle;
  }
  return withCode;
}
