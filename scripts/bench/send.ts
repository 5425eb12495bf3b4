import { benchmarkSender } from "../../src/chain/benchmarkSender.ts";
import { localKey } from "../../src/chain/localChain.ts";
import { startLocalNode } from "../../src/community/startLocalNode.ts";

export interface SendFigures {
  readonly readingsPerSecond: number;
  readonly ethersDefaultPerSecond: number;
  readonly ratio: number;
}

const PORT = 8_599;
/** Calldata of a transaction, and how many readings it carries. */
const ONE_READING = { bytes: 228, readings: 1, senderTransactions: 1_000 };
const HUNDRED_READINGS = { bytes: 7_556, readings: 100, senderTransactions: 200 };

/**
 * Sends transactions to a local node by this library's sender, and the same ones one by one with ethers' default sender:
 * first those of one reading each, then batches of a hundred. A plain transfer of as many bytes stands for them, because
 * what a contract does with them costs both senders the same; the larger they are, the more of the time is the node's.
 */
export async function benchSend(): Promise<{ readonly single: SendFigures; readonly batched: SendFigures }> {
  const node = await startLocalNode({ port: PORT, startsAt: Math.floor(Date.UTC(2025, 0, 1) / 1000) });
  try {
    return { single: await figures(node.url, ONE_READING), batched: await figures(node.url, HUNDRED_READINGS) };
  } finally {
    await node.stop();
  }
}

async function figures(
  rpcUrl: string,
  { bytes, readings, senderTransactions }: typeof ONE_READING,
): Promise<SendFigures> {
  const { senderPerSecond, etherPerSecond, ratio } = await benchmarkSender({
    rpcUrl,
    privateKey: localKey("gateway"),
    request: {
      to: "0x000000000000000000000000000000000000dEaD",
      data: `0x${"5a".repeat(bytes)}`,
      gasLimit: 600_000n,
    },
    senderTransactions,
  });
  return {
    readingsPerSecond: Math.round(senderPerSecond * readings),
    ethersDefaultPerSecond: Math.round(etherPerSecond * readings * 10) / 10,
    ratio: Math.round(ratio * 10) / 10,
  };
}
