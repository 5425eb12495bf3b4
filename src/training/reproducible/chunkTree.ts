import { hash } from "node:crypto";
import { ELEMENTS_PER_CHUNK } from "./primitives.ts";

export const CHUNK_BYTES = 4 * ELEMENTS_PER_CHUNK;
const EMPTY = Buffer.alloc(CHUNK_BYTES);

/**
 * A Merkle tree over leaves of 32 bytes: a node is SHA-256 of its two children, missing leaves are zeros up to a power of two. A
 * tree's depth is never read from it but follows from what it is a tree of, so a node cannot pass for a leaf.
 */
export class ChunkTree {
  /** From the leaves up to the root, the nodes of a level one after the other. */
  readonly #levels: readonly Buffer[];
  /** Of a whole subtree of empty leaves, by its height. */
  readonly #empty: Buffer[] = [EMPTY];

  constructor(leaves: readonly Buffer[] | Buffer) {
    const given = Buffer.isBuffer(leaves) ? leaves : Buffer.concat(leaves);
    let level = given.length === 0 ? EMPTY : given;
    const levels = [level];
    for (let height = 0; level.length > CHUNK_BYTES; ++height) {
      const empty = this.#empty[height] ?? EMPTY;
      this.#empty.push(hashPair(empty, empty));
      const above = Buffer.alloc(CHUNK_BYTES * Math.ceil(level.length / (2 * CHUNK_BYTES)));
      for (let at = 0; 2 * at < level.length; at += CHUNK_BYTES) {
        const pair = level.subarray(2 * at, 2 * at + 2 * CHUNK_BYTES);
        const whole = pair.length === 2 * CHUNK_BYTES ? pair : Buffer.concat([pair, empty]);
        above.set(hash("sha256", whole, "buffer"), at);
      }
      levels.push(above);
      level = above;
    }
    this.#levels = levels;
  }

  get root(): Buffer {
    return this.#levels.at(-1) ?? EMPTY;
  }

  get depth(): number {
    return this.#levels.length - 1;
  }

  leaf(index: number): Buffer {
    return this.node(0, index);
  }

  /** The siblings of a leaf and of the nodes above it, from the leaf up. */
  proof(index: number): Buffer[] {
    return Array.from({ length: this.depth }, (_, height) => this.node(height, (index >>> height) ^ 1));
  }

  /** A node by its height above the leaves and its place among those of that height. */
  node(height: number, index: number): Buffer {
    const found = this.#levels[height]?.subarray(CHUNK_BYTES * index, CHUNK_BYTES * (index + 1));
    return found === undefined || found.length === 0 ? (this.#empty[height] ?? EMPTY) : found;
  }
}

/** The tree of a tensor: eight elements a leaf, each the big-endian bits of a number or an integer. */
export function tensorTree(tensor: Float32Array): ChunkTree {
  const bytes = Buffer.alloc(CHUNK_BYTES * Math.ceil(tensor.length / ELEMENTS_PER_CHUNK));
  new Uint32Array(tensor.buffer, tensor.byteOffset, tensor.length).forEach((bits, index) => {
    bytes.writeUInt32BE(bits, 4 * index);
  });
  return new ChunkTree(bytes);
}

/** The tree of a data set, 32 bytes a leaf, the last one filled up with zeros. */
export function bytesTree(bytes: Uint8Array): ChunkTree {
  const padded = Buffer.alloc(CHUNK_BYTES * Math.ceil(bytes.length / CHUNK_BYTES));
  padded.set(bytes);
  return new ChunkTree(padded);
}

/** Depth of a tree of so many leaves. */
export function depthOf(leaves: number): number {
  return Math.ceil(Math.log2(Math.max(1, leaves)));
}

/** Depth of the tree of a tensor with so many elements. */
export function tensorDepth(elements: number): number {
  return depthOf(Math.ceil(elements / ELEMENTS_PER_CHUNK));
}

/** Depth of the tree of a data set of so many bytes. */
export function datasetDepth(bytes: number): number {
  return depthOf(Math.ceil(bytes / CHUNK_BYTES));
}

export function hashPair(left: Uint8Array, right: Uint8Array): Buffer {
  return hash("sha256", Buffer.concat([left, right]), "buffer");
}
