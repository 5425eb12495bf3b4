import { benchmarkSender } from "../../src/chain/benchmarkSender.ts";
import { localKey } from "../../src/chain/localChain.ts";
import { startLocalNode } from "../../src/community/startLocalNode.ts";

export interface SendFigures {
  readonly readingsPerSecond: number;
  readonly ethersDefaultPerSecond: number;
  readonly ratio: number;
}

const PORT = 8_599;
const READINGS_PER_TRANSACTION = 100;
// The cost of a batch of a hundred readings lies in its bytes; a plain transfer carries as many.
const BATCH_BYTES = 74 * READINGS_PER_TRANSACTION;

/** Sends batches of a hundred readings' size to a local node, by our sender and one by one with ethers' default one. */
export async function benchSend(): Promise<SendFigures> {
  const node = await startLocalNode({ port: PORT, startsAt: Math.floor(Date.UTC(2025, 0, 1) / 1000) });
  try {
    const { senderPerSecond, etherPerSecond, ratio } = await benchmarkSender({
      rpcUrl: node.url,
      privateKey: localKey("gateway"),
      request: {
        to: "0x000000000000000000000000000000000000dEaD",
        data: `0x${"5a".repeat(BATCH_BYTES)}`,
        gasLimit: 600_000n,
      },
    });
    return {
      readingsPerSecond: Math.round(senderPerSecond * READINGS_PER_TRANSACTION),
      ethersDefaultPerSecond: Math.round(etherPerSecond * READINGS_PER_TRANSACTION),
      ratio: Math.round(ratio * 10) / 10,
    };
  } finally {
    await node.stop();
  }
}
