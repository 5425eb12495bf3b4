import { EventFragment, FunctionFragment, keccak256, type Interface } from "ethers";
import { z } from "zod";
import { balanceCall, codeCall, contractCall } from "../../../src/chain/calls.ts";
import type { ContractAnswer } from "../../api/contract.ts";
import { checksummed } from "../addresses.ts";
import type { Artifact } from "../artifacts.ts";
import type { ServerContext } from "../context.ts";
import { notFound } from "../problems.ts";
import { compareBytecode } from "../verify/compareBytecode.ts";
import type { Query } from "./query.ts";
import { eventPage } from "./support/answers.ts";
import { interfaceOf } from "./support/interfaces.ts";
import { jsonValue, nameOf } from "./support/values.ts";

const EVENTS = 25;

/** A contract: whether its code is the compiled source, that source, its read functions with their answers, its events. */
export const contract: Query<"contract"> = async (context, { address: given }) => {
  const { rpc, store, deployment, artifacts } = context;
  const address = checksummed(given);
  const [code, balance] = await Promise.all([rpc.call(codeCall(address)), rpc.call(balanceCall(address))]);
  if (code === "0x") throw notFound("There is no contract", { address });
  const name = context.nameOf(address);
  const artifact = name === undefined ? undefined : await artifacts.artifact(name);
  const functions = name === undefined ? undefined : await interfaceOf(context, name);
  const source = artifact === undefined ? undefined : await sourceOf(context, artifact);
  return {
    address,
    name: name ?? null,
    verified:
      artifact === undefined
        ? "no"
        : compareBytecode({ deployed: code, compiled: artifact, address, libraries: deployment.contracts }),
    codeBytes: (code.length - 2) / 2,
    codeHash: keccak256(code),
    balanceWei: String(balance),
    compiler: source?.compiler ?? null,
    sources: source?.files ?? [],
    abi: artifact?.abi ?? [],
    reads: functions === undefined ? [] : await readsOf(context, address, functions),
    eventNames: functions?.fragments.filter((one) => EventFragment.isFragment(one)).map((one) => one.name) ?? [],
    events: await eventPage(
      store,
      name === undefined ? { key: { kind: "party", value: address } } : { contract: name },
      EVENTS,
    ),
  };
};

const metadataSchema = z.object({ sources: z.record(z.string(), z.unknown()) });

/** The sources that the compiler says the contract is made of. */
async function sourceOf({ artifacts }: ServerContext, artifact: Artifact) {
  const [{ input, solcLongVersion }, metadata] = await Promise.all([
    artifacts.buildInfo(artifact),
    artifacts.metadata(artifact),
  ]);
  const used =
    metadata === undefined
      ? [artifact.inputSourceName]
      : Object.keys(metadataSchema.parse(JSON.parse(metadata)).sources);
  // Its own file first.
  const paths = [artifact.inputSourceName, ...used.filter((path) => path !== artifact.inputSourceName)];
  const files = paths.map((path) => ({ path, text: input.sources[path]?.content ?? "" }));
  return { compiler: `solc ${solcLongVersion}`, files };
}

async function readsOf(
  { rpc }: ServerContext,
  address: string,
  functions: Interface,
): Promise<ContractAnswer["reads"]> {
  const reads = functions.fragments
    .filter((one) => FunctionFragment.isFragment(one))
    .filter(({ constant }) => constant);
  const plain = reads.filter(({ inputs }) => inputs.length === 0);
  const outcomes = await rpc.batch(
    plain.map((one) => contractCall({ to: address, data: functions.encodeFunctionData(one, []) })),
  );
  const answers = new Map(
    plain.flatMap((one, place) => {
      const outcome = outcomes[place];
      // A read function may refuse, as one does whose time has not come.
      return outcome?.ok === true ? [[one, answerOf(functions, one, outcome.value)] as const] : [];
    }),
  );
  return reads.map((one) => ({
    signature: one.format("sighash"),
    inputs: one.inputs.map((input, place) => ({ name: nameOf(input, place), type: input.type })),
    outputs: one.outputs.map((output, place) => ({ name: nameOf(output, place), type: output.type })),
    ...(answers.has(one) ? { answer: answers.get(one) } : {}),
  }));
}

/** One value by itself, several by their names. */
function answerOf(functions: Interface, one: FunctionFragment, data: string): unknown {
  const values = functions.decodeFunctionResult(one, data);
  const [first] = one.outputs;
  if (first !== undefined && one.outputs.length === 1) return jsonValue(first, values[0]);
  return Object.fromEntries(
    one.outputs.map((output, place) => [nameOf(output, place), jsonValue(output, values[place])]),
  );
}
