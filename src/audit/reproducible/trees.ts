import { AbiCoder, keccak256 } from "ethers";
import { depthOf, hashPair } from "../../training/reproducible/chunkTree.ts";

const EMPTY = Buffer.alloc(32);

/** The root that a leaf and its siblings lead to; undefined where the tree has another depth, or no such leaf. */
export function rootOf(leaf: string, index: number, leaves: number, siblings: readonly string[]): string | undefined {
  return rootAtDepth(leaf, index, depthOf(leaves), siblings);
}

/** As `rootOf`, of a tree by its depth. */
export function rootAtDepth(
  leaf: string,
  index: number,
  depth: number,
  siblings: readonly string[],
): string | undefined {
  if (siblings.length !== depth || index >= 2 ** depth) return undefined;
  return siblings.reduce(
    (node, sibling, height) =>
      Math.floor(index / 2 ** height) % 2 === 0 ? pairOf(node, sibling) : pairOf(sibling, node),
    leaf,
  );
}

/** The node above 2, 4, 8 or 16 nodes. */
export function foldNodes(nodes: readonly string[]): string {
  const [first = "0x", ...rest] = nodes;
  if (rest.length === 0) return first;
  const above = nodes.flatMap((node, index) => (index % 2 === 0 ? [pairOf(node, nodes[index + 1] ?? "0x")] : []));
  return foldNodes(above);
}

/** The node of this height above leaves that are all missing. */
export function emptyNode(height: number): string {
  let node: Buffer = EMPTY;
  for (let level = 0; level < height; ++level) node = hashPair(node, node);
  return hexOf(node);
}

/** How the contract remembers what a challenger may choose among. */
export function hashChildren(children: readonly string[]): string {
  return keccak256(AbiCoder.defaultAbiCoder().encode(["bytes32[]"], [children]));
}

export function pairOf(left: string, right: string): string {
  return hexOf(hashPair(bytesOf(left), bytesOf(right)));
}

export function bytesOf(hex: string): Buffer {
  return Buffer.from(hex.slice(2), "hex");
}

export function hexOf(bytes: Buffer): string {
  return `0x${bytes.toString("hex")}`;
}

/** Bits of an element in its chunk of eight. */
export function elementBits(chunk: string, element: number): number {
  return bytesOf(chunk).readUInt32BE(4 * (element % 8));
}
