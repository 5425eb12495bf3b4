import { parentPort, workerData } from "node:worker_threads";
import { audit } from "../../../src/audit/index.ts";
import { SYSTEM_ERRORS } from "../../../src/chain/exchangeAbi.ts";
import type { Deployment } from "../../../src/chain/deployment.ts";
import { createRpcClient } from "../../../src/chain/rpc.ts";
import { readChainKey } from "../../indexer/chainKey.ts";
import { openStores, type IndexPlace } from "../indexPlace.ts";
import { checkAnswer } from "./auditAnswers.ts";
import { checkIndex, type Check } from "./checkIndex.ts";

export interface AuditWork {
  readonly rpcUrl: string;
  readonly deployment: Deployment;
  readonly index: IndexPlace;
  /** The last block that is looked at: both the node and the index have it. */
  readonly toBlock: number;
}

export type AuditMessage =
  { readonly kind: "progress"; readonly done: number } | { readonly kind: "checks"; readonly checks: readonly Check[] };

const TELL_EVERY_MS = 200;

/** Rebuilds the deployment's history from the chain, then holds the index against it. */
async function run({ rpcUrl, deployment, index, toBlock }: AuditWork): Promise<void> {
  const rpc = createRpcClient({ url: rpcUrl, errors: SYSTEM_ERRORS });
  const { deployBlock } = deployment;
  let told = 0;
  const tell = (done: number): void => {
    if (Date.now() - told < TELL_EVERY_MS) return;
    told = Date.now();
    post({ kind: "progress", done });
  };
  const report = await audit({
    deployment,
    rpc,
    toBlock,
    onTransaction: ({ blockNumber }) => tell(blockNumber - deployBlock),
  });
  const blocks = toBlock - deployBlock + 1;
  const store = await openStores(index)(await readChainKey(rpc, deployment));
  try {
    const onBlock = (blockNumber: number): void => tell(blocks + blockNumber - deployBlock);
    const indexed = await checkIndex({ rpc, deployment, store, toBlock, onBlock });
    post({ kind: "checks", checks: [...report.checks.map(checkAnswer), indexed] });
  } finally {
    await store.close();
  }
}

function post(message: AuditMessage): void {
  parentPort?.postMessage(message);
}

await run(workerData as AuditWork);
