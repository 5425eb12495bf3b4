import { ZeroAddress, ZeroHash, type FunctionFragment, type Interface, type ParamType } from "ethers";
import type { NetworkConnection } from "hardhat/types/network";

/** The functions of a contract that may change its state. */
export function writingFunctions(abi: Interface): FunctionFragment[] {
  const verbs: FunctionFragment[] = [];
  abi.forEachFunction((verb) => {
    if (!["view", "pure"].includes(verb.stateMutability)) verbs.push(verb);
  });
  return verbs;
}

/** A call with zeros of the right types: enough to get past decoding to the check of the caller. */
export function zeroCall(abi: Interface, verb: FunctionFragment): string {
  return abi.encodeFunctionData(verb, verb.inputs.map(zeroOf));
}

/** Selector of the error that a call reverts with; empty if it does not revert. */
export async function refusal(
  connection: NetworkConnection,
  call: { from: string; to: string; data: string },
): Promise<string> {
  try {
    await connection.provider.request({ method: "eth_call", params: [call] });
    return "";
  } catch (error) {
    const data = error instanceof Object && "data" in error ? JSON.stringify(error.data) : "";
    return /0x[0-9a-f]{8}/.exec(data)?.[0] ?? "reverted without data";
  }
}

function zeroOf(type: ParamType): unknown {
  if (type.isTuple()) return type.components.map(zeroOf);
  if (type.isArray()) return [];
  if (type.baseType === "address") return ZeroAddress;
  if (type.baseType === "bool") return false;
  if (type.baseType === "string") return "";
  if (type.baseType === "bytes") return "0x";
  return type.baseType.startsWith("bytes") ? ZeroHash.slice(0, 2 + 2 * Number(type.baseType.slice(5))) : 0;
}
