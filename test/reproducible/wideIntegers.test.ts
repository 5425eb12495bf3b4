import { expect } from "chai";
import { ChunkTree } from "../../src/training/reproducible/chunkTree.ts";
import { CommittedStep } from "../../src/training/reproducible/committedStep.ts";
import { encodeTape } from "../../src/training/reproducible/encodePrimitive.ts";
import { evaluatePrimitive } from "../../src/training/reproducible/evaluatePrimitive.ts";
import { loadFunctions } from "../../src/training/reproducible/loadFunctions.ts";
import { TapeBuilder, tensorSizes } from "../../src/training/reproducible/tapeBuilder.ts";
import { argumentsOf, deployHarness, transitionAt } from "./refereeWorld.ts";

describe("losses as whole numbers, by the referee", () => {
  it("are counted at every edge in micro-nats, and their parts added up to the worst", async () => {
    // The last one is beyond the rows that count.
    const losses = Float32Array.of(
      NaN,
      Infinity,
      -Infinity,
      -1,
      -0,
      1e-45,
      4.9e-7,
      5e-7,
      1,
      5.545177,
      8_388_607.5,
      2 ** 30,
      3e38,
      2,
    );
    const rows = losses.length - 1;
    const parts = new Float32Array(Uint32Array.of(0xffff, 0x1_0000, 0, 0, 1, 2, 3, 0xffff_ffff).buffer);
    const builder = new TapeBuilder(2, true);
    builder.microNats("nats", 0, rows, losses.length);
    for (const offset of [0, 4]) {
      const operands = [0, 1, 2, 3].map((place) => ({ tensor: 1, offset: offset + place }));
      builder.add({ name: "total", kind: "wide", sizes: [1, 1, 1, 2], operands });
    }
    const { primitives } = builder;
    const tape = {
      state: ["losses", "parts"],
      primitives,
      sizes: tensorSizes([losses.length, parts.length], primitives),
    };
    const source = { strings: [], functions: await loadFunctions() };
    const tensors: Float32Array[] = [losses, parts];
    for (const primitive of primitives) tensors.push(evaluatePrimitive(primitive, tensors, source));
    const bytes = { strings: [], tree: new ChunkTree([Buffer.alloc(32)]) };
    const committed = { tape, committed: new CommittedStep(tape, tensors), encoded: encodeTape(tape), bytes };
    const world = { ...committed, harness: await deployHarness(committed) };
    const resultAt = async (operation: number, element: number): Promise<bigint> =>
      world.harness.transition(...argumentsOf(world, transitionAt(world, { operation, element, term: 0 })));

    const worst = 1n << 62n;
    for (const [row, loss] of losses.entries()) {
      // A product of 24 and 20 bits is exact in double precision.
      const exact = Number.isFinite(loss) ? Math.max(0, loss * 1e6) : Infinity;
      const whole = exact >= 2 ** 62 ? worst : BigInt(exact < 2 ** 52 ? Math.floor(exact + 0.5) : exact);
      let told = 0n;
      for (let part = 0; part < 4; ++part) told |= (await resultAt(0, 4 * row + part)) << BigInt(16 * part);
      expect(told, String(loss)).to.equal(row < rows ? whole : 0n);
    }
    const totalOf = async (operation: number) =>
      ((await resultAt(operation, 0)) << 32n) | (await resultAt(operation, 1));
    expect(await totalOf(1)).to.equal(0xffffn + (0x1_0000n << 16n));
    expect(await totalOf(2)).to.equal(worst);
  });
});
