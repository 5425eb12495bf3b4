import { keccak256 } from "ethers";
import { JouleworkError } from "../errors.ts";
import { readUint, toBytes, toHex, writeUint } from "./bytes.ts";
import { MAX_REGISTER_WH } from "./meterWord.ts";
import { requireBits } from "./whole.ts";

/** Bytes of a reading in a batch: import register (5), export register (5), signature (64, EIP-2098). */
export const READING_BYTES = 74;

/** A reading as a batch carries it; zone and slot are the batch's, the meter is whoever signed. */
export interface BatchEntry {
  readonly importWh: number;
  readonly exportWh: number;
  readonly signature: string;
}

/** What a proof leaf of a settled reading says; energies since the meter's previous reading, not registers. */
export interface ReadingLeaf {
  readonly meter: string;
  readonly zone: number;
  readonly slot: number;
  readonly importWh: number;
  readonly exportWh: number;
  /** The energy spans more than this slot. */
  readonly gap: boolean;
}

/** Calldata of a batch of readings of one zone and slot. */
export function encodeReadings(readings: readonly BatchEntry[]): string {
  const bytes = new Uint8Array(READING_BYTES * readings.length);
  readings.forEach((reading, index) => {
    const offset = READING_BYTES * index;
    writeUint(bytes, offset, 5, requireBits("importWh", reading.importWh, 40));
    writeUint(bytes, offset + 5, 5, requireBits("exportWh", reading.exportWh, 40));
    bytes.set(toBytes("signature", reading.signature, 64), offset + 10);
  });
  return toHex(bytes);
}

/** The readings behind a batch's calldata. */
export function decodeReadings(batch: string): BatchEntry[] {
  const bytes = toBytes("batch", batch);
  if (bytes.length === 0 || bytes.length % READING_BYTES !== 0) {
    throw new JouleworkError({
      code: "READING_BATCH_LENGTH",
      what: "The batch is not a whole number of readings",
      values: { length: bytes.length, readingBytes: READING_BYTES },
      hint: "Encode it with encodeReadings; an empty batch is refused.",
    });
  }
  return Array.from({ length: bytes.length / READING_BYTES }, (_, index) => {
    const offset = READING_BYTES * index;
    return {
      importWh: readUint(bytes, offset, 5),
      exportWh: readUint(bytes, offset + 5, 5),
      signature: toHex(bytes.subarray(offset + 10, offset + READING_BYTES)),
    };
  });
}

/** Hash of a leaf: keccak256 of its ABI encoding. */
export function leafHash(leaf: ReadingLeaf): string {
  const bytes = new Uint8Array(192);
  bytes.set(toBytes("meter", leaf.meter, 20), 12);
  writeUint(bytes, 56, 8, requireBits("zone", leaf.zone, 16));
  writeUint(bytes, 88, 8, requireBits("slot", leaf.slot, 32));
  writeUint(bytes, 120, 8, requireEnergy("importWh", leaf.importWh));
  writeUint(bytes, 152, 8, requireEnergy("exportWh", leaf.exportWh));
  bytes[191] = Number(leaf.gap);
  return keccak256(bytes);
}

/** A Merkle tree over the leaves of a batch: children hashed in ascending order, an odd node moves up unchanged. */
export interface ReadingTree {
  readonly root: string;
  /** The path of the leaf at `index`, bottom up, as `MerkleProof` verifies it. */
  readonly proof: (index: number) => string[];
}

/** The tree over leaf hashes, in the order of the batch's settled readings. */
export function readingTree(leaves: readonly string[]): ReadingTree {
  const first = leaves.map((leaf) => leaf.toLowerCase());
  const levels = [first];
  for (let level = first; level.length > 1;) {
    const above: string[] = [];
    for (let i = 0; i < level.length; i += 2) {
      const left = level[i] ?? "";
      const right = level[i + 1];
      above.push(right === undefined ? left : hashPair(left, right));
    }
    levels.push(above);
    level = above;
  }
  const root = levels.at(-1)?.[0];
  if (root === undefined) {
    throw new JouleworkError({
      code: "READING_TREE_EMPTY",
      what: "A tree needs at least one leaf",
      hint: "A batch whose readings were all skipped has no root.",
    });
  }
  return { root, proof: (index) => proofOf(levels, index) };
}

/** Whether a path leads from a leaf to a root. */
export function verifyReadingProof(root: string, leaf: string, proof: readonly string[]): boolean {
  return proof.reduce(hashPair, leaf.toLowerCase()) === root.toLowerCase();
}

function proofOf(levels: readonly (readonly string[])[], index: number): string[] {
  if (!Number.isInteger(index) || index < 0 || index >= (levels[0]?.length ?? 0)) {
    throw new JouleworkError({
      code: "READING_LEAF_UNKNOWN",
      what: "The tree has no leaf with this index",
      values: { index, leaves: levels[0]?.length ?? 0 },
      hint: "Count the settled readings of the batch from zero.",
    });
  }
  const path: string[] = [];
  let place = index;
  for (const level of levels.slice(0, -1)) {
    const sibling = level[place ^ 1];
    if (sibling !== undefined) path.push(sibling);
    place >>= 1;
  }
  return path;
}

function hashPair(a: string, b: string): string {
  const bytes = new Uint8Array(64);
  const other = b.toLowerCase();
  bytes.set(toBytes("node", a < other ? a : other, 32), 0);
  bytes.set(toBytes("node", a < other ? other : a, 32), 32);
  return keccak256(bytes);
}

function requireEnergy(field: string, energyWh: number): number {
  return energyWh <= MAX_REGISTER_WH ? requireBits(field, energyWh, 40) : requireBits(field, energyWh, 53);
}
