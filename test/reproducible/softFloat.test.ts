import { expect } from "chai";
import { concat, dataSlice, getBytes, toBeHex } from "ethers";
import hre from "hardhat";
import type { SoftFloatHarness } from "../../typechain-types/index.ts";
import { Choices } from "../differential/random.ts";
import { bitsOf, FLOAT_OPERATIONS, floatReference, takesOneOperand, type BitsOperation } from "./floatReference.ts";

/** Random cases of each operation, beside the edges. */
const CASES = Number(process.env.JOULEWORK_FLOAT_CASES ?? 5_000);
const CASES_A_CALL = 500;

type Pair = readonly [number, number];

const SIGN = 0x80000000;
const INFINITY = 0x7f800000;
/** Where exponents, fractions and the finite numbers begin and end. */
const EDGES = [
  ...[0, 1, 2, 3, 0x3fffff, 0x400000, 0x7ffffe, 0x7fffff, 0x800000, 0x800001, 0xffffff, 0x1000000, 0x1000001],
  ...[0x3effffff, 0x3f000000, 0x3f000001, 0x3f3504f2, 0x3f3504f3, 0x3f7fffff, 0x3f800000, 0x3f800001, 0x40000000],
  ...[0x4b000000, 0x4b400000, 0x4b7fffff, 0x4b800000, 0x42b00000, 0x42ae0000, 0x42b17218, 0x7effffff, 0x7f000000],
  ...[0x7f7ffffe, 0x7f7fffff, INFINITY, 0x7fc00000, 0x7f800001],
].flatMap((magnitude) => [magnitude, (magnitude | SIGN) >>> 0]);

function* edgePairs(): Generator<Pair> {
  for (const a of EDGES) for (const b of EDGES) yield [a, b];
  // Every exponent with every fraction that a carry or a borrow starts from.
  for (let exponent = 0; exponent < 255; ++exponent) {
    for (const fraction of [0, 1, 0x400000, 0x7fffff]) {
      const a = ((exponent << 23) | fraction) >>> 0;
      yield [a, a];
      yield [a, (a | SIGN) >>> 0];
      // A partner whose product and whose quotient with it are near 1, and near the smallest numbers.
      yield [a, (254 - exponent) << 23];
      yield [a, (Math.max(0, Math.min(254, 104 - exponent)) << 23) | 0x7fffff];
      yield [a, (Math.min(254, exponent + 150) << 23) | 1];
    }
  }
  // A neighbour of every distance, so that every sum has a tie and what lies on both its sides.
  for (let distance = 0; distance <= 30; ++distance) {
    for (const a of [0x40000000, 0x40000001, 0x40ffffff, 0x1f800000]) {
      for (const fraction of [0, 1, 2, 0x400000, 0x7fffff]) {
        const b = ((((a >>> 23) - distance) << 23) | fraction) >>> 0;
        yield [a, b];
        yield [a, (b | SIGN) >>> 0];
        yield [(b | SIGN) >>> 0, a];
      }
    }
  }
}

function randomPair(choices: Choices): Pair {
  const bits = () => Number(choices.bits(32));
  const a = bits();
  const exponent = (a >>> 23) & 0xff;
  const withExponent = (wanted: number) => ((bits() & 0x807fffff) | (Math.max(0, Math.min(254, wanted)) << 23)) >>> 0;
  switch (choices.whole(0, 6)) {
    case 0:
      return [a, bits()];
    case 1:
      return [a, withExponent(exponent + choices.whole(-26, 26))];
    case 2:
      // Cancellation: the same number but for its last places and its sign.
      return [a, ((a ^ SIGN) + choices.whole(-3, 3)) >>> 0];
    case 3:
      // Few significant bits: exact results and ties.
      return [(a & 0xfff00000) >>> 0, (withExponent(exponent + choices.whole(-25, 25)) & 0xfff80000) >>> 0];
    case 4:
      return [a, withExponent(127 - exponent + choices.whole(-27, 3))];
    case 5:
      return [a, withExponent(exponent + 127 + choices.whole(-3, 27))];
    default:
      // What training meets: between about a millionth and a few hundred.
      return [bitsOf(drawn(choices)), bitsOf(drawn(choices))];
  }
}

function drawn(choices: Choices): number {
  const magnitude = 2 ** (choices.whole(-20_000, 8_000) / 1_000);
  return choices.chance(0.5) ? magnitude : -magnitude;
}

describe("single precision in Solidity", () => {
  let harness: SoftFloatHarness;
  let reference: Readonly<Record<string, BitsOperation>>;

  before(async () => {
    const { ethers } = await hre.network.getOrCreate();
    harness = await ethers.deployContract("SoftFloatHarness");
    reference = await floatReference();
  });

  async function expectAgreement(name: string, pairs: readonly Pair[]): Promise<void> {
    const operation = reference[name];
    if (operation === undefined) throw new Error(`there is no reference for ${name}`);
    for (let first = 0; first < pairs.length; first += CASES_A_CALL) {
      const some = pairs.slice(first, first + CASES_A_CALL);
      const operands = concat(some.flatMap(([a, b]) => [toBeHex(a, 4), toBeHex(b, 4)]));
      const { results } = await harness.compute(FLOAT_OPERATIONS.indexOf(name), operands);
      const expected = concat(some.map(([a, b]) => toBeHex(operation(a, b), 4)));
      if (results === expected) continue;
      const wrong = some.findIndex(
        (_, i) => dataSlice(results, 4 * i, 4 * i + 4) !== dataSlice(expected, 4 * i, 4 * i + 4),
      );
      const [a, b] = some[wrong] ?? [0, 0];
      expect(dataSlice(results, 4 * wrong, 4 * wrong + 4), `${name} of ${toBeHex(a, 4)} and ${toBeHex(b, 4)}`).to.equal(
        toBeHex(operation(a, b), 4),
      );
    }
  }

  for (const name of FLOAT_OPERATIONS) {
    it(`gives WebAssembly's bits: ${name}`, async () => {
      const choices = new Choices(`float ${name}`);
      const pairs = [...edgePairs(), ...Array.from({ length: CASES }, () => randomPair(choices))];
      const distinct = takesOneOperand(name) ? new Map(pairs.map((pair) => [pair[0], pair])).values() : pairs;
      await expectAgreement(name, [...distinct]);
    });
  }

  it("follows the standard's own examples", async () => {
    const cases: readonly [string, number, number, number][] = [
      // Halfway between two numbers the even one is nearest.
      ["add", 2 ** 24, 1, 2 ** 24],
      ["add", 2 ** 24 + 2, 1, 2 ** 24 + 4],
      ["subtract", 1, 1, 0],
      ["multiply", 2 ** -149, 0.5, 0],
      ["multiply", 3 * 2 ** -149, 0.5, 2 * 2 ** -149],
      ["multiply", 2 ** 127, 2, Infinity],
      ["divide", 1, 3, 11184811 * 2 ** -25],
      ["divide", -1, 0, -Infinity],
      ["squareRoot", 2, 0, 11863283 * 2 ** -23],
    ];
    for (const [name, a, b, expected] of cases) {
      const operands = concat([toBeHex(bitsOf(a), 4), toBeHex(bitsOf(b), 4)]);
      const { results } = await harness.compute(FLOAT_OPERATIONS.indexOf(name), operands);
      expect(new DataView(getBytes(results).buffer).getFloat32(0), `${name} ${String(a)} ${String(b)}`).to.equal(
        expected,
      );
    }
  });
});
