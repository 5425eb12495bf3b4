import { readFile } from "node:fs/promises";
import { expect } from "chai";
import { compileKernels } from "../../scripts/training/compileKernels.ts";
import { instantiateKernels, KERNELS_FILE, loadKernels, type Kernels } from "../../src/training/kernelModule.ts";
import { multiplyHigh, philox, type Words } from "../../src/training/philox.ts";
import { WebAssembly } from "../../src/training/webAssembly.ts";

async function kernels(): Promise<Kernels> {
  const { module } = await loadKernels();
  return instantiateKernels(module, new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }));
}

function greatestError(
  measure: (x: number) => number,
  exact: (x: number) => number,
  points: readonly number[],
): number {
  return Math.max(...points.map((x) => Math.abs(measure(x) / exact(x) - 1)));
}

describe("training: kernels", () => {
  it("are what their sources compile to", async () => {
    const committed = await readFile(KERNELS_FILE);
    const compiled = await compileKernels();
    expect(Buffer.compare(committed, compiled), "run `npm run build:kernels` and commit the module").to.equal(0);
  });

  it("have an exp within two units in the last place", async () => {
    const { exp } = await kernels();
    const points = Array.from({ length: 20_000 }, (_, index) => Math.fround(-87 + (index * 175) / 20_000));
    expect(greatestError(exp, Math.exp, points)).to.be.below(2 ** -22);
    expect(exp(0)).to.equal(1);
  });

  it("clamp exp where its result would be infinite or subnormal", async () => {
    const { exp } = await kernels();
    expect(exp(1000)).to.equal(exp(88));
    expect(exp(-1000)).to.equal(exp(-87));
    expect(exp(-Infinity)).to.equal(exp(-87));
    expect(exp(NaN)).to.be.NaN;
  });

  it("have a log within two units in the last place, and exact where it is zero", async () => {
    const { log } = await kernels();
    const points = Array.from({ length: 20_000 }, (_, index) => Math.fround(1.01 + index * 0.02));
    expect(greatestError(log, Math.log, points)).to.be.below(2 ** -22);
    expect(log(1)).to.equal(0);
    expect(log(Infinity)).to.equal(Infinity);
    expect(log(NaN)).to.be.NaN;
  });
});

describe("training: random numbers", () => {
  // The known answers that come with the authors' library Random123.
  const known: readonly { counter: Words; key: readonly [number, number]; answer: Words }[] = [
    { counter: [0, 0, 0, 0], key: [0, 0], answer: [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8] },
    {
      counter: [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      key: [0xffffffff, 0xffffffff],
      answer: [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    },
    {
      counter: [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      key: [0xa4093822, 0x299f31d0],
      answer: [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    },
  ];
  for (const { counter, key, answer } of known) {
    it(`are Philox's for counter ${counter.join(" ")}`, () => {
      expect(philox(counter, key)).to.deep.equal(answer);
    });
  }

  it("multiply as whole numbers do", () => {
    for (const a of [0, 1, 0xffff, 0x10000, 0x12345678, 0xfffffffe, 0xffffffff]) {
      for (const b of [0, 3, 0xffff, 0x10001, 0x9abcdef0, 0xffffffff]) {
        expect(multiplyHigh(a, b), `${String(a)} x ${String(b)}`).to.equal(Number((BigInt(a) * BigInt(b)) >> 32n));
      }
    }
  });
});
