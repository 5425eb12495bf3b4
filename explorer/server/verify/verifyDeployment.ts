import { codeCall } from "../../../src/chain/calls.ts";
import type { RpcClient } from "../../../src/chain/rpc.ts";
import { compareBytecode, type CompiledCode, type Verdict } from "./compareBytecode.ts";
import { recompile } from "./recompile.ts";
import type { RecordedContract } from "./recordedContracts.ts";

export interface VerifiedContract {
  readonly contract: string;
  readonly address: string;
  readonly verdict: Verdict;
}

export interface VerifyDeploymentInput {
  readonly rpc: RpcClient;
  readonly contracts: readonly RecordedContract[];
  /** Whether the recorded sources are compiled again, rather than the recorded code believed. */
  readonly recompiled: boolean;
}

/** Compares the code on chain of every contract of a deployment with its sources. Each build is compiled once. */
export async function verifyDeployment({
  rpc,
  contracts,
  recompiled,
}: VerifyDeploymentInput): Promise<readonly VerifiedContract[]> {
  const codes = await rpc.all(contracts.map(({ address }) => codeCall(address)));
  const compiled = recompiled ? await recompileAll(contracts) : undefined;
  const libraries = Object.fromEntries(contracts.map(({ key, address }) => [key.name, address]));
  return contracts.map((contract, index) => {
    const { name, address } = contract;
    const code = compiled === undefined ? contract.compiled : compiled.get(contract);
    const deployed = codes[index] ?? "0x";
    const verdict = code === undefined ? "no" : compareBytecode({ deployed, compiled: code, address, libraries });
    return { contract: name, address, verdict };
  });
}

async function recompileAll(
  contracts: readonly RecordedContract[],
): Promise<ReadonlyMap<RecordedContract, CompiledCode>> {
  const compiled = new Map<RecordedContract, CompiledCode>();
  for (const id of new Set(contracts.map(({ buildInfoId }) => buildInfoId))) {
    const builtTogether = contracts.filter(({ buildInfoId }) => buildInfoId === id);
    const [first] = builtTogether;
    if (first === undefined) continue;
    const output = recompile(
      await first.readInput(),
      builtTogether.map(({ key }) => key),
    );
    for (const contract of builtTogether) {
      const code = output.get(`${contract.key.source}:${contract.key.name}`);
      if (code !== undefined) compiled.set(contract, code);
    }
  }
  return compiled;
}
