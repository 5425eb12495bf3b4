import { connectContract } from "../../chain/contract.ts";
import { REPRODUCIBLE_JOBS_ABI } from "../../chain/reproducibleAbi.ts";
import type { RpcClient } from "../../chain/rpc.ts";
import type { Findings } from "../findings.ts";
import type { Place, Value } from "../types.ts";
import type { ReproducibleBook } from "./reproducibleState.ts";

export interface ReadReproducibleParameters {
  readonly rpc: RpcClient;
  readonly block: number;
  /** Of the jobs; undefined where the deployment has none. */
  readonly reproducible?: string | undefined;
  /** Of what has to get the rest of lost bonds. */
  readonly seasons: string;
}

/** Compares jobs, claims, disputes and what is held for accounts on the chain with what was played again. */
export async function readReproducible(
  book: ReproducibleBook,
  findings: Findings,
  { rpc, block, reproducible: address, seasons }: ReadReproducibleParameters,
): Promise<void> {
  if (address === undefined) return;
  const contract = connectContract({ rpc, abi: REPRODUCIBLE_JOBS_ABI, address });
  const compare = (place: Place, what: string, expected: object, found: object): void => {
    const said = found as Readonly<Record<string, unknown>>;
    for (const [field, value] of Object.entries(expected) as [string, unknown][]) {
      const other = said[field];
      // The program is a struct of its own.
      if (typeof value === "object" && value !== null) compare(place, what, value, other as object);
      else findings.expect("chain", place, `${what}'s ${field}`, value as Value, other as Value);
    }
  };
  findings.expect(
    "chain",
    {},
    "season pool of reproducible jobs",
    seasons,
    await contract.read("seasonPool", [], block),
  );
  for (const [account, ticks] of book.held) {
    findings.expect("chain", { account }, "held for", ticks, await contract.read("heldFor", [account], block));
  }
  for (const [id, { job, terms, claims }] of book.jobs) {
    const number = BigInt(id);
    const place = { reproducibleJob: id };
    compare(place, "reproducible job", job, await contract.read("jobInfo", [number], block));
    compare(place, "reproducible terms", terms, await contract.read("termsOf", [number], block));
    for (const [round, claim] of claims.entries()) {
      compare({ ...place, round }, "claim", claim, await contract.read("claimInfo", [number, round], block));
    }
  }
  for (const [dispute, entry] of book.disputes) {
    const place = { reproducibleJob: Number(entry.job), round: entry.round, dispute };
    compare(place, "dispute", entry, await contract.read("disputeInfo", [BigInt(dispute)], block));
  }
  if (book.jobs.size > 0) findings.add("chain", "reproducibleJobs", book.jobs.size);
}
