import type { EventOf } from "../../../chain/abiTypes.ts";
import type { JOBS_ABI } from "../../../chain/jobsAbi.ts";
import type { ScoreTable } from "../../federated/scoreTable.ts";

/** A table as the contract has it: a bit a seat tells what can be read. */
export type TableStruct = EventOf<typeof JOBS_ABI, "MeasuredChallenge">["args"]["table"];

export function tableStruct({ readable, ...table }: ScoreTable): TableStruct {
  const bits = readable.reduce((sum, reads, seat) => (reads ? sum | (1n << BigInt(seat)) : sum), 0n);
  return { ...table, readable: bits };
}

export function tableOf({ readable, ...table }: TableStruct): ScoreTable {
  return { ...table, readable: table.updates.map((_, seat) => ((readable >> BigInt(seat)) & 1n) === 1n) };
}
