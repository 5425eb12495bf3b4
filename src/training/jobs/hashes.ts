import { AbiCoder, keccak256 } from "ethers";

const coder = AbiCoder.defaultAbiCoder();

/** Where a commitment holds: a round of a job of one contract on one chain. */
export interface RoundPlace {
  readonly job: bigint;
  readonly round: bigint;
  readonly chainId: bigint;
  /** Address of `TrainingJobs`. */
  readonly contract: string;
}

/** What an account commits to: an update root, or a result's hash, hidden by a salt. */
export function roundCommitment(place: RoundPlace, account: string, content: string, salt: string): string {
  return keccak256(
    coder.encode(
      ["bytes32", "bytes32", "address", "uint256", "uint256", "uint256", "address"],
      [content, salt, account, place.job, place.round, place.chainId, place.contract],
    ),
  );
}

/** Hash of what an evaluator found: scores in the order of seats, micro-nats, and the model after the round. */
export function resultHash(
  { job, round }: Pick<RoundPlace, "job" | "round">,
  scores: readonly bigint[],
  aggregateRoot: string,
): string {
  return keccak256(coder.encode(["uint256", "uint256", "int64[]", "bytes32"], [job, round, scores, aggregateRoot]));
}

/** Leaf of a round's validation slice. */
export function validationLeaf(round: bigint, sliceHash: string): string {
  return keccak256(keccak256(coder.encode(["uint256", "bytes32"], [round, sliceHash])));
}

/** Merkle tree of the rounds' slices, sorted pairs; an odd node goes up as it is. */
export function validationTree(slices: readonly string[]): { root: string; proof: (round: number) => string[] } {
  const levels: string[][] = [slices.map((slice, index) => validationLeaf(BigInt(index + 1), slice))];
  for (let level = levels[0] ?? []; level.length > 1;) {
    const next: string[] = [];
    for (let i = 0; i < level.length; i += 2) next.push(parent(level[i] ?? "", level[i + 1]));
    levels.push(next);
    level = next;
  }
  return {
    root: levels.at(-1)?.[0] ?? "",
    proof: (round) => {
      let index = round - 1;
      const path: string[] = [];
      for (const level of levels) {
        const sibling = level[index ^ 1];
        if (sibling !== undefined) path.push(sibling);
        index >>= 1;
      }
      return path;
    },
  };
}

function parent(left: string, right: string | undefined): string {
  if (right === undefined) return left;
  const [low, high] = left < right ? [left, right] : [right, left];
  return keccak256(low + high.slice(2));
}
