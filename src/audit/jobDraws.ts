import { AbiCoder, keccak256 } from "ethers";
import { DRAW, type JobEntry, type JobRound } from "./computeState.ts";
import { eligible, panelOf, placeOf } from "./jobLookup.ts";
import type { Run } from "./run.ts";

/** Blocks for which a draw can be made. */
const REACH = 256;

/** Whether a draw's block is there and within reach, in a block. */
export function drawable({ drawBlock }: JobEntry, blockNumber: number): boolean {
  return blockNumber > drawBlock && blockNumber <= drawBlock + REACH;
}

/** Evaluators that a draw should have found: their number, and who, where the block's randomness is known. */
export function checkDrawn(run: Run, job: JobEntry, round: JobRound): void {
  const { findings, tx } = run;
  const place = placeOf(job);
  const drawn = round.scoreSeats.filter(({ kind }) => kind === job.draw);
  const before = { ...round, scoreSeats: round.scoreSeats.filter(({ kind }) => kind !== job.draw) };
  const from = eligible(job, before).map(({ provider }) => provider);
  const count = wanted(job, before, from.length);
  findings.expect("jobs", place, "evaluators drawn", count, drawn.length);
  findings.add("jobs", "draws", 1);
  const randomness = tx.transaction.drawHashes?.get(job.drawBlock);
  if (randomness === undefined || job.entropy === undefined) return;
  const types = ["uint256", "bytes32", "uint256", "uint256", "uint256"];
  const seed = encodeHash(types, [randomness, job.entropy, job.id, job.round, job.draw]);
  for (let index = 0; index < count; ++index) {
    const hash = BigInt(encodeHash(["bytes32", "uint256"], [seed, index]));
    const pick = index + Number(hash % BigInt(from.length - index));
    [from[index], from[pick]] = [from[pick] ?? "", from[index] ?? ""];
  }
  const found = drawn.map(({ evaluator }) => evaluator).join();
  findings.expect("jobs", place, "who was drawn", from.slice(0, count).join(), found);
  findings.add("jobs", "drawsRecomputed", 1);
}

function wanted(job: JobEntry, { scoreSeats }: JobRound, count: number): number {
  if (job.draw === DRAW.panel) return panelOf(job, count);
  const awake = job.draw === DRAW.redraw ? scoreSeats.filter(({ silent }) => !silent).length : 0;
  return Math.min(job.terms.evaluators - awake, count);
}

function encodeHash(types: readonly string[], values: readonly unknown[]): string {
  return keccak256(AbiCoder.defaultAbiCoder().encode(types, values));
}
