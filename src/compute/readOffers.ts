import { COMPUTE_MARKET_ABI, PROVIDERS_ABI } from "../chain/computeAbi.ts";
import { blockCall } from "../chain/calls.ts";
import type { ResultOf } from "../chain/abiTypes.ts";
import { connectContract } from "../chain/contract.ts";
import { contractAddress, type Deployment } from "../chain/deployment.ts";
import { EXCHANGE_ABI } from "../chain/exchangeAbi.ts";
import { REPUTATION_ABI } from "../chain/governanceAbi.ts";
import { fetchEvents } from "../chain/logs.ts";
import type { RpcClient } from "../chain/rpc.ts";
import { slotOf } from "../units.ts";
import type { WaitingRequest } from "./compareRequests.ts";
import type { OpenOffer } from "./rankOffers.ts";

export type OfferTerms = ResultOf<typeof COMPUTE_MARKET_ABI, "offerInfo">;
type LeaseInfo = ResultOf<typeof COMPUTE_MARKET_ABI, "leaseInfo">;

/** An open offer as the chain has it. */
export interface ListedOffer extends OpenOffer {
  readonly provider: string;
  readonly site: number;
  readonly terms: OfferTerms;
}

export interface ReadOffersParameters {
  readonly rpc: RpcClient;
  readonly deployment: Deployment;
}

/** Every open offer of an active provider, with what decides its rank. */
export async function readOffers({ rpc, deployment }: ReadOffersParameters): Promise<ListedOffer[]> {
  const at = (name: string): { rpc: RpcClient; address: string } => ({
    rpc,
    address: contractAddress(deployment, name),
  });
  const market = connectContract({ abi: COMPUTE_MARKET_ABI, ...at("ComputeMarket") });
  const providers = connectContract({ abi: PROVIDERS_ABI, ...at("Providers") });
  const reputation = connectContract({ abi: REPUTATION_ABI, ...at("Reputation") });
  const exchange = connectContract({ abi: EXCHANGE_ABI, ...at("EnergyExchange") });
  const latest = await rpc.call(blockCall("latest"));
  const made = await fetchEvents({
    rpc,
    abi: COMPUTE_MARKET_ABI,
    address: market.address,
    names: ["OfferMade"],
    fromBlock: deployment.deployBlock,
    toBlock: latest?.number ?? 0,
  });
  const slot = slotOf(latest?.timestamp ?? 0);

  async function listed(offer: bigint, terms: OfferTerms): Promise<ListedOffer | undefined> {
    const { provider, price, accelerators, leasedAccelerators, stakeTicks } = terms;
    const { site, active } = await providers.read("providerInfo", [provider]);
    if (!active) return undefined;
    const [tier, freeStake, isLocker, waiting] = await Promise.all([
      reputation.read("tierOf", [site]),
      providers.read("freeStake", [provider]),
      providers.read("isLocker", [provider, market.address]),
      waitingFor(offer),
    ]);
    const backed = isLocker && freeStake >= stakeTicks;
    const number = Number(offer);
    return { offer: number, provider, site, terms, accelerators, leasedAccelerators, price, tier, backed, waiting };
  }

  async function waitingFor(offer: bigint): Promise<WaitingRequest[]> {
    const numbers = await market.read("waitingFor", [offer]);
    const leases = await rpc.all(numbers.map((lease) => market.request("leaseInfo", [lease])));
    const requests = numbers.flatMap((number, place) => {
      const lease = leases[place];
      // A request made now can start in the next slot, which this one does not see any more.
      return lease === undefined || lease.untilSlot <= slot ? [] : [{ number: Number(number), lease }];
    });
    return Promise.all(
      requests.map(async ({ number, lease }) => ({
        lease: number,
        accelerators: lease.accelerators,
        price: lease.price,
        rank: await rankOf(lease),
      })),
    );
  }

  /** Rank goes with the site: who sold it keeps none. */
  async function rankOf({ site, requester }: LeaseInfo): Promise<bigint> {
    if (site === 0 || (await exchange.read("siteInfo", [site])).owner !== requester) return 0n;
    return reputation.read("queueRank", [site]);
  }

  const numbers = made.map(({ args }) => args.offer);
  const all = await rpc.all(numbers.map((offer) => market.request("offerInfo", [offer])));
  const open = await Promise.all(
    numbers.map(async (offer, place) => {
      const terms = all[place];
      return terms?.open === true ? listed(offer, terms) : undefined;
    }),
  );
  return open.filter((offer) => offer !== undefined);
}
