import { decodeMeterWord } from "../market/meterWord.ts";
import type { MeterWord } from "../market/meterWord.ts";
import type { EventNameOf, EventOf, ResultOf } from "./abiTypes.ts";
import { blockNumberCall } from "./calls.ts";
import type { BlockTag } from "./calls.ts";
import { connectContract } from "./contract.ts";
import type { ConnectedContract } from "./contract.ts";
import { checkDeployment, contractAddress } from "./deployment.ts";
import type { Deployment } from "./deployment.ts";
import { watchEvents } from "./events.ts";
import type { EventUpdate, WatchEventsParameters } from "./events.ts";
import { EXCHANGE_ABI, SYSTEM_ERRORS } from "./exchangeAbi.ts";
import { fetchEvents } from "./logs.ts";
import { createRpcClient } from "./rpc.ts";
import type { RpcClient, RpcParameters } from "./rpc.ts";
import { RpcError } from "./rpcErrors.ts";

type ExchangeAbi = typeof EXCHANGE_ABI;
export type ExchangeEventName = EventNameOf<ExchangeAbi>;
/** An event of the exchange; `name` says which arguments it has. */
export type ExchangeEvent<Name extends ExchangeEventName = ExchangeEventName> = EventOf<ExchangeAbi, Name>;
export type MeterConfig = ResultOf<ExchangeAbi, "meterConfig">;
export type SiteInfo = ResultOf<ExchangeAbi, "siteInfo">;
export type ZoneInfo = ResultOf<ExchangeAbi, "zoneInfo">;
export type SlotRecord = ResultOf<ExchangeAbi, "slotRecord">;
export type ZoneTerms = ResultOf<ExchangeAbi, "termsAt">;
/** The terms of a slot with the slot's own prices in place of the base ones, and its published scarcity. */
export type SlotTariff = ZoneTerms & ResultOf<ExchangeAbi, "tariffAt">;
export type PendingWithdrawal = ResultOf<ExchangeAbi, "withdrawal">;
export type PlacedOrder = ResultOf<ExchangeAbi, "placedOrders">[number];

/** A meter as the exchange holds it. */
export interface MeterState {
  readonly address: string;
  /** The packed word and what is in it. */
  readonly packedWord: bigint;
  readonly word: MeterWord;
  readonly config: MeterConfig;
}

export interface EventRange<Name extends ExchangeEventName = ExchangeEventName> {
  /** The deployment's first block where absent. */
  readonly fromBlock?: number;
  /** The newest block where absent. */
  readonly toBlock?: number;
  readonly names?: readonly Name[];
  readonly chunkBlocks?: number;
}

export type WatchOptions<Name extends ExchangeEventName = ExchangeEventName> = Omit<
  WatchEventsParameters<ExchangeAbi, Name>,
  "rpc" | "abi" | "address" | "fromBlock"
>;

export interface ConnectedExchange {
  readonly address: string;
  readonly deployment: Deployment;
  readonly rpc: RpcClient;
  /** Every function of the exchange by name: reads, and calldata for the sender. */
  readonly contract: ConnectedContract<ExchangeAbi>;
  meter(address: string, block?: BlockTag): Promise<MeterState>;
  /** Many meters in one batch, in the order of their addresses. */
  meters(addresses: readonly string[], block?: BlockTag): Promise<MeterState[]>;
  site(site: number, block?: BlockTag): Promise<SiteInfo>;
  zone(zone: number, block?: BlockTag): Promise<ZoneInfo>;
  /** The record of a slot, or undefined where the slot was never touched or its place in the ring was taken over. */
  slot(zone: number, slot: number, block?: BlockTag): Promise<SlotRecord | undefined>;
  /** Terms that hold for a slot, however far ahead: its charges, and the base of its prices. */
  terms(zone: number, slot: number, block?: BlockTag): Promise<ZoneTerms>;
  /**
   * Prices, charges and scarcity of a slot whose gate is open, of the last day or to come. The exchange refuses others
   * with `SlotOutOfRange`: before the gate opens nobody knows the price.
   */
  tariff(zone: number, slot: number, block?: BlockTag): Promise<SlotTariff>;
  /** Orders placed and cancelled on chain for a slot; none where the slot was never touched. */
  placedOrders(zone: number, slot: number, block?: BlockTag): Promise<readonly PlacedOrder[]>;
  withdrawal(id: bigint, block?: BlockTag): Promise<PendingWithdrawal>;
  earnedTicks(account: string, block?: BlockTag): Promise<bigint>;
  matcherBond(matcher: string, block?: BlockTag): Promise<{ readonly ticks: bigint; readonly unlockSlot: number }>;
  evidence(meter: string, slot: number, block?: BlockTag): Promise<ResultOf<ExchangeAbi, "evidence">>;
  /** Events of a range of blocks in the chain's order. */
  events<Name extends ExchangeEventName = ExchangeEventName>(range?: EventRange<Name>): Promise<ExchangeEvent<Name>[]>;
  /** Follows the events from the deployment on, or from where an earlier watch stood. */
  watch<Name extends ExchangeEventName = ExchangeEventName>(
    options?: WatchOptions<Name>,
  ): AsyncGenerator<EventUpdate<ExchangeAbi, Name>>;
}

export interface ConnectExchangeParameters extends Omit<RpcParameters, "url" | "errors"> {
  readonly rpcUrl: string;
  readonly deployment: Deployment;
}

/** Opens a deployed exchange, after it has checked that the node is on its chain and that its contracts are there. */
export async function connectExchange({
  rpcUrl,
  deployment,
  ...options
}: ConnectExchangeParameters): Promise<ConnectedExchange> {
  const rpc = createRpcClient({ ...options, url: rpcUrl, errors: SYSTEM_ERRORS });
  const address = contractAddress(deployment, "EnergyExchange");
  await checkDeployment(rpc, deployment);
  const contract = connectContract({ rpc, abi: EXCHANGE_ABI, address });

  async function meters(addresses: readonly string[], block: BlockTag = "latest"): Promise<MeterState[]> {
    const words = addresses.map((meter) => contract.request("meterWord", [meter], block));
    const configs = addresses.map((meter) => contract.request("meterConfig", [meter], block));
    const [packedWords, configurations] = await Promise.all([rpc.all(words), rpc.all(configs)]);
    return addresses.map((meter, place) => {
      const packedWord = packedWords[place];
      const config = configurations[place];
      if (packedWord === undefined || config === undefined) throw new RangeError("an answer of the batch is missing");
      return { address: meter, packedWord, word: decodeMeterWord(packedWord), config };
    });
  }

  return {
    address,
    deployment,
    rpc,
    contract,
    meters,
    async meter(meter, block) {
      const [state] = await meters([meter], block);
      if (state === undefined) throw new RangeError("an answer of the batch is missing");
      return state;
    },
    site: (site, block) => contract.read("siteInfo", [site], block),
    zone: (zone, block) => contract.read("zoneInfo", [zone], block),
    slot: (zone, slot, block) => unlessAbsent(contract.read("slotRecord", [zone, slot], block), undefined),
    terms: (zone, slot, block) => contract.read("termsAt", [zone, slot], block),
    async tariff(zone, slot, block) {
      const [terms, prices] = await Promise.all([
        contract.read("termsAt", [zone, slot], block),
        contract.read("tariffAt", [zone, slot], block),
      ]);
      return { ...terms, ...prices };
    },
    placedOrders: (zone, slot, block) => unlessAbsent(contract.read("placedOrders", [zone, slot], block), []),
    withdrawal: (id, block) => contract.read("withdrawal", [id], block),
    earnedTicks: (account, block) => contract.read("earned", [account], block),
    async matcherBond(matcher, block) {
      const { ticks, unlockSlot } = await contract.read("matcherBond", [matcher], block);
      return { ticks, unlockSlot: Number(unlockSlot) };
    },
    evidence: (meter, slot, block) => contract.read("evidence", [meter, slot], block),
    async events({ fromBlock = deployment.deployBlock, toBlock, ...range } = {}) {
      const last = toBlock ?? (await rpc.call(blockNumberCall()));
      return fetchEvents({ rpc, abi: EXCHANGE_ABI, address, fromBlock, toBlock: last, ...range });
    },
    watch: (watchOptions = {}) =>
      watchEvents({ ...watchOptions, rpc, abi: EXCHANGE_ABI, address, fromBlock: deployment.deployBlock }),
  };
}

async function unlessAbsent<T, U>(read: Promise<T>, absent: U): Promise<T | U> {
  try {
    return await read;
  } catch (error) {
    if (error instanceof RpcError && error.revert?.name === "NoSlotRecord") return absent;
    throw error;
  }
}
