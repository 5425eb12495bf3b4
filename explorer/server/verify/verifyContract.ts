import { getAddress } from "ethers";
import { codeCall } from "../../../src/chain/calls.ts";
import type { Artifact } from "../artifacts.ts";
import type { ServerContext } from "../context.ts";
import { compareBytecode, type Verdict } from "./compareBytecode.ts";
import { libraryNames, withLibraries } from "./withLibraries.ts";

/** A contract of the deployment, or a library of one, beside what was compiled under its name. */
export interface ComparedContract {
  readonly name: string;
  readonly artifact: Artifact;
  /** Hex with 0x. */
  readonly deployed: string;
  /** `no` also where a library that it is linked to is not what was compiled. */
  readonly verdict: Verdict;
}

type Context = Pick<ServerContext, "artifacts" | "deployment" | "rpc">;

/** Compares what is at an address with the compiled contract; undefined of an address that is none of the system's. */
export async function verifyContract(context: Context, address: string): Promise<ComparedContract | undefined> {
  const { artifacts, deployment, rpc } = context;
  const contracts = await withLibraries({ rpc, artifacts, contracts: deployment.contracts });
  const name = Object.keys(contracts).find((one) => contracts[one] === getAddress(address));
  return name === undefined ? undefined : compare(context, contracts, name);
}

async function compare(
  context: Context,
  contracts: Readonly<Record<string, string>>,
  name: string,
): Promise<ComparedContract | undefined> {
  const artifact = await context.artifacts.artifact(name);
  const address = contracts[name];
  if (artifact === undefined || address === undefined) return undefined;
  const deployed = await context.rpc.call(codeCall(address));
  const verdict = compareBytecode({ deployed, compiled: artifact, address, libraries: contracts });
  if (verdict === "no") return { name, artifact, deployed, verdict };
  const libraries = await Promise.all(libraryNames(artifact).map((library) => compare(context, contracts, library)));
  const sound = libraries.every((library) => library !== undefined && library.verdict !== "no");
  return { name, artifact, deployed, verdict: sound ? verdict : "no" };
}
