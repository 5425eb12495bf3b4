import { blockCall } from "../chain/calls.ts";
import { connectContract } from "../chain/contract.ts";
import { contractAddress } from "../chain/deployment.ts";
import type { ConnectedExchange } from "../chain/exchange.ts";
import { localKey, mineAt, type LocalAccount } from "../chain/localChain.ts";
import type { TransactionRequest } from "../chain/signTransaction.ts";
import { CREDIT_ABI, DESK_ABI, MANAGER_ABI, TEST_TOKEN_ABI } from "../chain/tokenAbi.ts";
import { CLEARING_RULE_CODES, ENERGY_SOURCE_CODES, mayExport, METER_KIND_CODES } from "../market/codes.ts";
import type { ClearingRule } from "../market/clearing.ts";
import { marketDomain, type MarketDomain } from "../market/messages.ts";
import { powerClassFor, slotLimitWh } from "../market/powerClass.ts";
import { signConsent } from "../market/sign.ts";
import { signingKey } from "../market/signer.ts";
import type { ZoneLimits, ZoneTerms } from "../market/tariff.ts";
import { PPM, SLOT_SECONDS, SLOTS_PER_DAY, TICKS_PER_CREDIT, ticksToBaseUnits } from "../units.ts";
import { localSenders, type LocalSenders } from "./localSenders.ts";
import type { Member } from "./members.ts";

/** Slots that the chain must stand before the first traded one: governance waits out its delay, then a gate opens. */
export const PREPARATION_SLOTS = 24;
const GOVERNOR_DELAY_SECONDS = 3600;
const UNLIMITED = 2n ** 256n - 1n;

export interface RegisterCommunityInput {
  readonly exchange: ConnectedExchange;
  readonly members: readonly Member[];
  readonly zones: readonly { readonly name: string; readonly lossPpm: number }[];
  /** First slot that is traded; meters are registered in the slot before. */
  readonly firstSlot: number;
  readonly days: number;
  readonly rule: ClearingRule;
  /** Prices, charges and bounds of every zone; those of the demonstration where absent. */
  readonly market?: CommunityMarket;
}

/** What a community trades at. */
export interface CommunityMarket {
  readonly terms: Omit<ZoneTerms, "fromSlot" | "rule">;
  readonly limits: Omit<ZoneLimits, "lossPpm">;
  /** What a Wh can cost at most, fee and charges included. */
  readonly dearestWh: bigint;
  /** Discounts of the trading fee by tier, as `encodeTierDiscounts` packs them; none if left out. */
  readonly tierDiscounts?: bigint;
  /** Credits that the treasury gives to the seasons' pool. */
  readonly giftCredits?: bigint;
}

export interface RegisteredCommunity {
  readonly domain: MarketDomain;
  readonly senders: LocalSenders;
  /** Number of each site on chain, by its name. */
  readonly sites: ReadonlyMap<string, number>;
}

/** The base that prices move around: by scarcity, up to half of it. */
const BASE_TERMS = {
  importPrice: 300_000,
  exportPrice: 80_000,
  feePpm: 10_000,
  networkLocalPrice: 20_000,
  networkGridPrice: 60_000,
  levyPrice: 10_000,
  slopePpm: 500_000,
};
/** What a Wh can cost at most, charges included: the highest export price and the spread above it are 370,000. */
const DEAREST_WH = 450_000n;
const LIMITS = { floorPrice: 40_000, capPrice: 600_000, exportCapPrice: 150_000, toleranceWh: 20 };
const DEMONSTRATION: CommunityMarket = { terms: BASE_TERMS, limits: LIMITS, dearestWh: DEAREST_WH };

/**
 * Brings a community onto a local chain whose contracts were just deployed: zones, their matcher by governance with its
 * delay, sites and meters with their owners' and devices' consents, prepaid balances and bonds.
 */
export async function registerCommunity(input: RegisterCommunityInput): Promise<RegisteredCommunity> {
  const { exchange, members, firstSlot } = input;
  const domain = marketDomain(exchange.deployment.chainId, exchange.address);
  const senders = localSenders(exchange);
  await prepareMoney(input, senders);
  await createZones(input, senders);
  await govern(input, senders);
  await mineAt(exchange.rpc, (firstSlot - 1) * SLOT_SECONDS + 5);
  const sites = await registerMembers(exchange, members, domain, senders);
  await fundMembers(input, sites, senders);
  return { domain, senders, sites };
}

function addressOf(account: LocalAccount): string {
  return signingKey(localKey(account)).address;
}

/** GRID pledges payment tokens and states a credit line; the treasury buys the credits that the community starts with. */
export async function prepareMoney(
  {
    exchange,
    members,
    days,
    market = DEMONSTRATION,
  }: Pick<RegisterCommunityInput, "exchange" | "members" | "days" | "market">,
  senders: LocalSenders,
): Promise<void> {
  const { deployment, rpc } = exchange;
  const contract = <const A extends Parameters<typeof connectContract>[0]["abi"]>(name: string, abi: A) =>
    connectContract({ rpc, abi, address: contractAddress(deployment, name) });
  const token = contract("TestPaymentToken", TEST_TOKEN_ABI);
  const desk = contract("CreditDesk", DESK_ABI);
  const credit = contract("EnergyCredit", CREDIT_ABI);
  const metered = members.filter(({ kind }) => kind !== "feeder");
  const deposits = metered.reduce((sum, { spec }) => sum + depositTicks(spec.ratedPowerW, days, market), 0n);
  const usual = BigInt(members.length) * 10_000n + 100_000n;
  // Bonds come on top of what is prepaid, and are smaller.
  const needed = (2n * deposits) / TICKS_PER_CREDIT;
  const { giftCredits = 0n } = market;
  const credits = (needed > usual ? needed : usual) + giftCredits;
  const payment = credits * 300_000n;
  const call = (to: { address: string }, data: string): TransactionRequest => ({
    to: to.address,
    data,
    gasLimit: 300_000n,
  });
  await senders
    .of("grid")
    .send([
      call(token, token.encode("mint", [addressOf("grid"), payment])),
      call(token, token.encode("approve", [desk.address, UNLIMITED])),
      call(desk, desk.encode("pledge", [payment])),
      call(desk, desk.encode("setCreditLine", [ticksToBaseUnits(100_000n * 10n ** 9n)])),
    ]);
  await senders
    .of("treasury")
    .send([
      call(token, token.encode("mint", [addressOf("treasury"), payment])),
      call(token, token.encode("approve", [desk.address, UNLIMITED])),
      call(desk, desk.encode("buy", [addressOf("treasury"), credits * 10n ** 18n, payment])),
      call(credit, credit.encode("approve", [exchange.address, UNLIMITED])),
      ...(giftCredits === 0n
        ? []
        : [
            call(credit, credit.encode("transfer", [contractAddress(deployment, "Seasons"), giftCredits * 10n ** 18n])),
          ]),
    ]);
}

async function createZones(
  { exchange, zones, rule, market = DEMONSTRATION }: RegisterCommunityInput,
  senders: LocalSenders,
): Promise<void> {
  const accounts = {
    network: addressOf("network"),
    levy: addressOf("levy"),
    fee: addressOf("fee"),
    season: contractAddress(exchange.deployment, "Seasons"),
  };
  await senders
    .of("registrar")
    .send(
      zones.map(({ lossPpm }, index) =>
        exchangeCall(exchange, "createZone", [
          index + 1,
          { ...market.limits, lossPpm },
          { ...market.terms, fromSlot: 0, rule: CLEARING_RULE_CODES[rule] },
          accounts,
        ]),
      ),
    );
}

/** What governance decides is scheduled first and done when its delay is over. */
async function govern(input: RegisterCommunityInput, senders: LocalSenders): Promise<void> {
  const { exchange, zones, firstSlot, market } = input;
  const { rpc, deployment } = exchange;
  // It takes orders in the slot before, so it must hold its office then.
  const decisions = zones.map((_, index) =>
    exchangeCall(exchange, "setMatcher", [index + 1, addressOf("matcher"), firstSlot - 1]),
  );
  if (market?.tierDiscounts !== undefined) {
    decisions.push(exchangeCall(exchange, "setTierDiscounts", [market.tierDiscounts]));
  }
  const manager = connectContract({ rpc, abi: MANAGER_ABI, address: contractAddress(deployment, "AccessManager") });
  const scheduled = decisions.map(({ data = "0x" }) => ({
    to: manager.address,
    data: manager.encode("schedule", [exchange.address, data, 0]),
    gasLimit: 2_000_000n,
  }));
  const governor = senders.of("governor");
  await governor.send(scheduled);
  const now = (await rpc.call(blockCall("latest")))?.timestamp ?? 0;
  await mineAt(rpc, now + GOVERNOR_DELAY_SECONDS + 1);
  await governor.send(decisions);
  const bond = 500n * 10n ** 9n;
  await senders.of("treasury").send([exchangeCall(exchange, "postMatcherBond", [addressOf("matcher"), bond])]);
}

async function registerMembers(
  exchange: ConnectedExchange,
  members: readonly Member[],
  domain: MarketDomain,
  senders: LocalSenders,
): Promise<Map<string, number>> {
  const owner = signingKey(localKey("owner"));
  const sites = new Map<string, number>();
  const requests: TransactionRequest[] = [];
  for (const { site: name, zone } of members) {
    if (sites.has(name)) continue;
    const site = sites.size + 1;
    sites.set(name, site);
    const consent = signConsent(domain, owner, "SiteConsent", { site, owner: owner.address, zone });
    requests.push(exchangeCall(exchange, "registerSite", [zone, owner.address, consent]));
  }
  for (const { site: siteName, key, kind, source, spec } of members) {
    const storage = kind === "storage" ? spec.storage : undefined;
    const registration = {
      site: sites.get(siteName) ?? 0,
      meter: key.address,
      kind: METER_KIND_CODES[kind],
      source: ENERGY_SOURCE_CODES[source],
      powerClass: powerClassFor(spec.ratedPowerW),
      storageCapacityWh: storage?.capacityWh ?? 0,
      bestEfficiencyPpm: storage === undefined ? 0 : Math.min(PPM, storage.roundTripPpm),
      importWh: 0,
      exportWh: 0,
    };
    const byOwner = signConsent(domain, owner, "MeterConsent", registration);
    const byDevice = signConsent(domain, key, "MeterConsent", registration);
    requests.push(exchangeCall(exchange, "registerMeter", [registration, byOwner, byDevice]));
  }
  await senders.of("registrar").send(requests);
  return sites;
}

/** What a meter of this rating can owe in so many days. */
export function depositTicks(
  ratedPowerW: number,
  days: number,
  { dearestWh }: Pick<CommunityMarket, "dearestWh">,
): bigint {
  const dayWh = BigInt(slotLimitWh(powerClassFor(ratedPowerW)) * SLOTS_PER_DAY);
  return dayWh * dearestWh * BigInt(days);
}

/** Prepay each meter for what it can use at most, and post the bonds of exporting sites. */
async function fundMembers(
  { exchange, members, days, market = DEMONSTRATION }: RegisterCommunityInput,
  sites: ReadonlyMap<string, number>,
  senders: LocalSenders,
): Promise<void> {
  const requests: TransactionRequest[] = [];
  for (const { kind, key, spec } of members) {
    if (kind === "feeder") continue;
    requests.push(exchangeCall(exchange, "deposit", [key.address, depositTicks(spec.ratedPowerW, days, market)]));
  }
  const bonded = new Set(members.filter(({ kind }) => mayExport(kind)).map(({ site }) => sites.get(site) ?? 0));
  const required = await exchange.rpc.all([...bonded].map((site) => exchange.contract.request("requiredBond", [site])));
  [...bonded].forEach((site, place) => {
    requests.push(exchangeCall(exchange, "postBond", [site, required[place] ?? 0n]));
  });
  await senders.of("treasury").send(requests);
}

type Encode = ConnectedExchange["contract"]["encode"];

/** A transaction to the exchange. The limit is generous: what is not used is not paid. */
export function exchangeCall(exchange: ConnectedExchange, ...call: Parameters<Encode>): TransactionRequest {
  return { to: exchange.address, data: exchange.contract.encode(...call), gasLimit: 6_000_000n };
}

export { BASE_TERMS as COMMUNITY_TERMS };
