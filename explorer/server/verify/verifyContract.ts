import { codeCall } from "../../../src/chain/calls.ts";
import type { Artifact } from "../artifacts.ts";
import type { ServerContext } from "../context.ts";
import { compareBytecode, type Verdict } from "./compareBytecode.ts";

/** A contract of the deployment beside what was compiled under its name. */
export interface ComparedContract {
  readonly name: string;
  readonly artifact: Artifact;
  /** Hex with 0x. */
  readonly deployed: string;
  readonly verdict: Verdict;
}

/** Compares what is at an address with the compiled contract; undefined of an address that is no contract of the deployment. */
export async function verifyContract(
  { artifacts, deployment, nameOf, rpc }: Pick<ServerContext, "artifacts" | "deployment" | "nameOf" | "rpc">,
  address: string,
): Promise<ComparedContract | undefined> {
  const name = nameOf(address);
  const artifact = name === undefined ? undefined : await artifacts.artifact(name);
  if (name === undefined || artifact === undefined) return undefined;
  const deployed = await rpc.call(codeCall(address));
  const verdict = compareBytecode({ deployed, compiled: artifact, address, libraries: deployment.contracts });
  return { name, artifact, deployed, verdict };
}
