import { FunctionFragment, Interface } from "ethers";
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

const methods = new WeakMap<Interface, ReadonlyMap<string, string>>();

/** Names of functions by the first four bytes of their calls. A trace has thousands of calls, and each selector is a hash. */
export function methodsOf(functions: Interface): ReadonlyMap<string, string> {
  let known = methods.get(functions);
  if (known === undefined) {
    const named = functions.fragments.filter((one) => FunctionFragment.isFragment(one));
    known = new Map(named.map(({ selector, name }) => [selector, name]));
    methods.set(functions, known);
  }
  return known;
}
