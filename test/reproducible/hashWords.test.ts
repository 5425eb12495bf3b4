import { createHash } from "node:crypto";
import { expect } from "chai";
import { loadFunctions } from "../../src/training/reproducible/loadFunctions.ts";
import { addressJob } from "../../src/training/reproducible/scoring/index.ts";

/** The first texts whose hashes have a word that, as a number of single precision, would be none. */
function unusualTexts(count: number): Buffer[] {
  const found: Buffer[] = [];
  for (let number = 0; found.length < count; ++number) {
    const text = Buffer.from(`text ${String(number)}`);
    const hash = createHash("sha256").update(text).digest();
    const words = Array.from({ length: 8 }, (_, word) => hash.readFloatBE(4 * word));
    if (words.some(Number.isNaN)) found.push(text);
  }
  return found;
}

describe("a content address as primitive operations", () => {
  it("keeps words that would be no numbers", async () => {
    const functions = await loadFunctions();
    for (const text of unusualTexts(5)) {
      const { computation } = await addressJob(text, functions);
      const address = createHash("sha256").update(text).digest("hex");
      // One checkpoint, of one tensor.
      expect(computation.checkpoints.root.toString("hex")).to.equal(address);
    }
  });
});
