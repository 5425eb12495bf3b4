import { createHash } from "node:crypto";
import { INDEX_VERSION } from "./schema.ts";
import type { ChainKey } from "./store.ts";

/** A name for the index of a chain that tells every other chain, run, deployment and version apart: lower-case letters and digits. */
export function chainName({ chainId, genesisHash, instance, deployment }: ChainKey): string {
  const digest = createHash("sha256")
    .update(JSON.stringify([INDEX_VERSION, chainId, genesisHash, instance, deployment]))
    .digest("hex");
  return `joulework_${String(chainId)}_${digest.slice(0, 16)}`;
}
