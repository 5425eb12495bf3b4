import { blockCall, priorityFeeCall } from "./calls.ts";
import type { RpcClient } from "./rpc.ts";
import type { Fees } from "./signTransaction.ts";

const DEFAULT_TIP_WEI = 1_000_000_000n;

/** Fees that a transaction needs now: twice the base fee outlasts six full blocks in a row. */
export async function marketFees(rpc: RpcClient): Promise<Fees> {
  const [block, tip] = await rpc.batch([blockCall("latest"), priorityFeeCall()]);
  if (!block.ok) throw block.error;
  // A node without the method (a private chain) wants no particular tip.
  const maxPriorityFeePerGasWei = tip.ok ? tip.value : DEFAULT_TIP_WEI;
  return {
    maxFeePerGasWei: 2n * (block.value?.baseFeePerGasWei ?? 0n) + maxPriorityFeePerGasWei,
    maxPriorityFeePerGasWei,
  };
}

/** Fees that replace a waiting transaction: nodes ask for 10 % more of both; at least the market's. */
export function bumpedFees(old: Fees, market: Fees): Fees {
  return {
    maxFeePerGasWei: larger(raised(old.maxFeePerGasWei), market.maxFeePerGasWei),
    maxPriorityFeePerGasWei: larger(raised(old.maxPriorityFeePerGasWei), market.maxPriorityFeePerGasWei),
  };
}

/** Twice the fees, for replacing a transaction whose fees are not known. */
export function doubled({ maxFeePerGasWei, maxPriorityFeePerGasWei }: Fees): Fees {
  return { maxFeePerGasWei: 2n * maxFeePerGasWei, maxPriorityFeePerGasWei: 2n * maxPriorityFeePerGasWei };
}

function raised(feeWei: bigint): bigint {
  return (feeWei * 9n) / 8n + 1n;
}

function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
