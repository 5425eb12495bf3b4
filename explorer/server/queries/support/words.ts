import { decodeMeterWord, type MeterWord } from "../../../../src/market/meterWord.ts";
import { decodeFill, decodeLine, type Fill, type SettlementLine } from "../../../../src/market/packed.ts";

/** Packed words as the index keeps them: as whole numbers in decimal text. */
export function meterWordOf(text: string): MeterWord {
  return decodeMeterWord(BigInt(text));
}

export function fillOf(text: string): Fill {
  return decodeFill(BigInt(text));
}

export function lineOf(text: string): SettlementLine {
  return decodeLine(BigInt(text));
}
