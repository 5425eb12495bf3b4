import { Interface } from "ethers";
import { JouleworkError } from "../errors.ts";
import { createArgsReader } from "./abiReader.ts";
import type { Abi, AbiEntry, FunctionNameOf, InputsOf, ResultOf } from "./abiTypes.ts";
import { contractCall } from "./calls.ts";
import type { BlockTag } from "./calls.ts";
import type { RpcCall, RpcClient } from "./rpc.ts";

/** A contract whose functions are called by name, with types from its interface. */
export interface ConnectedContract<A extends Abi> {
  readonly address: string;
  /** Calldata of a function, for a transaction. */
  encode<Name extends FunctionNameOf<A>>(name: Name, args: InputsOf<A, Name>): string;
  /** A read as a request, to be joined with others in one batch. */
  request<Name extends FunctionNameOf<A>>(
    name: Name,
    args: InputsOf<A, Name>,
    block?: BlockTag,
  ): RpcCall<ResultOf<A, Name>>;
  /** A read. Throws `RpcError` with the decoded reason where the contract refuses. */
  read<Name extends FunctionNameOf<A>>(
    name: Name,
    args: InputsOf<A, Name>,
    block?: BlockTag,
  ): Promise<ResultOf<A, Name>>;
}

export interface ConnectContractParameters<A extends Abi> {
  readonly rpc: RpcClient;
  readonly abi: A;
  readonly address: string;
}

/** Typed access to one contract. Nothing is asked of the node until something is read. */
export function connectContract<const A extends Abi>({
  rpc,
  abi,
  address,
}: ConnectContractParameters<A>): ConnectedContract<A> {
  const functions = new Interface(abi);
  const results = new Map<string, (data: string) => unknown>();

  function encode<Name extends FunctionNameOf<A>>(name: Name, args: InputsOf<A, Name>): string {
    try {
      return functions.encodeFunctionData(name, [...(args as readonly unknown[])]);
    } catch (error) {
      throw new JouleworkError({
        code: "CALL_ARGUMENTS_INVALID",
        what: "The arguments do not fit the function",
        values: { function: name, reason: error instanceof Error ? error.message : String(error) },
        hint: "Check their number, types and ranges.",
        cause: error,
      });
    }
  }

  function resultReader(name: string): (data: string) => unknown {
    const known = results.get(name);
    if (known !== undefined) return known;
    const entry = abi.find((candidate: AbiEntry) => candidate.type === "function" && candidate.name === name);
    const reader = prepareResult(entry, address);
    results.set(name, reader);
    return reader;
  }

  function request<Name extends FunctionNameOf<A>>(
    name: Name,
    args: InputsOf<A, Name>,
    block: BlockTag = "latest",
  ): RpcCall<ResultOf<A, Name>> {
    const call = contractCall({ to: address, data: encode(name, args) }, block);
    const read = resultReader(name);
    // The reader was made from the interface's entry, which is what the type says.
    return { ...call, parse: (result) => read(call.parse(result)) as ResultOf<A, Name> };
  }

  return { address, encode, request, read: (name, args, block) => rpc.call(request(name, args, block)) };
}

function prepareResult(entry: AbiEntry | undefined, address: string): (data: string) => unknown {
  const outputs = entry?.outputs ?? [];
  const readArgs = createArgsReader(outputs);
  return (data) => {
    if (data === "0x" && outputs.length > 0) {
      throw new JouleworkError({
        code: "CONTRACT_MISSING",
        what: "Nothing answers at the address, so no contract is there",
        values: { address, function: entry?.name ?? "" },
        hint: "The node may have been started anew since the deployment: deploy again.",
      });
    }
    const values = readArgs(data, 2);
    return outputs.length === 1 ? Object.values(values)[0] : values;
  };
}
