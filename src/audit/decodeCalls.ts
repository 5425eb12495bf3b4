import { FunctionFragment, getAddress } from "ethers";
import { createArgsReader } from "../chain/abiReader.ts";
import type { Abi } from "../chain/abiTypes.ts";
import { EXCHANGE_ABI } from "../chain/exchangeAbi.ts";
import { CERTIFICATE_MARKET_ABI, JOBS_ABI, REPRODUCIBLE_JOBS_ABI } from "./systemAbi.ts";
import type { AuditCall } from "./types.ts";

interface PreparedFunction {
  readonly name: string;
  readonly read: (hex: string, at: number) => Record<string, unknown>;
}

/** A contract whose calls are decoded. */
export type CalledContract = "exchange" | "jobs" | "offers" | "reproducible";

const ABIS = {
  exchange: EXCHANGE_ABI,
  jobs: JOBS_ABI,
  offers: CERTIFICATE_MARKET_ABI,
  reproducible: REPRODUCIBLE_JOBS_ABI,
} satisfies Record<CalledContract, Abi>;
const prepared = new Map<CalledContract, Map<string, PreparedFunction>>();

/** The calls of a contract in a calldata: one, or those that a multicall bundles, in their order. */
export function decodeCalls(input: string, caller: string, contract: CalledContract = "exchange"): AuditCall[] {
  let functions = prepared.get(contract);
  if (functions === undefined) prepared.set(contract, (functions = prepareFunctions(ABIS[contract])));
  const known = functions.get(input.slice(0, 10).toLowerCase());
  if (known === undefined) return [];
  const args = known.read(input, 10);
  if (known.name !== "multicall") return [{ name: known.name, args, caller: getAddress(caller) }];
  const parts = args.data;
  return Array.isArray(parts) ? parts.flatMap((part) => decodeCalls(String(part), caller, contract)) : [];
}

/** A frame of the node's call tracer. */
interface Frame {
  readonly type: string;
  readonly from: string;
  readonly to?: string;
  readonly input: string;
  readonly error?: string;
  readonly calls?: readonly Frame[];
}

/** The calls that other contracts made to a contract at an address, out of the trace of a transaction. */
export function decodeTrace(trace: unknown, address: string, contract: CalledContract = "exchange"): AuditCall[] {
  if (!isFrame(trace) || trace.error !== undefined) return [];
  // Below the contract there are its libraries, and parts of a multicall that its own calldata shows.
  if (trace.type === "CALL" && trace.to?.toLowerCase() === address.toLowerCase())
    return decodeCalls(trace.input, trace.from, contract);
  return (trace.calls ?? []).flatMap((frame) => decodeTrace(frame, address, contract));
}

function isFrame(value: unknown): value is Frame {
  return typeof value === "object" && value !== null && "type" in value && "from" in value && "input" in value;
}

function prepareFunctions(abi: Abi): Map<string, PreparedFunction> {
  const table = new Map<string, PreparedFunction>();
  for (const entry of abi) {
    if (entry.type !== "function" || entry.name === undefined) continue;
    const read = createArgsReader(entry.inputs ?? []);
    table.set(FunctionFragment.from(entry).selector, { name: entry.name, read });
  }
  return table;
}
