import { expect } from "chai";
import { AbiCoder, concat, keccak256, sha256 } from "ethers";
import fc from "fast-check";
import { buildValidation, validationLeaf, verifySlice } from "../../src/training/federated/validation.ts";
import { codeOf } from "./support/codes.ts";

const TEXT = new TextEncoder().encode("Sunlight falls on roofs; the neighbours share it.");

/** OpenZeppelin's MerkleProof.processProof with its sorted pairs, over the leaf as the contract computes it. */
function processed(round: number, bytes: Uint8Array, proof: readonly string[]): string {
  const encoded = AbiCoder.defaultAbiCoder().encode(["uint256", "bytes32"], [round, sha256(bytes)]);
  return proof.reduce(
    (node, other) => keccak256(BigInt(node) < BigInt(other) ? concat([node, other]) : concat([other, node])),
    keccak256(keccak256(encoded)),
  );
}

describe("validation slices", () => {
  it("are the whole text, in order, equal up to a byte, and proved as OpenZeppelin proves", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 40, maxLength: 300 }), fc.integer({ min: 1, max: 20 }), (text, rounds) => {
        const { root, slices } = buildValidation(text, rounds);
        expect(Buffer.concat(slices.map(({ bytes }) => bytes)).equals(Buffer.from(text))).to.equal(true);
        const lengths = slices.map(({ bytes }) => bytes.length);
        expect(Math.max(...lengths) - Math.min(...lengths)).to.be.at.most(1);
        slices.forEach(({ round, bytes, proof }, i) => {
          expect(round).to.equal(i + 1);
          expect(processed(round, bytes, proof)).to.equal(root);
        });
      }),
      { numRuns: 50 },
    );
  });

  it("have the leaf that the contract documents", () => {
    const hash = sha256(TEXT);
    const encoded = AbiCoder.defaultAbiCoder().encode(["uint256", "bytes32"], [7, hash]);
    expect(validationLeaf(7, hash)).to.equal(keccak256(keccak256(encoded)));
  });

  it("are refused for another round, with other bytes, another root or proof", () => {
    const { root, slices } = buildValidation(TEXT, 5);
    for (const slice of slices) {
      expect(verifySlice(root, slice)).to.equal(true);
      expect(verifySlice(root, { ...slice, round: slice.round + 1 })).to.equal(false);
      expect(verifySlice(root, { ...slice, bytes: slice.bytes.map((byte) => byte ^ 1) })).to.equal(false);
      expect(verifySlice(root, { ...slice, proof: slice.proof.slice(1) })).to.equal(false);
      expect(verifySlice(buildValidation(TEXT, 4).root, slice)).to.equal(false);
    }
  });

  it("need two bytes a round and a whole number of rounds", async () => {
    for (const rounds of [0, -1, 1.5, 25]) {
      expect(await codeOf(() => buildValidation(TEXT, rounds))).to.equal("VALIDATION_INVALID");
    }
    expect(buildValidation(TEXT, 24).slices).to.have.length(24);
  });
});
