import { bytesTree, CHUNK_BYTES, type ChunkTree } from "../../reproducible/chunkTree.ts";
import {
  LARGEST_SCALE,
  LARGEST_STEP,
  SMALLEST_SCALE,
  UPDATE_LAYOUT,
  updateBlocks,
} from "../../federated/updateLayout.ts";

/** A chunk of a byte string, with its siblings up to the string's root. */
export interface LeafStruct {
  readonly chunk: string;
  readonly siblings: readonly string[];
}

/** What of an update's bytes shows that it cannot be read. */
export interface UnreadablePart {
  /** Number of the block of values, or of all blocks for the header. */
  readonly part: bigint;
  readonly leaves: readonly LeafStruct[];
}

/**
 * Finds what shows that bytes of an update's length are none of this model: the header, or a block that `decodeUpdate` refuses.
 * Undefined where they can be read.
 *
 * @param header The first bytes of every update of the model, 0x-hex.
 */
export function unreadablePart(bytes: Uint8Array, parameters: number, header: string): UnreadablePart | undefined {
  const tree = bytesTree(bytes);
  const blocks = updateBlocks(parameters);
  const own = Buffer.from(bytes.subarray(0, UPDATE_LAYOUT.headerBytes)).toString("hex");
  if (`0x${own}` !== header) return { part: BigInt(blocks), leaves: [leafOf(tree, 0)] };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const valuesAt = UPDATE_LAYOUT.headerBytes + 4 * blocks;
  for (let block = 0; block < blocks; ++block) {
    const scaleAt = UPDATE_LAYOUT.headerBytes + 4 * block;
    const scale = view.getFloat32(scaleAt, true);
    const scaleLeaf = leafOf(tree, chunkOf(scaleAt));
    if (!Object.is(scale, 0) && !(scale >= SMALLEST_SCALE && scale <= LARGEST_SCALE)) {
      return { part: BigInt(block), leaves: [scaleLeaf] };
    }
    const start = valuesAt + block * UPDATE_LAYOUT.blockSize;
    const end = Math.min(start + UPDATE_LAYOUT.blockSize, valuesAt + parameters);
    const steps = Array.from({ length: end - start }, (_, i) => Math.abs(view.getInt8(start + i)));
    if (Math.max(...steps) === (scale === 0 ? 0 : LARGEST_STEP)) continue;
    const [first, last] = [chunkOf(start), chunkOf(end - 1)];
    const chunks = Array.from({ length: last - first + 1 }, (_, i) => leafOf(tree, first + i));
    return { part: BigInt(block), leaves: [scaleLeaf, ...chunks] };
  }
  return undefined;
}

/** A leaf of a tree, as the contract takes it. */
export function leafOf(tree: ChunkTree, index: number): LeafStruct {
  const hex = (node: Buffer): string => `0x${node.toString("hex")}`;
  return { chunk: hex(tree.leaf(index)), siblings: tree.proof(index).map(hex) };
}

function chunkOf(place: number): number {
  return Math.floor(place / CHUNK_BYTES);
}
