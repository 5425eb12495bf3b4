import { getAddress } from "ethers";
import { codeCall } from "../../../src/chain/calls.ts";
import type { RpcClient } from "../../../src/chain/rpc.ts";
import type { Artifact, Artifacts } from "../artifacts.ts";

export interface WithLibrariesInput {
  readonly rpc: RpcClient;
  readonly artifacts: Artifacts;
  /** Addresses by name. */
  readonly contracts: Readonly<Record<string, string>>;
}

/**
 * Contracts of a deployment together with the libraries that they are linked to. A record need not list those: the code on
 * chain says where they are, and whether they are what they should be is for the comparison of their own code.
 */
export async function withLibraries({
  rpc,
  artifacts,
  contracts,
}: WithLibrariesInput): Promise<Record<string, string>> {
  const known: Record<string, string> = { ...contracts };
  let added = Object.keys(known);
  while (added.length > 0) {
    const compiled = await Promise.all(added.map((name) => artifacts.artifact(name)));
    const linked = added.flatMap((name, place) => {
      const artifact = compiled[place];
      const missing = artifact !== undefined && libraryNames(artifact).some((library) => !(library in known));
      return missing ? [{ address: known[name] ?? "", artifact }] : [];
    });
    const codes = await rpc.all(linked.map(({ address }) => codeCall(address)));
    added = [];
    for (const [place, { artifact }] of linked.entries()) {
      for (const [library, address] of Object.entries(linkedAddresses(artifact, codes[place] ?? "0x"))) {
        if (library in known) continue;
        known[library] = address;
        added.push(library);
      }
    }
  }
  return known;
}

/** Libraries that a contract is linked to. */
export function libraryNames({ deployedLinkReferences }: Pick<Artifact, "deployedLinkReferences">): string[] {
  return Object.values(deployedLinkReferences).flatMap((inSource) => Object.keys(inSource));
}

/** Where the code on chain has each of its libraries; nothing of code that is too short to be the contract's. */
function linkedAddresses({ deployedLinkReferences }: Artifact, code: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const inSource of Object.values(deployedLinkReferences)) {
    for (const [library, [place]] of Object.entries(inSource)) {
      if (place === undefined) continue;
      const from = 2 + 2 * place.start;
      const digits = code.slice(from, from + 2 * place.length);
      if (digits.length === 40) found[library] = getAddress(`0x${digits}`);
    }
  }
  return found;
}
