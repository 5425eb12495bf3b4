import type { ConnectedExchange } from "../chain/exchange.ts";
import type { TransactionRequest } from "../chain/signTransaction.ts";
import { mayExport } from "../market/codes.ts";
import type { LocalSenders } from "./localSenders.ts";
import type { Member } from "./members.ts";
import { depositTicks, exchangeCall, prepareMoney, type CommunityMarket } from "./registerCommunity.ts";

export interface TopUpCommunityInput {
  readonly exchange: ConnectedExchange;
  readonly members: readonly Member[];
  /** Number of each site on chain, by its name. */
  readonly sites: ReadonlyMap<string, number>;
  /** How many days the meters are prepaid for. */
  readonly days: number;
  readonly market: CommunityMarket;
  readonly senders: LocalSenders;
}

/** Prepays a registered community for more days: each meter what its balance lacks, each exporting site what its bond lacks. */
export async function topUpCommunity(input: TopUpCommunityInput): Promise<void> {
  const { exchange, members, sites, days, market, senders } = input;
  await prepareMoney(input, senders);
  const metered = members.filter(({ kind }) => kind !== "feeder");
  const states = await exchange.meters(metered.map(({ key }) => key.address));
  const requests: TransactionRequest[] = [];
  metered.forEach(({ key, spec }, place) => {
    const lacking = depositTicks(spec.ratedPowerW, days, market) - (states[place]?.word.balanceTicks ?? 0n);
    if (lacking > 0n) requests.push(exchangeCall(exchange, "deposit", [key.address, lacking]));
  });
  const exporting = new Set(metered.filter(({ kind }) => mayExport(kind)).map(({ site }) => sites.get(site) ?? 0));
  for (const site of exporting) {
    const { bondTicks, unbondingTicks, requiredBondTicks } = await exchange.site(site);
    const lacking = requiredBondTicks - (bondTicks - unbondingTicks);
    if (lacking > 0n) requests.push(exchangeCall(exchange, "postBond", [site, lacking]));
  }
  await senders.of("treasury").send(requests);
}
