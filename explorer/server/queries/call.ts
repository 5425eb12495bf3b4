import type { FunctionFragment, Interface } from "ethers";
import { contractCall } from "../../../src/chain/calls.ts";
import { RpcError } from "../../../src/chain/rpcErrors.ts";
import { checksummed } from "../addresses.ts";
import type { ServerContext } from "../context.ts";
import { badRequest, notFound } from "../problems.ts";
import type { Query } from "./query.ts";
import { decodeRefusal, wordsOf } from "./support/errorWords.ts";
import { interfaceOf } from "./support/interfaces.ts";
import { jsonValue, nameOf } from "./support/values.ts";

/** Asks a read function of a contract of the deployment. */
export const call: Query<"call"> = async (context, { address: given, signature, args }) => {
  const address = checksummed(given);
  const { functions, fragment } = await readFunction(context, address, signature);
  const data = encode(functions, fragment, args);
  const outputs = fragment.outputs;
  try {
    const answer = await context.rpc.call(contractCall({ to: address, data }));
    const values = functions.decodeFunctionResult(fragment, answer);
    return {
      outputs: outputs.map((type, place) => ({
        name: nameOf(type, place),
        type: type.type,
        value: jsonValue(type, values[place]),
      })),
    };
  } catch (error) {
    if (error instanceof RpcError && error.revert !== undefined) throw refused(error.revert.data);
    throw error;
  }
};

async function readFunction(
  context: ServerContext,
  address: string,
  signature: string,
): Promise<{ readonly functions: Interface; readonly fragment: FunctionFragment }> {
  const name = context.nameOf(address);
  const functions = name === undefined ? undefined : await interfaceOf(context, name);
  if (functions === undefined) throw notFound("The functions of this contract are not known", { address });
  const fragment = functions.fragments.find(
    (one): one is FunctionFragment => one.type === "function" && one.format("sighash") === signature,
  );
  if (fragment === undefined) throw notFound("The contract has no such function", { address, signature });
  if (fragment.constant) return { functions, fragment };
  throw badRequest(
    "FUNCTION_CHANGES_STATE",
    "The explorer asks read functions alone",
    { signature },
    "Send a transaction with your own tools.",
  );
}

function encode(functions: Interface, fragment: FunctionFragment, args: string): string {
  try {
    const given: unknown = JSON.parse(args);
    if (!Array.isArray(given)) throw new TypeError("not an array");
    return functions.encodeFunctionData(fragment, given);
  } catch (error) {
    const problem = error instanceof Error ? error.message.slice(0, 200) : "unreadable";
    throw badRequest(
      "CALL_ARGUMENTS_INVALID",
      `The arguments do not fit the function (${problem})`,
      { function: fragment.format("sighash") },
      "Give a JSON array in the function's order; numbers beyond 2^53 as text.",
    );
  }
}

function refused(data: string): Error {
  const { name, text } = decodeRefusal(data);
  return badRequest(
    "CALL_REVERTED",
    `The contract refused: ${text}`,
    {},
    name === undefined ? "Check the arguments." : wordsOf(name),
  );
}
