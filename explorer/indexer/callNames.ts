import { FunctionFragment } from "ethers";
import { getChecksum } from "../../src/chain/checksum.ts";
import type { Deployment } from "../../src/chain/deployment.ts";
import { SYSTEM_ABIS } from "./systemAbis.ts";

export interface CallName {
  readonly contract: string | null;
  readonly method: string | null;
}

const SELECTOR_LENGTH = 10;

/** Names the contract and the function that a transaction calls, where the deployment knows them. */
export function createCallNames(deployment: Deployment): (to: string | null | undefined, input: string) => CallName {
  const contracts = new Map(
    Object.entries(deployment.contracts).map(([name, address]) => {
      const functions = (SYSTEM_ABIS[name] ?? []).filter(({ type }) => type === "function");
      const methods = new Map(functions.map((entry) => [FunctionFragment.from(entry).selector, entry.name ?? null]));
      return [address, { name, methods }] as const;
    }),
  );
  return (to, input) => {
    const contract = to === null || to === undefined ? undefined : contracts.get(getChecksum(to));
    if (contract === undefined) return { contract: null, method: null };
    return { contract: contract.name, method: contract.methods.get(input.slice(0, SELECTOR_LENGTH)) ?? null };
  };
}
