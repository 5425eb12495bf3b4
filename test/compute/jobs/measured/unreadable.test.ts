import { expect } from "chai";
import hre from "hardhat";
import { JouleworkError } from "../../../../src/errors.ts";
import { decodeUpdate } from "../../../../src/training/federated/decodeUpdate.ts";
import { encodeUpdate } from "../../../../src/training/federated/encodeUpdate.ts";
import { UPDATE_LAYOUT, updateBlocks } from "../../../../src/training/federated/updateLayout.ts";
import { layOutParameters } from "../../../../src/training/parameters.ts";
import { bytesTree, ChunkTree } from "../../../../src/training/reproducible/chunkTree.ts";
import type { ScoreRulesHarness } from "../../../../typechain-types/index.ts";
import { Choices, fuzzRuns } from "../../../differential/random.ts";
import { hexOf, leafOf, programsStruct, PROGRAMS, rootOver } from "./measuredWorld.ts";

const connection = await hre.network.create();
const RUNS = fuzzRuns(20);
const MODEL = { layers: 1, width: 4, heads: 1, context: 4 };
const { count: PARAMETERS } = layOutParameters(MODEL);
const BLOCKS = updateBlocks(PARAMETERS);
const { headerBytes, blockSize } = UPDATE_LAYOUT;

async function deploy(): Promise<ScoreRulesHarness> {
  const { ethers } = connection;
  const rules = await ethers.deployContract("ScoreRules");
  return ethers.deployContract("ScoreRulesHarness", [], { libraries: { ScoreRules: await rules.getAddress() } });
}

/** Chunks that show what a block is, or the header. */
function chunksOf(part: number): number[] {
  if (part === BLOCKS) return [0];
  const scale = Math.floor((headerBytes + 4 * part) / 32);
  const first = headerBytes + 4 * BLOCKS + blockSize * part;
  const end = Math.min(first + blockSize, headerBytes + 4 * BLOCKS + PARAMETERS);
  const chunks = [scale];
  for (let chunk = Math.floor(first / 32); 32 * chunk < end; ++chunk) chunks.push(chunk);
  return chunks;
}

/** Whether some part of the bytes shows that they are no update. */
async function isShown(harness: ScoreRulesHarness, bytes: Uint8Array, header: string): Promise<boolean> {
  const tree = bytesTree(bytes);
  const programs = programsStruct({ ...PROGRAMS, parameters: PARAMETERS, updateHeader: header });
  let shown = false;
  for (let part = 0; part <= BLOCKS; ++part) {
    const leaves = chunksOf(part).map((chunk) => leafOf(tree, chunk));
    shown ||= await harness.isUnreadable(programs, hexOf(tree.root), part, leaves);
  }
  return shown;
}

function decodes(bytes: Uint8Array): boolean {
  try {
    decodeUpdate(MODEL, PARAMETERS, bytes);
    return true;
  } catch (error) {
    if (error instanceof JouleworkError) return false;
    throw error;
  }
}

function randomUpdate(choices: Choices): Uint8Array {
  const size = choices.of([0, 1, 2 ** -30, 2 ** 10]);
  return encodeUpdate(
    MODEL,
    Float32Array.from({ length: PARAMETERS }, () => (size * choices.whole(-1_000, 1_000)) / 1_000),
  );
}

/** Bytes with one place that somebody may have changed. */
function spoiled(choices: Choices, bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes);
  const view = new DataView(copy.buffer);
  const block = choices.whole(0, BLOCKS - 1);
  const scale = (value: number) => {
    view.setFloat32(headerBytes + 4 * block, value, true);
  };
  const valuesAt = headerBytes + 4 * BLOCKS;
  const spoilers: readonly (() => void)[] = [
    () => undefined,
    () => (copy[choices.whole(0, headerBytes - 1)] = choices.whole(0, 255)),
    () => {
      scale(choices.of([0, -0, -1, NaN, Infinity, 2 ** -127, 2 ** -126, 2 ** 20, 2 ** 20 + 1, 1]));
    },
    () => (copy[valuesAt + choices.whole(0, PARAMETERS - 1)] = choices.of([0x80, 0x81, 0x7f, 0, 1])),
    () => copy.fill(choices.of([0, 1, 0x7f, 0x80]), valuesAt + blockSize * block, valuesAt + blockSize * (block + 1)),
  ];
  choices.of(spoilers)();
  return copy;
}

describe("bytes that are no update", () => {
  it(`are shown to be none by their chunks, and an update's are not, in ${String(RUNS)} cases`, async () => {
    const harness = await deploy();
    const choices = new Choices("unreadable updates");
    const header = hexOf(encodeUpdate(MODEL, new Float32Array(PARAMETERS)).subarray(0, headerBytes));
    const seen = { readable: 0, unreadable: 0 };
    expect(BLOCKS).to.be.greaterThan(1);
    for (let run = 0; run < RUNS; ++run) {
      const bytes = spoiled(choices, randomUpdate(choices));
      const readable = decodes(bytes);
      ++seen[readable ? "readable" : "unreadable"];
      expect(await isShown(harness, bytes, header), `run ${String(run)}`).to.equal(!readable);
    }
    for (const count of Object.values(seen)) expect(count).to.be.greaterThan(RUNS / 10);
  });

  it("need no chunk but the scale's where that is out of range, and all of a block's where it is not", async () => {
    const harness = await deploy();
    const bytes = Uint8Array.from(encodeUpdate(MODEL, new Float32Array(PARAMETERS).fill(1)));
    const programs = programsStruct({ ...PROGRAMS, parameters: PARAMETERS, updateHeader: `0x${"00".repeat(28)}` });
    const scale = async (value: number) => {
      new DataView(bytes.buffer).setFloat32(headerBytes, value, true);
      const tree = bytesTree(bytes);
      return harness.isUnreadable(programs, hexOf(tree.root), 0, [leafOf(tree, 0)]);
    };
    expect(await scale(NaN)).to.equal(true);
    await expect(scale(1)).to.be.revertedWithCustomError(harness, "BadTerm");
  });
});

describe("the end of a byte string", () => {
  it("is a last chunk with zeros behind the string, and nothing to its right", async () => {
    const harness = await deploy();
    const choices = new Choices("ends of strings");
    for (let run = 0; run < RUNS; ++run) {
      const bytes = Uint8Array.from({ length: choices.whole(1, 300) }, () => choices.whole(1, 255));
      const tree = bytesTree(bytes);
      const index = Math.ceil(bytes.length / 32) - 1;
      const { chunk, siblings } = leafOf(tree, index);
      expect(await harness.isEnd(chunk, bytes.length, siblings), String(bytes.length)).to.equal(true);
      // Of a string that is a byte shorter it is the end only where that has fewer chunks.
      if (bytes.length % 32 !== 1) {
        expect(await harness.isEnd(chunk, bytes.length - 1, siblings)).to.equal(false);
      }
      const beyond = [...Array.from({ length: index + 1 }, (_, at) => tree.leaf(at)), Buffer.alloc(32, 1)];
      const longer = new ChunkTree(beyond);
      if (longer.depth === tree.depth) {
        expect(await harness.isEnd(chunk, bytes.length, leafOf(longer, index).siblings)).to.equal(false);
      }
    }
  });
});

describe("the root over leaves", () => {
  it("is that of the trainer's trees", async () => {
    const harness = await deploy();
    for (const count of [0, 1, 2, 3, 4, 5, 7, 8, 9, 17]) {
      const leaves = Array.from({ length: count }, (_, at) => hexOf(Buffer.alloc(32, at + 1)));
      expect(await harness.rootOfLeaves(leaves), String(count)).to.equal(rootOver(leaves));
    }
  });
});
