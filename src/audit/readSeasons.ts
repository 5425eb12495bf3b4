import { connectContract } from "../chain/contract.ts";
import type { RpcClient } from "../chain/rpc.ts";
import { badgeNumber } from "./badgeEvents.ts";
import type { Findings } from "./findings.ts";
import type { SeasonsState } from "./seasonState.ts";
import { BADGES_ABI, SEASONS_ABI } from "./systemAbi.ts";

const STAGES = ["none", "enrolled", "concluded", "collected"] as const;

/** Compares every site and meter of every season, and every badge, on the chain with what was rebuilt. */
export async function readSeasons(
  { clock, seasons, badges: given, rebateLanes, events, quests }: SeasonsState,
  findings: Findings,
  {
    rpc,
    seasons: address,
    badges,
    block,
  }: { readonly rpc: RpcClient; readonly seasons: string; readonly badges: string; readonly block: number },
): Promise<void> {
  const contract = connectContract({ rpc, abi: SEASONS_ABI, address });
  findings.expect("chain", {}, "rebates by tier", rebateLanes, await contract.read("rebatePrices", [], block));
  for (const field of ["startSlot", "seasonSlots", "claimSlots"] as const) {
    findings.expect("chain", {}, `seasons' ${field}`, clock?.[field] ?? "none", await contract.read(field, [], block));
  }
  for (const [index, expected] of events.entries()) {
    const found = await contract.read("demandEvent", [BigInt(index + 1)], block);
    for (const field of ["season", "zone", "firstSlot", "slots", "pointsPpm"] as const) {
      findings.expect("chain", { zone: expected.zone }, `event's ${field}`, expected[field], found[field]);
    }
  }
  for (const [season, entry] of seasons) {
    const sites = [...entry.sites];
    const tallies = await rpc.all(sites.map(([site]) => contract.request("siteTally", [season, site], block)));
    for (const [index, [site, expected]] of sites.entries()) {
      const found = tallies[index];
      if (found === undefined) continue;
      findings.expect("chain", { site }, "season's stage", expected.stage, STAGES[found.stage] ?? "unknown");
      for (const field of [
        "pointsPpm",
        "points",
        "importWh",
        "shedWh",
        "pointPrice",
        "rebatePrice",
        "meters",
        "tier",
        "streak",
      ] as const) {
        findings.expect("chain", { site }, `season's ${field}`, expected[field], found[field]);
      }
    }
    const meters = [...entry.meters];
    const parts = await rpc.all(meters.map(([meter]) => contract.request("meterTally", [season, meter], block)));
    for (const [index, [meter, expected]] of meters.entries()) {
      const found = parts[index];
      if (found === undefined) continue;
      const place = { meter };
      findings.expect("chain", place, "site in the season", expected.site, found.site);
      findings.expect("chain", place, "proved through", expected.provedThrough, found.provedThrough);
      findings.expect("chain", place, "import proved", expected.proved.importWh, found.provedImportWh);
      findings.expect("chain", place, "export proved", expected.proved.exportWh, found.provedExportWh);
    }
    const totals = await contract.read("seasonTotals", [season], block);
    findings.expect("chain", {}, "sites of the season", entry.concluded.length, totals.sites);
    findings.expect("chain", {}, "pool of the season", entry.division?.pool ?? 0n, totals.pool);
    findings.expect("chain", {}, "rebates of the season", entry.division?.rebates ?? 0n, totals.rebates);
  }
  const held = [...given];
  const token = connectContract({ rpc, abi: BADGES_ABI, address: badges });
  for (const [index, expected] of quests.entries()) {
    const quest = await token.read("questInfo", [index + 1], block);
    for (const field of ["goal", "threshold", "fromSeason", "throughSeason"] as const) {
      findings.expect("chain", {}, `quest's ${field}`, expected[field], quest[field]);
    }
  }
  const owners = await rpc.all(
    held.map(([key]) => {
      const [quest = 0, season = 0, site = 0] = key.split("/").map(Number);
      return token.request("ownerOf", [badgeNumber({ quest, season, site })], block);
    }),
  );
  for (const [index, [, owner]] of held.entries()) {
    findings.expect("chain", { account: owner }, "holder of a badge", owner, owners[index] ?? "none");
  }
  findings.add("chain", "seasons", seasons.size);
}
