import { blockCall, plainCall } from "../chain/calls.ts";
import type { RpcClient } from "../chain/rpc.ts";
import type { AuditEvent } from "./types.ts";

/** Word of the jobs' storage (`JobStorage`) that names the source of randomness, behind the address of the reputation. */
const SOURCE_WORD = "0x15c98cd9ff4c6e35301adf829db6e881559bd47721b5d339e6ac2c151cd27704";
/** `RandomnessSource.PrevRandao` of the contract. */
const PREV_RANDAO = "01";

interface DrawTransaction {
  readonly blockNumber: number;
  readonly events: readonly AuditEvent[];
}

type DrawReader = (transaction: DrawTransaction) => Promise<ReadonlyMap<number, string> | undefined>;

/**
 * Follows the blocks that draws wait for, and reads their randomness once a transaction draws: the block's hash, or the
 * beacon value of the block that draws, as the jobs' contract has it. Undefined where nothing was drawn or the node cannot say.
 */
export function createDrawReader(rpc: RpcClient, jobs: string | undefined): DrawReader {
  const armed = new Map<bigint, number>();
  let beacon: boolean | undefined;
  return async ({ blockNumber, events }) => {
    const wanted = new Set<number>();
    for (const { source, event } of events) {
      if (source !== "jobs") continue;
      if (event.name === "EvaluatorDrawn") wanted.add(armed.get(event.args.job) ?? 0);
      if (event.name === "DrawArmed") armed.set(event.args.job, Number(event.args.drawBlock));
    }
    if (wanted.size === 0 || jobs === undefined) return undefined;
    beacon ??= await drawsFromBeacon(rpc, jobs);
    const hashes = new Map<number, string>();
    for (const number of wanted) {
      const randomness = beacon ? await beaconOf(rpc, blockNumber) : (await rpc.call(blockCall(number)))?.hash;
      if (randomness !== undefined) hashes.set(number, randomness);
    }
    return hashes;
  };
}

async function drawsFromBeacon(rpc: RpcClient, jobs: string): Promise<boolean> {
  const word = await rpc.call(plainCall("eth_getStorageAt", [jobs, SOURCE_WORD, "latest"]));
  return typeof word === "string" && word.slice(-42, -40) === PREV_RANDAO;
}

async function beaconOf(rpc: RpcClient, number: number): Promise<string | undefined> {
  const block = await rpc.call(plainCall("eth_getBlockByNumber", [`0x${number.toString(16)}`, false]));
  if (typeof block !== "object" || block === null || !("mixHash" in block)) return undefined;
  return typeof block.mixHash === "string" ? block.mixHash : undefined;
}
