import { expect } from "chai";
import { AbiCoder, concat, keccak256, toBeHex } from "ethers";
import fc from "fast-check";
import {
  decodeReadings,
  encodeReadings,
  leafHash,
  READING_BYTES,
  readingTree,
  verifyReadingProof,
} from "../../src/market/readings.ts";
import { signReading } from "../../src/market/sign.ts";
import { codeOf, DOMAIN, keyOf } from "./helpers.ts";

const register = fc.integer({ min: 0, max: 2 ** 40 - 1 });
const signature = fc
  .uint8Array({ minLength: 64, maxLength: 64 })
  .map((bytes) => `0x${Buffer.from(bytes).toString("hex")}`);
const entries = fc.array(fc.record({ importWh: register, exportWh: register, signature }), {
  minLength: 1,
  maxLength: 8,
});
const leaves = fc.array(fc.uint8Array({ minLength: 32, maxLength: 32 }), { minLength: 1, maxLength: 40 });
const LEAVES = Array.from({ length: 7 }, (_, i) => keccak256(toBeHex(i, 32)));

/** Node hash from its definition: children in ascending order. */
function node(a: string | undefined, b: string | undefined): string {
  const [low = "0x", high = "0x"] = [a ?? "0x", b ?? "0x"].sort();
  return keccak256(concat([low, high]));
}

describe("a batch of readings", () => {
  it("has five bytes a register and the signature, byte by byte", () => {
    const reading = signReading(DOMAIN, keyOf(1), { zone: 1, slot: 2, importWh: 0x0102030405, exportWh: 0xa0 });
    const batch = encodeReadings([reading]);
    expect(batch).to.equal(concat(["0x0102030405", "0x00000000a0", reading.signature]));
    expect(batch).to.have.length(2 + 2 * READING_BYTES);
  });

  it("gives back what was encoded", () => {
    fc.assert(fc.property(entries, (batch) => void expect(decodeReadings(encodeReadings(batch))).to.deep.equal(batch)));
  });

  it("is refused where it is no whole number of readings, or a register does not fit", () => {
    expect(codeOf(() => decodeReadings("0x"))).to.equal("READING_BATCH_LENGTH");
    expect(codeOf(() => decodeReadings(`0x${"00".repeat(75)}`))).to.equal("READING_BATCH_LENGTH");
    const entry = { importWh: 1, exportWh: 1, signature: `0x${"11".repeat(64)}` };
    expect(codeOf(() => encodeReadings([{ ...entry, importWh: 2 ** 40 }]))).to.equal("FIELD_OUT_OF_RANGE");
    expect(codeOf(() => encodeReadings([{ ...entry, exportWh: -1 }]))).to.equal("FIELD_OUT_OF_RANGE");
    expect(codeOf(() => encodeReadings([{ ...entry, signature: "0x11" }]))).to.equal("HEX_INVALID");
  });
});

describe("the proof of a reading", () => {
  it("starts from the ABI encoding of the leaf", () => {
    fc.assert(
      fc.property(register, register, fc.boolean(), (importWh, exportWh, gap) => {
        const meter = keyOf(4).address;
        const types = ["address", "uint16", "uint32", "uint64", "uint64", "uint8"];
        const encoded = AbiCoder.defaultAbiCoder().encode(types, [
          meter,
          7,
          1_944_036,
          importWh,
          exportWh,
          gap ? 1 : 0,
        ]);
        expect(leafHash({ meter, zone: 7, slot: 1_944_036, importWh, exportWh, gap })).to.equal(keccak256(encoded));
      }),
    );
  });

  it("hashes pairs in ascending order and moves an odd node up, by hand for seven leaves", () => {
    const [a, b, c, d, e, f, g] = LEAVES;
    const root = node(node(node(a, b), node(c, d)), node(node(e, f), g));
    const tree = readingTree(LEAVES);
    expect(tree.root).to.equal(root);
    expect(tree.proof(0)).to.deep.equal([b, node(c, d), node(node(e, f), g)]);
    expect(tree.proof(6)).to.deep.equal([node(e, f), node(node(a, b), node(c, d))]);
  });

  it("of a single leaf is the leaf", () => {
    const tree = readingTree(LEAVES.slice(0, 1));
    expect(tree.root).to.equal(LEAVES[0]);
    expect(tree.proof(0)).to.deep.equal([]);
  });

  it("leads every leaf of any tree to its root, and no other leaf", () => {
    fc.assert(
      fc.property(leaves, fc.nat(), (bytes, pick) => {
        const hashes = bytes.map((leaf) => `0x${Buffer.from(leaf).toString("hex")}`);
        const tree = readingTree(hashes);
        const index = pick % hashes.length;
        const proof = tree.proof(index);
        expect(verifyReadingProof(tree.root, hashes[index] ?? "", proof)).to.equal(true);
        expect(verifyReadingProof(tree.root, keccak256(hashes[index] ?? ""), proof)).to.equal(false);
        expect(proof.length).to.be.at.most(Math.ceil(Math.log2(hashes.length)));
      }),
      { numRuns: 50 },
    );
  });

  it("does not mind capitals in hashes", () => {
    const upper = LEAVES.map((leaf) => `0x${leaf.slice(2).toUpperCase()}`);
    expect(readingTree(upper).root).to.equal(readingTree(LEAVES).root);
    expect(verifyReadingProof(readingTree(LEAVES).root, upper[2] ?? "", readingTree(upper).proof(2))).to.equal(true);
  });

  it("is refused for an empty tree and for a leaf that is not in it", () => {
    expect(codeOf(() => readingTree([]))).to.equal("READING_TREE_EMPTY");
    expect(codeOf(() => readingTree(LEAVES).proof(7))).to.equal("READING_LEAF_UNKNOWN");
    expect(codeOf(() => readingTree(LEAVES).proof(-1))).to.equal("READING_LEAF_UNKNOWN");
  });
});
