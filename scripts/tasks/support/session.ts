import { getAddress } from "ethers";
import type { HttpNetworkConfig } from "hardhat/types/config";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { chainIdCall } from "../../../src/chain/calls.ts";
import type { Receipt } from "../../../src/chain/calls.ts";
import { connectContract, type ConnectedContract } from "../../../src/chain/contract.ts";
import { contractAddress, readDeployment } from "../../../src/chain/deployment.ts";
import { connectExchange, type ConnectedExchange, type ExchangeEvent } from "../../../src/chain/exchange.ts";
import { GOVERNOR_ABI, HAND_OVER_ABI, REPUTATION_ABI, TIMELOCK_ABI } from "../../../src/chain/governanceAbi.ts";
import { EXCHANGE_ABI } from "../../../src/chain/exchangeAbi.ts";
import type { LocalAccount } from "../../../src/chain/localChain.ts";
import { createLogDecoder } from "../../../src/chain/logDecoder.ts";
import { CERTIFICATES_ABI, CERTIFICATE_MARKET_ABI } from "../../../src/chain/certificatesAbi.ts";
import { COMPUTE_MARKET_ABI, PROVIDERS_ABI } from "../../../src/chain/computeAbi.ts";
import { INSPECTIONS_ABI } from "../../../src/chain/inspectionsAbi.ts";
import { BADGES_ABI, SEASONS_ABI } from "../../../src/chain/seasonsAbi.ts";
import { createRpcClient } from "../../../src/chain/rpc.ts";
import { createSender, type Sender } from "../../../src/chain/sender.ts";
import { CREDIT_ABI, DESK_ABI, MANAGER_ABI, TEST_TOKEN_ABI } from "../../../src/chain/tokenAbi.ts";
import { JouleworkError } from "../../../src/errors.ts";
import { marketDomain, type MarketDomain } from "../../../src/market/messages.ts";
import { signingKey, type SigningKey } from "../../../src/market/signer.ts";
import { accountKey, type KeySource } from "./keys.ts";

const ABIS = {
  EnergyExchange: EXCHANGE_ABI,
  EnergyCredit: CREDIT_ABI,
  CreditDesk: DESK_ABI,
  AccessManager: MANAGER_ABI,
  TestPaymentToken: TEST_TOKEN_ABI,
  Reputation: REPUTATION_ABI,
  GridGovernor: GOVERNOR_ABI,
  TimelockController: TIMELOCK_ABI,
  HandOver: HAND_OVER_ABI,
  Seasons: SEASONS_ABI,
  Badges: BADGES_ABI,
  Inspections: INSPECTIONS_ABI,
  Providers: PROVIDERS_ABI,
  ComputeMarket: COMPUTE_MARKET_ABI,
  EnergyCertificates: CERTIFICATES_ABI,
  CertificateMarket: CERTIFICATE_MARKET_ABI,
} as const;

export interface OpenNetwork {
  readonly url: string;
  readonly keys: KeySource;
}

/** What a task does its work with. */
export interface Session {
  readonly exchange: ConnectedExchange;
  readonly domain: MarketDomain;
  readonly chainId: number;
  readonly contract: <Name extends keyof typeof ABIS>(name: Name) => ConnectedContract<(typeof ABIS)[Name]>;
  /** The key that signs for an account. */
  readonly key: (account: LocalAccount) => Promise<SigningKey>;
  /** Sends for an account. */
  readonly sender: (account: LocalAccount) => Promise<Sender>;
  /** Sends one call and waits for it; `to` is the exchange where absent. */
  readonly send: (account: LocalAccount, data: string, to?: string) => Promise<Receipt>;
  /** The exchange's events of a receipt. */
  readonly eventsOf: (receipt: Receipt) => ExchangeEvent[];
}

/** The network that the command line names; its nodes and keys are those of the configuration. */
export async function openNetwork(hre: HardhatRuntimeEnvironment): Promise<OpenNetwork> {
  const { networkName: network, networkConfig } = await hre.network.create();
  if (networkConfig.type !== "http") {
    throw new JouleworkError({
      code: "NETWORK_NOT_HTTP",
      what: "Nothing is deployed on an in-process network",
      values: { network },
      hint: "Name the network of a running node: --network localhost.",
    });
  }
  const { url, accounts }: HttpNetworkConfig = networkConfig;
  const rpcUrl = await url.getUrl();
  const chainId = await createRpcClient({ url: rpcUrl }).call(chainIdCall());
  return { url: rpcUrl, keys: { network, accounts, chainId } };
}

/** Connects a task to the deployment that is recorded under `deployment`, or under the network's name. */
export async function openSession(hre: HardhatRuntimeEnvironment, deployment: string): Promise<Session> {
  const { url, keys } = await openNetwork(hre);
  const record = await readDeployment(
    deployment === "" ? keys.network : deployment,
    `${hre.config.paths.ignition}/deployments`,
  );
  const exchange = await connectExchange({ rpcUrl: url, deployment: record });
  const { chainId } = record;
  const decode = createLogDecoder(EXCHANGE_ABI);
  const senderOf = async (account: LocalAccount): Promise<Sender> =>
    createSender({ rpc: exchange.rpc, privateKey: await accountKey(account, keys), chainId });
  return {
    exchange,
    chainId,
    domain: marketDomain(chainId, exchange.address),
    contract: (name) => connectContract({ rpc: exchange.rpc, abi: ABIS[name], address: contractAddress(record, name) }),
    key: async (account) => signingKey(await accountKey(account, keys)),
    sender: senderOf,
    async send(account, data, to = exchange.address) {
      const sender = await senderOf(account);
      const [receipt] = await sender.send([{ to, data }]);
      if (receipt === undefined) throw new RangeError("a sent transaction has no receipt");
      return receipt;
    },
    eventsOf: ({ logs }) =>
      logs.filter(({ address }) => getAddress(address) === exchange.address).flatMap((log) => decode(log) ?? []),
  };
}
