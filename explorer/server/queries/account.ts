import { ROLES } from "../../../src/chain/roles.ts";
import type { AccountAnswer } from "../../api/account.ts";
import { checksummed } from "../addresses.ts";
import type { ServerContext } from "../context.ts";
import type { Query } from "./query.ts";
import { contractOf } from "./support/contracts.ts";
import { eventPage, sourceOf } from "./support/answers.ts";
import { eventsOf } from "./support/events.ts";

const TRANSFERS = 50;
const EVENTS = 25;
/** Sites, places and registrations of one account that are shown. */
const MOST = 200;

/** An account: what it holds, owns, and takes part in. */
export const account: Query<"account"> = async (context, { address: given }) => {
  const { store } = context;
  const address = checksummed(given);
  const key = { kind: "party", value: address } as const;
  const credit = contractOf(context, "EnergyCredit");
  const reputation = contractOf(context, "Reputation");
  const [creditBaseUnits, votes, roles, sites, providers, jobs, certificates, transfers, events] = await Promise.all([
    credit.read("balanceOf", [address]),
    reputation.read("getVotes", [address]),
    rolesOf(context, address),
    sitesOf(context, address),
    providersOf(context, address),
    jobsOf(context, address),
    certificatesOf(context, address),
    eventsOf(store, "EnergyCredit", ["Transfer"], { key }, { limit: TRANSFERS }),
    eventPage(store, { key }, EVENTS),
  ]);
  return {
    address,
    name: context.nameOf(address) ?? null,
    roles,
    creditBaseUnits: String(creditBaseUnits),
    votes: String(votes),
    sites,
    providers,
    jobs,
    certificates,
    transfers: transfers.map((event) => {
      const { from, to, value } = event.args;
      return { from, to, baseUnits: value, source: sourceOf(event) };
    }),
    events,
  };
};

/** Roles by the access manager's own words: granted and not taken back. */
async function rolesOf({ store }: ServerContext, address: string): Promise<string[]> {
  const key = { kind: "party", value: address } as const;
  const told = await eventsOf(
    store,
    "AccessManager",
    ["RoleGranted", "RoleRevoked"],
    { key },
    {
      limit: MOST,
      order: "oldest",
    },
  );
  const held = new Set<string>();
  for (const event of told) {
    if (event.args.account !== address) continue;
    if (event.name === "RoleGranted") held.add(event.args.roleId);
    else held.delete(event.args.roleId);
  }
  const names = new Map(Object.entries(ROLES).map(([name, id]) => [String(id), name]));
  return [...held].map((id) => names.get(id) ?? `role ${id}`);
}

/** Sites that the account owns now. */
async function sitesOf(context: ServerContext, address: string): Promise<AccountAnswer["sites"]> {
  const key = { kind: "party", value: address } as const;
  const told = await eventsOf(
    context.store,
    "EnergyExchange",
    ["SiteRegistered", "SiteTransferred"],
    { key },
    { limit: MOST },
  );
  const numbers = [...new Set(told.map(({ args }) => args.site))].sort((a, b) => a - b);
  const exchange = contractOf(context, "EnergyExchange");
  const infos = await context.rpc.all(numbers.map((site) => exchange.request("siteInfo", [site])));
  return infos.flatMap(({ owner, zone, meters, bondTicks, debtTicks }, place) => {
    const site = numbers[place];
    if (owner !== address || site === undefined) return [];
    return [{ site, zone, meters: [...meters], bondTicks: String(bondTicks), debtTicks: String(debtTicks) }];
  });
}

/** Providers that the account is, or that it registered as the owner of their site. */
async function providersOf(context: ServerContext, address: string): Promise<AccountAnswer["providers"]> {
  if (context.deployment.contracts.Providers === undefined) return [];
  const key = { kind: "party", value: address } as const;
  const told = await eventsOf(context.store, "Providers", ["ProviderRegistered"], { key }, { limit: MOST });
  const names = [...new Set(told.map(({ args }) => args.provider))];
  const contract = contractOf(context, "Providers");
  const infos = await context.rpc.all(names.map((provider) => contract.request("providerInfo", [provider])));
  return infos.flatMap(({ active, site, meter, accelerators, stakeTicks, lockedTicks }, place) => {
    const provider = names[place];
    if (!active || provider === undefined) return [];
    const amounts = { stakeTicks: String(stakeTicks), lockedTicks: String(lockedTicks) };
    return [{ provider, site, meter, accelerators, ...amounts }];
  });
}

async function jobsOf({ store }: ServerContext, address: string): Promise<AccountAnswer["jobs"]> {
  const key = { kind: "party", value: address } as const;
  const told = await eventsOf(store, "TrainingJobs", ["JobPosted", "PlaceTaken"], { key }, { limit: MOST });
  return told.map((event) => ({
    job: Number(event.args.job),
    part: event.name === "JobPosted" ? "requester" : event.args.evaluator ? "evaluator" : "worker",
    source: sourceOf(event),
  }));
}

/** Certificates that the account holds, of the ids that moved last. */
async function certificatesOf(context: ServerContext, address: string): Promise<AccountAnswer["certificates"]> {
  if (context.deployment.contracts.EnergyCertificates === undefined) return [];
  const key = { kind: "party", value: address } as const;
  const moved = await eventsOf(context.store, "EnergyCertificates", ["Transfer"], { key }, { limit: MOST });
  const ids = [...new Set(moved.map(({ args }) => args.id))];
  const certificates = contractOf(context, "EnergyCertificates");
  const balances = await context.rpc.all(ids.map((id) => certificates.request("balanceOf", [address, BigInt(id)])));
  return ids.flatMap((tokenId, place) => {
    const amount = balances[place] ?? 0n;
    return amount === 0n ? [] : [{ tokenId, amountWh: String(amount) }];
  });
}
