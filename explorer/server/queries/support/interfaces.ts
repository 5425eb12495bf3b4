import { Interface } from "ethers";
import type { ServerContext } from "../../context.ts";

const known = new WeakMap<object, Interface>();

/** Functions and errors of a contract of the deployment, ready to decode with; undefined where it was not compiled here. */
export async function interfaceOf(context: ServerContext, contract: string): Promise<Interface | undefined> {
  const abi = await context.abiOf(contract);
  if (abi === undefined) return undefined;
  let prepared = known.get(abi);
  if (prepared === undefined) known.set(abi, (prepared = new Interface(abi)));
  return prepared;
}
