import { concat, toBeHex } from "ethers";
import hre from "hardhat";
import { bitsOf, FLOAT_OPERATIONS } from "../../test/reproducible/floatReference.ts";
import type { BySize } from "./gas.ts";

const CASES = 200;

/** Mean gas of an operation of single precision in Solidity, for operands between 1/4 and 4 of either sign; logarithms of positive ones. */
export async function benchFloats(): Promise<BySize> {
  const { ethers } = await hre.network.create();
  const harness = await ethers.deployContract("SoftFloatHarness");
  const gas: Record<string, number> = {};
  for (const [index, name] of FLOAT_OPERATIONS.entries()) {
    const positive = name === "log" || name === "squareRoot";
    const operands = Array.from({ length: CASES }, (_, i) => {
      const [a, b] = [magnitudeOf(2 * i), magnitudeOf(2 * i + 1)];
      return concat([toBeHex(bitsOf(i % 3 === 0 && !positive ? -a : a), 4), toBeHex(bitsOf(i % 2 === 0 ? b : -b), 4)]);
    });
    const { gasUsed } = await harness.compute(index, concat(operands));
    gas[name] = Math.round(Number(gasUsed) / CASES);
  }
  return gas;
}

/** Spread over four powers of two, with all places of the fraction in use. */
function magnitudeOf(index: number): number {
  return Math.fround(2 ** (4 * ((index * 0.6180339887498949) % 1) - 2));
}
