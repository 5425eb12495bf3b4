import { JsonRpcProvider, Wallet } from "ethers";
import { chainIdCall } from "./calls.ts";
import { createRpcClient } from "./rpc.ts";
import { createSender } from "./sender.ts";
import type { TransactionRequest } from "./signTransaction.ts";

export interface SenderBenchmark {
  readonly etherTransactions: number;
  readonly etherPerSecond: number;
  readonly senderTransactions: number;
  readonly senderPerSecond: number;
  /** How many times as fast as ethers the sender is. */
  readonly ratio: number;
}

export interface BenchmarkSenderParameters {
  readonly rpcUrl: string;
  /** A funded key that nothing else uses meanwhile. */
  readonly privateKey: string;
  /** What is sent, the same by both; a gas limit is taken away from what ethers gets, as its default is to ask. */
  readonly request: TransactionRequest & { readonly to: string; readonly gasLimit: bigint };
  readonly etherTransactions?: number;
  readonly senderTransactions?: number;
}

/**
 * Measures this library's sender against ethers' default way, a wallet that sends one transaction after the other and
 * waits for each. Both wait for every receipt.
 */
export async function benchmarkSender({
  rpcUrl,
  privateKey,
  request,
  etherTransactions = 30,
  senderTransactions = 2_000,
}: BenchmarkSenderParameters): Promise<SenderBenchmark> {
  const rpc = createRpcClient({ url: rpcUrl });
  const sender = createSender({ rpc, privateKey, chainId: await rpc.call(chainIdCall()) });
  // The cache is off because a wallet with it repeats a nonce on a node that mines at once.
  const provider = new JsonRpcProvider(rpcUrl, undefined, { cacheTimeout: -1 });
  try {
    const wallet = new Wallet(privateKey, provider);
    const { to, data, valueWei } = request;
    const etherRequest = { to, data: data ?? "0x", value: valueWei ?? 0n };
    // Neither pays for its first connection and its first compilation.
    await (await wallet.sendTransaction(etherRequest)).wait();
    const etherMs = await elapsedMs(async () => {
      for (let sent = 0; sent < etherTransactions; sent += 1) {
        await (await wallet.sendTransaction(etherRequest)).wait();
      }
    });
    await sender.send(Array.from({ length: 50 }, () => request));
    const senderMs = await elapsedMs(() => sender.send(Array.from({ length: senderTransactions }, () => request)));
    const etherPerSecond = (etherTransactions * 1_000) / etherMs;
    const senderPerSecond = (senderTransactions * 1_000) / senderMs;
    const ratio = senderPerSecond / etherPerSecond;
    return { etherTransactions, etherPerSecond, senderTransactions, senderPerSecond, ratio };
  } finally {
    provider.destroy();
  }
}

async function elapsedMs(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
