import { bytesTree, CHUNK_BYTES } from "../../reproducible/chunkTree.ts";

/** Nodes of a byte string that are shown at once. */
const GROUP_NODES = 1_024;
const BLOCK_BYTES = 2 * CHUNK_BYTES;

/** A group of the nodes right above a string's chunks, each of which is the hash of 64 bytes. */
export interface NodeGroup {
  readonly nodes: readonly string[];
  /** From the group's own node up to the string's root. */
  readonly siblings: readonly string[];
}

/** Groups that a byte string has; none where it is a single chunk, of which its root says all. */
export function groupsOf(bytes: number): number {
  return bytes <= CHUNK_BYTES ? 0 : Math.ceil(Math.ceil(bytes / BLOCK_BYTES) / GROUP_NODES);
}

/** One of them, whole: with the nodes that fill up the tree. */
export function nodeGroup(string: Uint8Array, group: number): NodeGroup {
  const tree = bytesTree(string);
  const count = Math.min(GROUP_NODES, 2 ** (tree.depth - 1));
  const height = 1 + Math.log2(count);
  const hex = (node: Buffer): string => `0x${node.toString("hex")}`;
  return {
    nodes: Array.from({ length: count }, (_, i) => hex(tree.node(1, group * count + i))),
    siblings: Array.from({ length: tree.depth - height }, (_, i) => hex(tree.node(height + i, (group >>> i) ^ 1))),
  };
}

/**
 * The byte string with one bit turned in the first block of 64 bytes that another string shows to be otherwise; itself where there
 * is none.
 *
 * Who claims to have another string with the same address computes, as far as it tells, what the right one gives, and is wrong at
 * that block alone. Whoever computes with the turned bit differs from its claim there first, and leads the dispute there.
 */
export function turnedWhereOther(string: Uint8Array, shown: readonly string[]): Uint8Array {
  const tree = bytesTree(string);
  const blocks = Math.ceil(string.length / BLOCK_BYTES);
  for (let block = 0; block < blocks; ++block) {
    const node = shown[block];
    if (node === undefined || node === `0x${tree.node(1, block).toString("hex")}`) continue;
    const turned = string.slice();
    turned[block * BLOCK_BYTES] = (turned[block * BLOCK_BYTES] ?? 0) ^ 1;
    return turned;
  }
  return string;
}
