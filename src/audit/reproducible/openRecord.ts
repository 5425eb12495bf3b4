import { createHash } from "node:crypto";
import { decodePrimitive, type DecodedPrimitive } from "../../training/reproducible/decodePrimitive.ts";
import type { ReproducibleTerms } from "../../training/reproducible/jobs/reproducibleTypes.ts";
import { mismatch } from "../mismatch.ts";
import type { Place } from "../types.ts";
import type { Board } from "./board.ts";
import { bytesOf, hexOf, pairOf, rootOf } from "./trees.ts";

/** The operation of a record, which must be the program's for this number. */
export function openRecord(
  board: Board,
  place: Place,
  { root, stateTensors, operations }: ReproducibleTerms["program"],
  {
    operation,
    record,
    recordLeaf,
  }: { readonly operation: number; readonly record: string; readonly recordLeaf: readonly string[] },
): DecodedPrimitive {
  const bytes = bytesOf(record);
  const leaf = hexOf(createHash("sha256").update(bytes).digest());
  const records = rootOf(leaf, operation, operations, recordLeaf);
  const counts = Buffer.alloc(32);
  counts.writeUInt32BE(stateTensors, 24);
  counts.writeUInt32BE(operations, 28);
  const found = records === undefined ? "no proof" : pairOf(records, hexOf(counts));
  board.expect(place, `program of operation ${String(operation)}`, root, found);
  return decodePrimitive(bytes) ?? mismatch("The record of an operation cannot be read", { operation });
}
