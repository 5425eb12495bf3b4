import { AbiCoder, concat, keccak256 } from "ethers";
import { slotOf as slotAt } from "../units.ts";
import { UPDATE, type JobEntry, type JobRound, type JobSeat } from "./computeState.ts";
import { currentRound, expectIn, jobCallsOf, jobOf, openCommitment, placeOf, seatOf } from "./jobLookup.ts";
import type { Run } from "./run.ts";
import { priceNow } from "./tariffEvents.ts";
import type { JobsEventOf } from "./types.ts";

/** A round opens only in a slot whose published price and scarcity meet the terms. */
export function roundOpened(run: Run, { args }: JobsEventOf<"RoundOpened">): void {
  const { slot, importPrice, scarcityPpm, modelRoot, workers } = args;
  const { findings, state, tx } = run;
  const job = jobOf(run, args.job);
  const number = Number(args.round);
  const { terms } = job;
  const place = { job: job.id, round: number, slot, zone: terms.zone };
  expectIn(run, job, place, "waiting");
  findings.expect("jobs", place, "number of the round", job.round + 1, number);
  findings.expect("jobs", place, "rounds that were ordered", true, number <= terms.rounds);
  findings.expect("jobs", place, "slot of the opening", slotAt(tx.transaction.timestamp), slot);
  findings.expect("jobs", place, "workers", job.workers.map(({ provider }) => provider).join(), workers.join());
  findings.expect("jobs", place, "enough workers", true, workers.length >= terms.minWorkers);
  findings.expect("jobs", place, "enough evaluators", true, job.evaluators.length >= 2 * terms.evaluators + 2);
  const price = priceNow(state, terms.zone, slot);
  findings.expect("jobs", place, "import price of the slot", price?.importPrice ?? "none", importPrice);
  findings.expect("jobs", place, "scarcity of the slot", price?.scarcityPpm ?? "none", scarcityPpm);
  const met = importPrice <= terms.maxImportPrice && scarcityPpm <= terms.maxScarcityPpm;
  findings.expect("jobs", place, "energy policy met", true, met);
  findings.expect("jobs", place, "model that training starts from", job.modelRoot, modelRoot);
  job.round = number;
  job.rounds[number - 1] = newRound(job, slot);
  findings.add("jobs", "rounds", 1);
}

function newRound({ workers }: JobEntry, openSlot: number): JobRound {
  const seats = workers.map(({ provider, site, meter }): JobSeat => ({
    provider,
    site,
    meter,
    commitment: undefined,
    status: UPDATE.none,
    commitOrder: 0,
    sizeBytes: 0,
    updateRoot: undefined,
    provedWh: 0,
  }));
  return {
    openSlot,
    trainedSlot: 0,
    outcome: 0,
    validation: undefined,
    standing: undefined,
    first: undefined,
    challenger: undefined,
    rival: undefined,
    measured: undefined,
    verdict: { cuts: [], rewards: [] },
    commits: 0,
    seats,
    scoreSeats: [],
    results: new Map(),
  };
}

export function updateCommitted(run: Run, { args }: JobsEventOf<"UpdateCommitted">): void {
  const { worker, commitment } = args;
  const job = jobOf(run, args.job);
  const place = placeOf(job, { account: worker });
  expectIn(run, job, place, "commit");
  run.findings.expect("jobs", place, "round of the commitment", job.round, Number(args.round));
  const round = currentRound(job);
  const seat = seatOf(round, place, worker);
  run.findings.expect("jobs", place, "committed once", "none", seat.commitment ?? "none");
  round.commits += 1;
  seat.commitment = commitment;
  seat.status = UPDATE.committed;
  seat.commitOrder = round.commits;
}

/** Told just before the reveal that shows it. */
export function updateDemoted(run: Run, { args }: JobsEventOf<"UpdateDemoted">): void {
  const job = jobOf(run, args.job);
  const place = placeOf(job, { account: args.worker });
  run.findings.expect("jobs", place, "round of the copy", job.round, Number(args.round));
  run.findings.expect("jobs", place, "what the update is now", UPDATE.copy, args.status);
  job.since.demoted.push(args.worker);
}

export function updateRevealed(run: Run, { args }: JobsEventOf<"UpdateRevealed">): void {
  const { worker, updateRoot, sizeBytes, status } = args;
  const { findings } = run;
  const job = jobOf(run, args.job);
  const place = placeOf(job, { account: worker });
  expectIn(run, job, place, "reveal");
  findings.expect("jobs", place, "round of the reveal", job.round, Number(args.round));
  const round = currentRound(job);
  const seat = seatOf(round, place, worker);
  findings.expect("jobs", place, "revealed once, after a commitment", UPDATE.committed, seat.status);
  const fits = sizeBytes > 0n && sizeBytes <= BigInt(job.terms.maxUpdateBytes);
  findings.expect("jobs", place, "size within the terms", true, fits);
  openCommitment(run, job, place, {
    account: worker,
    verb: "revealUpdate",
    content: updateRoot,
    committed: seat.commitment,
    fits: ({ args: given }) =>
      Number(given.job) === job.id && given.updateRoot === updateRoot && given.sizeBytes === sizeBytes,
  });
  const demoted = job.since.demoted.splice(0);
  const { is, demotes } = originality(job, round, seat, updateRoot);
  findings.expect("jobs", place, "originality of the update", is, status);
  findings.expect("jobs", place, "copy that it shows", demotes?.provider ?? "", demoted.join());
  seat.updateRoot = updateRoot;
  seat.sizeBytes = Number(sizeBytes);
  seat.status = status;
  if (demotes !== undefined) demotes.status = UPDATE.copy;
  if (is !== UPDATE.valid) return;
  job.roots.set(updateRoot, { model: false, round: job.round, seat: round.seats.indexOf(seat) });
}

/** Who committed first keeps a root of this round; roots of earlier rounds, updates and models, are nobody's. */
function originality(
  job: JobEntry,
  round: JobRound,
  seat: JobSeat,
  root: string,
): { readonly is: number; readonly demotes: JobSeat | undefined } {
  const use = job.roots.get(root);
  if (use === undefined) return { is: UPDATE.valid, demotes: undefined };
  if (use.model || use.round !== job.round) return { is: UPDATE.stale, demotes: undefined };
  const other = round.seats[use.seat];
  if (other !== undefined && other.commitOrder < seat.commitOrder) return { is: UPDATE.copy, demotes: undefined };
  return { is: UPDATE.valid, demotes: other };
}

export function validationRevealed(run: Run, { args }: JobsEventOf<"ValidationRevealed">): void {
  const { sliceHash } = args;
  const { findings } = run;
  const job = jobOf(run, args.job);
  const place = placeOf(job);
  expectIn(run, job, place, "validation");
  findings.expect("jobs", place, "round of the slice", job.round, Number(args.round));
  currentRound(job).validation = sliceHash;
  const call = jobCallsOf(run, "revealValidation").find(({ args: given }) => given.sliceHash === sliceHash);
  if (run.tx.transaction.jobCalls === undefined) return;
  findings.expect("jobs", place, "requester named the slice", job.requester, call?.caller ?? "nobody");
  const proof = Array.isArray(call?.args.proof) ? call.args.proof.map(String) : [];
  const root = proof.reduce(pair, validationLeaf(job.round, sliceHash));
  findings.expect("jobs", place, "root of the slices", job.terms.validationRoot, root);
}

function validationLeaf(round: number, sliceHash: string): string {
  return keccak256(keccak256(AbiCoder.defaultAbiCoder().encode(["uint256", "bytes32"], [round, sliceHash])));
}

function pair(left: string, right: string): string {
  return keccak256(BigInt(left) < BigInt(right) ? concat([left, right]) : concat([right, left]));
}
