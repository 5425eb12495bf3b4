import { keccak256 } from "ethers";
import { toBytes, writeUint } from "../../market/bytes.ts";
import { readingTree, verifyReadingProof } from "../../market/readings.ts";
import { contentAddress } from "../store/contentAddress.ts";
import { federatedError } from "./federatedError.ts";

export interface ValidationSlice {
  /** From 1, as the contract counts. */
  readonly round: number;
  readonly bytes: Uint8Array;
  /** SHA-256 of the bytes. */
  readonly hash: string;
  /** Bottom up, as OpenZeppelin's `MerkleProof` verifies it. */
  readonly proof: readonly string[];
}

export interface Validation {
  /** What the requester posts with the job. */
  readonly root: string;
  readonly slices: readonly ValidationSlice[];
}

/** Leaf of a round's slice: keccak256(keccak256(abi.encode(uint256 round, bytes32 sliceHash))). */
export function validationLeaf(round: number, sliceHash: string): string {
  const bytes = new Uint8Array(64);
  writeUint(bytes, 24, 8, round);
  bytes.set(toBytes("slice hash", sliceHash, 32), 32);
  return keccak256(keccak256(bytes));
}

/**
 * Splits a text into one slice a round, equal up to a byte, and builds the Merkle tree over them, so that the text is fixed
 * before anybody trains and shown a slice at a time after the updates.
 *
 * @throws VALIDATION_INVALID for less than two bytes a round, in which nothing can be predicted.
 */
export function buildValidation(text: Uint8Array, rounds: number): Validation {
  if (!Number.isInteger(rounds) || rounds < 1 || text.length < 2 * rounds) {
    throw federatedError("VALIDATION_INVALID", "The text cannot be split into slices", { bytes: text.length, rounds });
  }
  const slices = Array.from({ length: rounds }, (_, i) => {
    const bytes = text.slice(Math.floor((i * text.length) / rounds), Math.floor(((i + 1) * text.length) / rounds));
    return { round: i + 1, bytes, hash: contentAddress(bytes) };
  });
  const tree = readingTree(slices.map(({ round, hash }) => validationLeaf(round, hash)));
  return { root: tree.root, slices: slices.map((slice, i) => ({ ...slice, proof: tree.proof(i) })) };
}

/** Whether bytes are the slice that a root fixed for a round. */
export function verifySlice(root: string, { round, bytes, proof }: Omit<ValidationSlice, "hash">): boolean {
  return verifyReadingProof(root, validationLeaf(round, contentAddress(bytes)), proof);
}
