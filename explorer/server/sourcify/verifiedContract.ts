import { getAddress } from "ethers";
import { z } from "zod";
import type { Artifact } from "../artifacts.ts";
import type { ServerContext } from "../context.ts";
import { verifyContract } from "../verify/verifyContract.ts";

/** A contract whose code on chain is what its sources compile to, but perhaps for hashes of metadata. */
export interface VerifiedContract {
  readonly address: string;
  readonly exact: boolean;
  readonly artifact: Artifact;
  readonly deployed: string;
  /** As the compiler wrote it, to the byte. */
  readonly metadata: string;
  /** The sources that the metadata names, by path. */
  readonly sources: Readonly<Record<string, SourceFile>>;
}

export interface SourceFile {
  readonly content: string;
  readonly keccak256: string;
}

const metadataSchema = z.object({ sources: z.record(z.string(), z.object({ keccak256: z.string() })) });

/** The contract at an address of this chain; undefined where its code is not known to be its sources'. */
export async function verifiedContract(
  context: ServerContext,
  chainId: string,
  address: string,
): Promise<VerifiedContract | undefined> {
  if (chainId !== String(context.deployment.chainId) || !/^0x[0-9a-fA-F]{40}$/.test(address)) return undefined;
  const checksummed = getAddress(address.toLowerCase());
  const compared = await verifyContract(context, checksummed);
  if (compared === undefined || compared.verdict === "no") return undefined;
  const { artifact, deployed, verdict } = compared;
  const metadata = await context.artifacts.metadata(artifact);
  if (metadata === undefined) return undefined;
  const { input } = await context.artifacts.buildInfo(artifact);
  const named = metadataSchema.parse(JSON.parse(metadata)).sources;
  const sources = Object.entries(named).flatMap(([path, { keccak256 }]) => {
    const content = input.sources[path]?.content;
    return content === undefined ? [] : [[path, { content, keccak256 }] as const];
  });
  return {
    address: checksummed,
    exact: verdict === "exact",
    artifact,
    deployed,
    metadata,
    sources: Object.fromEntries(sources),
  };
}
