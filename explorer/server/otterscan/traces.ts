import { ZeroAddress } from "ethers";
import { framesOf, type NodeFrame } from "./callFrames.ts";

/** An entry of `ots_traceTransaction`. */
export interface TraceEntry {
  readonly type: string;
  readonly depth: number;
  readonly from: string;
  readonly to: string;
  /** Wei; null for calls that cannot carry any. */
  readonly value: string | null;
  readonly input: string;
  readonly output: string;
}

const WITHOUT_VALUE = new Set(["STATICCALL", "DELEGATECALL"]);

/** The calls of a trace as a flat list, each with its depth. A creation that failed has no address: the zero address stands there. */
export function traceEntries(root: NodeFrame): TraceEntry[] {
  return [...framesOf(root)].map(({ frame, depth }) => ({
    type: frame.type,
    depth,
    from: frame.from,
    to: frame.to ?? ZeroAddress,
    value: WITHOUT_VALUE.has(frame.type) ? null : (frame.value ?? "0x0"),
    input: frame.input,
    output: frame.output ?? "0x",
  }));
}

/** An entry of `ots_getInternalOperations`. */
export interface InternalOperation {
  /** 0 transfer, 1 self-destruct, 2 create, 3 create2. */
  readonly type: 0 | 1 | 2 | 3;
  readonly from: string;
  readonly to: string;
  readonly value: string;
}

const OPERATIONS = { CALL: 0, SELFDESTRUCT: 1, CREATE: 2, CREATE2: 3 } as const;

/** What contracts did with ether and with contracts within a transaction; what was rolled back did not happen. */
export function internalOperations(root: NodeFrame): InternalOperation[] {
  const operations: InternalOperation[] = [];
  for (const { frame, depth, happened } of framesOf(root)) {
    if (depth === 0 || !happened || !isOperation(frame.type) || frame.to === undefined) continue;
    const value = frame.value ?? "0x0";
    if (frame.type === "CALL" && BigInt(value) === 0n) continue;
    operations.push({ type: OPERATIONS[frame.type], from: frame.from, to: frame.to, value });
  }
  return operations;
}

/** What a failed transaction reverted with; `0x` where it succeeded or gave no reason. */
export function transactionError({ error, output }: NodeFrame): string {
  return error === undefined ? "0x" : (output ?? "0x");
}

/** Who created the contract in this trace. */
export function creatorIn(root: NodeFrame, contract: string): string | undefined {
  for (const { frame, happened } of framesOf(root)) {
    const creates = frame.type === "CREATE" || frame.type === "CREATE2";
    if (happened && creates && frame.to?.toLowerCase() === contract.toLowerCase()) return frame.from;
  }
  return undefined;
}

function isOperation(type: string): type is keyof typeof OPERATIONS {
  return Object.hasOwn(OPERATIONS, type);
}
