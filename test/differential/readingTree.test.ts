import { AbiCoder, keccak256, ZeroHash } from "ethers";
import { expect } from "chai";
import hre from "hardhat";
import { leafHash, readingTree, type ReadingLeaf } from "../../src/market/readings.ts";
import type { ReadingTreeHarness } from "../../typechain-types/index.ts";
import { Choices } from "./random.ts";

describe("the tree of a batch of readings on chain and its TypeScript twin", () => {
  const choices = new Choices("reading trees");
  let harness: ReadingTreeHarness;
  before(async () => {
    const { ethers } = await hre.network.create();
    harness = await ethers.deployContract("ReadingTreeHarness");
  });

  it("hash a leaf as its ABI encoding", async () => {
    for (let i = 0; i < 50; ++i) {
      const leaf: ReadingLeaf = {
        meter: choices.hex(20),
        zone: Number(choices.edged(12)),
        slot: Number(choices.edged(24)),
        importWh: Number(choices.edged(40)),
        exportWh: Number(choices.edged(40)),
        gap: choices.chance(0.5),
      };
      const values = [leaf.meter, leaf.zone, leaf.slot, leaf.importWh, leaf.exportWh, leaf.gap ? 1 : 0] as const;
      const encoded = AbiCoder.defaultAbiCoder().encode(
        ["address", "uint16", "uint32", "uint64", "uint64", "uint8"],
        values,
      );
      expect(await harness.leaf(...values)).to.equal(keccak256(encoded));
      expect(leafHash(leaf)).to.equal(keccak256(encoded));
    }
  });

  it("have one root for 1 to 40 leaves, and every path of the twin is verified by OpenZeppelin", async () => {
    for (let count = 1; count <= 40; ++count) {
      const leaves = Array.from({ length: count }, () => choices.hex(32));
      const tree = readingTree(leaves);
      // Room for leaves that were skipped lies behind the counted ones.
      const room = [...leaves, ...Array.from({ length: count % 3 }, () => choices.hex(32))];
      expect(await harness.root(room, count), `${String(count)} leaves`).to.equal(tree.root);
      for (const index of new Set([0, count >> 1, count - 1])) {
        const proof = tree.proof(index);
        expect(await harness.verify(proof, tree.root, leaves[index] ?? "")).to.equal(true);
        expect(await harness.verify(proof, tree.root, choices.hex(32))).to.equal(false);
      }
    }
  });

  it("have no root for no leaves", async () => {
    expect(await harness.root([], 0)).to.equal(ZeroHash);
    expect(await harness.root([choices.hex(32)], 0)).to.equal(ZeroHash);
    expect(() => readingTree([])).to.throw("at least one leaf");
  });
});
