import { connectJobs } from "../training/jobs/jobsLink.ts";
import type { CertificatesLink } from "./certificatesLink.ts";
import type { Unmatched } from "./planMatches.ts";

/** What a job's workers proved and no certificate matches yet, by slot. */
export async function unmatchedEnergy(link: CertificatesLink, job: number): Promise<Unmatched[]> {
  const { contract, events } = connectJobs(link.exchange);
  const { zone } = await contract.read("termsOf", [job]);
  const left = new Map<number, number>();
  for (const { args } of await events(["EnergyProved"], job)) {
    left.set(args.slot, (left.get(args.slot) ?? 0) + args.energyWh);
  }
  for (const { args } of await link.matchesOf(job)) {
    left.set(args.slot, (left.get(args.slot) ?? 0) - args.amountWh);
  }
  return [...left].sort(([a], [b]) => a - b).map(([slot, energyWh]) => ({ zone, slot, energyWh }));
}
