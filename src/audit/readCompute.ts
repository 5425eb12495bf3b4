import { connectContract } from "../chain/contract.ts";
import type { RpcClient } from "../chain/rpc.ts";
import { owedByJobs } from "./computeCustody.ts";
import { JOB_STATES, type JobEntry, type JobPlace } from "./computeState.ts";
import type { Findings } from "./findings.ts";
import { readLeases } from "./readLeases.ts";
import type { AuditState } from "./state.ts";
import { JOBS_ABI, PROVIDERS_ABI, QUEUE_ABI } from "./systemAbi.ts";

/** Where compute and training are, as far as a deployment has them. */
export interface ComputeContracts {
  readonly providers?: string;
  readonly market?: string;
  readonly queue?: string;
  readonly jobs?: string;
}

interface ReadComputeParameters extends ComputeContracts {
  readonly rpc: RpcClient;
  readonly block: number;
}

/** Compares providers, waiting energy, jobs and what is held for accounts on the chain with what was rebuilt. */
export async function readCompute(
  state: AuditState,
  findings: Findings,
  { rpc, block, providers, market, queue, jobs }: ReadComputeParameters,
): Promise<void> {
  if (providers !== undefined) await readProviders(state, findings, { rpc, block, providers });
  if (market !== undefined) await readLeases(state.compute.market, findings, { rpc, block, market });
  if (queue !== undefined) await readQueue(state, findings, { rpc, block, queue });
  if (jobs !== undefined) await readJobs(state, findings, { rpc, block, jobs });
}

/** `MeterStatus.Active` of the exchange. */
const ACTIVE = 1;

async function readProviders(
  state: AuditState,
  findings: Findings,
  { rpc, block, providers }: { readonly rpc: RpcClient; readonly block: number; readonly providers: string },
): Promise<void> {
  const contract = connectContract({ rpc, abi: PROVIDERS_ABI, address: providers });
  const entries = [...state.compute.providers];
  const infos = await rpc.all(entries.map(([provider]) => contract.request("providerInfo", [provider], block)));
  for (const [index, [account, expected]] of entries.entries()) {
    const found = infos[index];
    if (found === undefined) continue;
    const fields = [
      "site",
      "meter",
      "accelerators",
      "stakeTicks",
      "lockedTicks",
      "unbondingTicks",
      "unbondingTime",
    ] as const;
    for (const field of fields) {
      findings.expect("chain", { account }, `provider's ${field}`, expected[field], found[field]);
    }
    const { owner: holder } = state.sites.get(expected.site) ?? { owner: "" };
    const standing = state.meters.get(expected.meter)?.status === ACTIVE && holder === expected.owner;
    findings.expect("chain", { account }, "provider takes new work", expected.open && standing, found.active);
    for (const [locker, ticks] of expected.lockedBy) {
      const locked = await contract.read("lockedBy", [account, locker], block);
      findings.expect("chain", { account }, `stake locked by ${locker}`, ticks, locked);
    }
  }
  findings.add("chain", "providers", entries.length);
}

async function readQueue(
  { compute: { queue: rebuilt } }: AuditState,
  findings: Findings,
  { rpc, block, queue }: { readonly rpc: RpcClient; readonly block: number; readonly queue: string },
): Promise<void> {
  const contract = connectContract({ rpc, abi: QUEUE_ABI, address: queue });
  for (const [key, counted] of rebuilt.counted) {
    const [zone = "", account = ""] = key.split("/");
    const found = await contract.read("requesterWh", [Number(zone), account], block);
    findings.expect("chain", { zone: Number(zone), account }, "energy that counts", counted, Number(found));
  }
}

async function readJobs(
  { compute: { training } }: AuditState,
  findings: Findings,
  { rpc, block, jobs }: { readonly rpc: RpcClient; readonly block: number; readonly jobs: string },
): Promise<void> {
  const contract = connectContract({ rpc, abi: JOBS_ABI, address: jobs });
  findings.expect("chain", {}, "jobs", training.jobs.size, Number(await contract.read("jobCount", [], block)));
  findings.expect("chain", {}, "held by jobs", owedByJobs(training), await contract.read("totalHeld", [], block));
  for (const [account, ticks] of training.held) {
    findings.expect("chain", { account }, "held for", ticks, await contract.read("heldFor", [account], block));
  }
  for (const [id, job] of training.jobs) {
    const number = BigInt(id);
    const place = { job: id };
    const info = await contract.read("jobInfo", [number], block);
    findings.expect("chain", place, "job's state", job.state, JOB_STATES[info.state] ?? "unknown");
    for (const field of ["requester", "draw", "round", "deadline", "heldTicks", "modelRoot"] as const) {
      findings.expect("chain", place, `job's ${field}`, job[field], info[field]);
    }
    findings.expect("chain", place, "job's drawBlock", job.drawBlock, Number(info.drawBlock));
    const terms = await contract.read("termsOf", [number], block);
    for (const field of Object.keys(job.terms) as (keyof JobEntry["terms"])[]) {
      findings.expect("chain", place, `terms' ${field}`, job.terms[field], terms[field]);
    }
    const receipt = await contract.read("receipt", [number], block);
    for (const field of Object.keys(job.receipt) as (keyof JobEntry["receipt"])[]) {
      findings.expect("chain", place, `receipt's ${field}`, job.receipt[field], receipt[field]);
    }
    comparePlaces(findings, place, "workers", job.workers, await contract.read("workersOf", [number], block));
    comparePlaces(findings, place, "evaluators", job.evaluators, await contract.read("evaluatorsOf", [number], block));
    for (const [index, round] of job.rounds.entries()) {
      const found = await contract.read("roundInfo", [number, BigInt(index + 1)], block);
      const where = { ...place, round: index + 1 };
      for (const field of ["openSlot", "trainedSlot", "outcome"] as const) {
        findings.expect("chain", where, `round's ${field}`, round[field], found[field]);
      }
      findings.expect("chain", where, "round's validation", round.validation ?? NONE, found.validation);
      findings.expect("chain", where, "round's standing", round.standing ?? NONE, found.standing);
      const seats = round.seats.map(({ provider, status, provedWh, updateRoot }) =>
        [provider, status, provedWh, updateRoot ?? NONE].join("/"),
      );
      const seated = found.seats.map(({ provider, status, provedWh, updateRoot }) =>
        [provider, status, provedWh, updateRoot].join("/"),
      );
      findings.expect("chain", where, "round's seats", seats.join(), seated.join());
      const scored = round.scoreSeats.map(({ evaluator, kind, silent, result }) =>
        [evaluator, kind, silent, result ?? NONE].join("/"),
      );
      const given = found.scoreSeats.map(({ evaluator, kind, silent, result }) =>
        [evaluator, kind, silent, result].join("/"),
      );
      findings.expect("chain", where, "round's evaluators", scored.join(), given.join());
    }
  }
  findings.add("chain", "jobs", training.jobs.size);
}

const NONE = `0x${"00".repeat(32)}`;

function comparePlaces(
  findings: Findings,
  place: { readonly job: number },
  what: string,
  expected: readonly JobPlace[],
  found: readonly JobPlace[],
): void {
  const describe = ({ provider, site, rank, meter, bondTicks, sequence }: JobPlace): string =>
    [provider, site, rank, meter, bondTicks, sequence].join("/");
  findings.expect("chain", place, `places of ${what}`, expected.map(describe).join(), found.map(describe).join());
}
