import { sideCode, sideOf, type Side } from "./side.ts";
import { bitsOf, requireBigBits, requireBits, wordOf } from "./whole.ts";

/** What one order traded: the data of an `OrderCleared` event. */
export interface Fill {
  readonly balanceTicks: bigint;
  readonly feeTicks: bigint;
  readonly filledWh: number;
  readonly energyWh: number;
  readonly limitPrice: number;
  readonly slot: number;
  readonly zone: number;
  readonly side: Side;
  /** The order was placed on chain. */
  readonly placed: boolean;
}

/** Grid leg and charges of one settled reading or closed position. */
export interface SettlementLine {
  readonly mintedTicks: bigint;
  readonly burnedTicks: bigint;
  readonly networkTicks: bigint;
  readonly levyTicks: bigint;
}

/** Unpacks the word of an `OrderCleared` event. */
export function decodeFill(packed: bigint | string): Fill {
  const word = wordOf(packed);
  return {
    balanceTicks: BigInt.asUintN(58, word >> 158n),
    feeTicks: BigInt.asUintN(58, word),
    filledWh: bitsOf(word, 58, 24),
    energyWh: bitsOf(word, 114, 24),
    limitPrice: bitsOf(word, 82, 24),
    slot: bitsOf(word, 216, 24),
    zone: bitsOf(word, 240, 12),
    side: sideOf(bitsOf(word, 252, 2)),
    placed: bitsOf(word, 106, 1) === 1,
  };
}

/** Packs a fill as the contract does. */
export function encodeFill(fill: Fill): bigint {
  return (
    requireBigBits("feeTicks", fill.feeTicks, 58) |
    (BigInt(requireBits("filledWh", fill.filledWh, 24)) << 58n) |
    (BigInt(requireBits("limitPrice", fill.limitPrice, 24)) << 82n) |
    (fill.placed ? 1n << 106n : 0n) |
    (BigInt(requireBits("energyWh", fill.energyWh, 24)) << 114n) |
    (requireBigBits("balanceTicks", fill.balanceTicks, 58) << 158n) |
    (BigInt(requireBits("slot", fill.slot, 24)) << 216n) |
    (BigInt(requireBits("zone", fill.zone, 12)) << 240n) |
    (BigInt(sideCode(fill.side)) << 252n)
  );
}

/** Unpacks the line of a `ReadingSettled` or `PositionClosed` event. */
export function decodeLine(packed: bigint | string): SettlementLine {
  const word = wordOf(packed);
  return {
    mintedTicks: BigInt.asUintN(64, word >> 192n),
    burnedTicks: BigInt.asUintN(64, word >> 128n),
    networkTicks: BigInt.asUintN(64, word >> 64n),
    levyTicks: BigInt.asUintN(64, word),
  };
}

/** Packs a line as the contract does. */
export function encodeLine(line: SettlementLine): bigint {
  return (
    (requireBigBits("mintedTicks", line.mintedTicks, 64) << 192n) |
    (requireBigBits("burnedTicks", line.burnedTicks, 64) << 128n) |
    (requireBigBits("networkTicks", line.networkTicks, 64) << 64n) |
    requireBigBits("levyTicks", line.levyTicks, 64)
  );
}
