import { FunctionFragment, getAddress } from "ethers";
import { createArgsReader } from "../chain/abiReader.ts";
import type { AbiEntry } from "../chain/abiTypes.ts";
import { EXCHANGE_ABI } from "../chain/exchangeAbi.ts";
import type { AuditCall } from "./types.ts";

interface PreparedFunction {
  readonly name: string;
  readonly read: (hex: string, at: number) => Record<string, unknown>;
}

let prepared: Map<string, PreparedFunction> | undefined;

/** The calls of the exchange in a calldata: one, or those that a multicall bundles, in their order. */
export function decodeCalls(input: string, caller: string): AuditCall[] {
  prepared ??= prepareFunctions();
  const known = prepared.get(input.slice(0, 10).toLowerCase());
  if (known === undefined) return [];
  const args = known.read(input, 10);
  if (known.name !== "multicall") return [{ name: known.name, args, caller: getAddress(caller) }];
  const parts = args.data;
  return Array.isArray(parts) ? parts.flatMap((part) => decodeCalls(String(part), caller)) : [];
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

/** The calls that other contracts made to the exchange, out of the trace of a transaction. */
export function decodeTrace(trace: unknown, exchange: string): AuditCall[] {
  if (!isFrame(trace) || trace.error !== undefined) return [];
  // Below the exchange there are its libraries, and parts of a multicall that its own calldata shows.
  if (trace.type === "CALL" && trace.to?.toLowerCase() === exchange.toLowerCase())
    return decodeCalls(trace.input, trace.from);
  return (trace.calls ?? []).flatMap((frame) => decodeTrace(frame, exchange));
}

function isFrame(value: unknown): value is Frame {
  return typeof value === "object" && value !== null && "type" in value && "from" in value && "input" in value;
}

function prepareFunctions(): Map<string, PreparedFunction> {
  const table = new Map<string, PreparedFunction>();
  for (const entry of EXCHANGE_ABI as readonly AbiEntry[]) {
    if (entry.type !== "function" || entry.name === undefined) continue;
    const read = createArgsReader(entry.inputs ?? []);
    table.set(FunctionFragment.from(entry).selector, { name: entry.name, read });
  }
  return table;
}
