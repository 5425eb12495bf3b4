import { connectContract } from "../chain/contract.ts";
import type { RpcClient } from "../chain/rpc.ts";
import type { Findings } from "./findings.ts";
import { votesOf } from "./reputationEvents.ts";
import type { AuditState } from "./state.ts";
import { REPUTATION_ABI } from "./systemAbi.ts";

/** Compares every site's reputation and every account's votes on the chain with what was rebuilt. */
export async function readReputation(
  { reputation }: AuditState,
  findings: Findings,
  { rpc, address, block }: { readonly rpc: RpcClient; readonly address: string; readonly block: number },
): Promise<void> {
  const contract = connectContract({ rpc, abi: REPUTATION_ABI, address });
  const sites = [...reputation.sites];
  const found = await rpc.all(sites.map(([site]) => contract.request("reputationOf", [site], block)));
  for (const [index, [site, entry]] of sites.entries()) {
    const held = found[index];
    for (const name of [
      "reliabilityPpm",
      "efficiencyPpm",
      "contributionPpm",
      "tier",
      "day",
      "faults",
      "votes",
      "flexibleWh",
    ] as const) {
      findings.expect("chain", { site }, `reputation ${name}`, entry[name], held?.[name] ?? "none");
    }
  }
  const units = [...reputation.units];
  const held = await rpc.all(units.map(([account]) => contract.request("votingUnits", [account], block)));
  for (const [index, [account, expected]] of units.entries()) {
    findings.expect("chain", { account }, "voting units", expected, held[index] ?? "none");
  }
  const votes = [...votesOf(reputation)];
  const counted = await rpc.all(votes.map(([account]) => contract.request("getVotes", [account], block)));
  for (const [index, [account, expected]] of votes.entries()) {
    findings.expect("chain", { account }, "votes", expected, counted[index] ?? "none");
  }
  const voting = sites.filter(([, entry]) => entry.votes > 0).length;
  findings.expect("chain", {}, "sites with votes", voting, await contract.read("votingSites", [], block));
  const rules = await contract.read("tierRules", [], block);
  for (const [name, expected] of Object.entries(reputation.rules ?? {})) {
    findings.expect("chain", {}, `rules of tiers ${name}`, expected as number, rules[name as keyof typeof rules]);
  }
  findings.add("chain", "reputations", sites.length);
}
