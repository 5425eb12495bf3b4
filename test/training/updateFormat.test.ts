import { expect } from "chai";
import fc from "fast-check";
import { decodeUpdate } from "../../src/training/federated/decodeUpdate.ts";
import { encodeUpdate } from "../../src/training/federated/encodeUpdate.ts";
import { codeOf } from "./support/codes.ts";

const MODEL = { layers: 1, width: 8, heads: 2, context: 4 };

/** A valid update of 300 parameters in 2 blocks, with bytes replaced. */
function changed(edit: (view: DataView, bytes: Uint8Array) => void): Uint8Array {
  const bytes = encodeUpdate(
    MODEL,
    Float32Array.from({ length: 300 }, (_, i) => (i - 150) / 100),
  );
  edit(new DataView(bytes.buffer), bytes);
  return bytes;
}
const decode = (bytes: Uint8Array) => decodeUpdate(MODEL, 300, bytes);

describe("the format of an update", () => {
  it("is the one worked out by hand", () => {
    // Largest size 2.54: the scale is 0.02 in single precision, 0x3ca3d70a. 0.01 / 0.02 is a half: away from zero.
    const bytes = encodeUpdate(MODEL, Float32Array.of(2.54, -0.01, 0.01, -2.54, 0, 0.0299));
    expect(Buffer.from(bytes).toString("hex")).to.equal(
      "4a575550" +
        "0100" +
        "0001" +
        "01000000" +
        "08000000" +
        "02000000" +
        "04000000" +
        "06000000" +
        "0ad7a33c" +
        "7f" +
        "ff" +
        "01" +
        "81" +
        "00" +
        "01",
    );
  });

  it("keeps every value within half a step of its block, and writes what it read in the same bytes", () => {
    const value = fc.float({ noNaN: true, min: -1000, max: 1000 });
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 600 }), (values) => {
        const gradient = Float32Array.from(values);
        const bytes = encodeUpdate(MODEL, gradient);
        const read = decodeUpdate(MODEL, gradient.length, bytes);
        for (let start = 0; start < gradient.length; start += 256) {
          const block = gradient.subarray(start, start + 256);
          const step = block.reduce((top, x) => Math.max(top, Math.abs(x)), 0) / 127;
          block.forEach((x, i) => expect(Math.abs(x - (read[start + i] ?? NaN))).to.be.at.most(step * 0.50001 + 1e-36));
        }
        // Read again, the steps are the same ones; only a scale may differ in its last bit.
        const again = encodeUpdate(MODEL, read);
        const stepsAt = 28 + 4 * Math.ceil(gradient.length / 256);
        expect(again.subarray(stepsAt)).to.deep.equal(bytes.subarray(stepsAt));
      }),
      { numRuns: 200 },
    );
  });

  it("writes a block whose scale would be subnormal as zeros", () => {
    expect([...decodeUpdate(MODEL, 2, encodeUpdate(MODEL, Float32Array.of(1e-37, -1e-40)))]).to.deep.equal([0, 0]);
  });

  it("refuses to write what training left without a number", async () => {
    for (const value of [NaN, Infinity, -Infinity, 2 ** 28]) {
      expect(await codeOf(() => encodeUpdate(MODEL, Float32Array.of(0, value)))).to.equal("UPDATE_NOT_FINITE");
    }
  });

  it("refuses every length but one", async () => {
    const bytes = changed(() => undefined);
    expect(decode(bytes)).to.have.length(300);
    expect(await codeOf(() => decode(bytes.subarray(0, -1)))).to.equal("UPDATE_LENGTH");
    expect(await codeOf(() => decode(Buffer.concat([bytes, Buffer.alloc(1)])))).to.equal("UPDATE_LENGTH");
    expect(await codeOf(() => decode(new Uint8Array(0)))).to.equal("UPDATE_LENGTH");
    expect(await codeOf(() => decode(new Uint8Array(1_000_000)))).to.equal("UPDATE_LENGTH");
  });

  it("refuses another format and another model", async () => {
    expect(await codeOf(() => decode(changed((view) => view.setUint8(0, 0x4b))))).to.equal("UPDATE_MAGIC");
    expect(await codeOf(() => decode(changed((view) => view.setUint16(4, 2, true))))).to.equal("UPDATE_VERSION");
    expect(await codeOf(() => decode(changed((view) => view.setUint16(6, 128, true))))).to.equal("UPDATE_VERSION");
    for (const at of [8, 12, 16, 20, 24]) {
      expect(await codeOf(() => decode(changed((view) => view.setUint32(at, 3, true))))).to.equal("UPDATE_MODEL");
    }
  });

  it("refuses scales that are no number, infinite, negative, subnormal or too large", async () => {
    for (const scale of [NaN, Infinity, -Infinity, -1, -0, 1e-40, 2 ** 20 + 1]) {
      expect(await codeOf(() => decode(changed((view) => view.setFloat32(32, scale, true)))), String(scale)).to.equal(
        "UPDATE_SCALE",
      );
    }
  });

  it("refuses a second way to write the same values", async () => {
    const stepsAt = 28 + 4 * 2;
    const zeroScale = changed((view) => view.setFloat32(28, 0, true));
    const halved = changed((view) => {
      view.setFloat32(28, view.getFloat32(28, true) * 2, true);
      for (let i = 0; i < 256; ++i) view.setInt8(stepsAt + i, Math.trunc(view.getInt8(stepsAt + i) / 2));
    });
    const zeroSteps = changed((_, bytes) => bytes.fill(0, stepsAt, stepsAt + 256));
    const lowest = changed((view) => view.setInt8(stepsAt, -128));
    for (const bytes of [zeroScale, halved, zeroSteps, lowest]) {
      expect(await codeOf(() => decode(bytes))).to.equal("UPDATE_NOT_CANONICAL");
    }
  });
});
