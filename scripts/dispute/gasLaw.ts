import type { PlayedMove } from "./playDispute.ts";

/** Gas of a move: a constant, and so much a byte of calldata, which covers hashing what it carries. */
export interface GasLaw {
  readonly perMove: number;
  readonly perByte: number;
}

/** The line of least squares through moves. */
export function fitGas(moves: readonly PlayedMove[]): GasLaw {
  const count = moves.length;
  const mean = (of: (move: PlayedMove) => number): number => moves.reduce((sum, move) => sum + of(move), 0) / count;
  const bytes = mean((move) => move.bytes);
  const gas = mean((move) => move.gas);
  const spread = mean((move) => (move.bytes - bytes) ** 2);
  const perByte = mean((move) => (move.bytes - bytes) * (move.gas - gas)) / spread;
  return { perByte, perMove: gas - perByte * bytes };
}
