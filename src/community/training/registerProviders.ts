import { keccak256, toUtf8Bytes } from "ethers";
import { connectContract } from "../../chain/contract.ts";
import { contractAddress } from "../../chain/deployment.ts";
import type { ConnectedExchange } from "../../chain/exchange.ts";
import { PROVIDERS_ABI } from "../../chain/computeAbi.ts";
import { JOBS_ABI } from "../../chain/jobsAbi.ts";
import { localKey } from "../../chain/localChain.ts";
import { createSender, type Sender } from "../../chain/sender.ts";
import type { TransactionRequest } from "../../chain/signTransaction.ts";
import { CREDIT_ABI } from "../../chain/tokenAbi.ts";
import { signingKey } from "../../market/signer.ts";
import { ticksToBaseUnits } from "../../units.ts";
import { clockedSender, type LocalClock } from "../localClock.ts";
import type { LocalSenders } from "../localSenders.ts";
import type { Member } from "../members.ts";
import type { ChosenProviders, WorkerPart } from "./chooseProviders.ts";
import { PROVIDER_STAKE_TICKS, REQUESTER_TICKS } from "./demonstrationJob.ts";

export interface RegisteredProvider {
  readonly member: Member;
  /** What a worker trains on; undefined for an evaluator. */
  readonly part: WorkerPart | undefined;
  readonly address: string;
  readonly sender: Sender;
}

export interface RegisterProvidersInput {
  readonly exchange: ConnectedExchange;
  readonly senders: LocalSenders;
  readonly clock: LocalClock;
  readonly providers: ChosenProviders;
  readonly seed: number;
}

const WEI_OF_A_PROVIDER = 10n ** 18n;
/** An assumption of the demonstration: what a grid emits whose last plant burns gas, g of CO2 a kWh. */
const CARBON_MG_PER_WH = 400;

/**
 * Gives every provider an account of its own with stake, registers it for its meter, gives the requester its credits, and
 * states what a Wh from the grid emits.
 */
export async function registerProviders(input: RegisterProvidersInput): Promise<RegisteredProvider[]> {
  const { exchange, senders, clock, providers, seed } = input;
  const { rpc, deployment } = exchange;
  const { chainId } = deployment;
  const registered = [
    ...providers.workers.map(({ member, part }) => ({ member, part })),
    ...providers.evaluators.map((member) => ({ member, part: undefined })),
  ].map(({ member, part }): RegisteredProvider => {
    // Device keys follow from the seed likewise: fine for a simulation and for nothing else.
    const privateKey = keccak256(toUtf8Bytes(`joulework simulated provider ${String(seed)} ${member.name}`));
    const sender = createSender({ rpc, privateKey, chainId });
    return { member, part, sender, address: signingKey(privateKey).address };
  });

  const contract = <const A extends Parameters<typeof connectContract>[0]["abi"]>(name: string, abi: A) =>
    connectContract({ rpc, abi, address: contractAddress(deployment, name) });
  const registry = contract("Providers", PROVIDERS_ABI);
  const credit = contract("EnergyCredit", CREDIT_ABI);
  const jobs = contract("TrainingJobs", JOBS_ABI);
  const send = (sender: Sender, requests: readonly TransactionRequest[]) =>
    clockedSender(rpc, sender, clock).send(requests);
  const owner = signingKey(localKey("owner")).address;
  const treasury = senders.of("treasury");
  const staked = PROVIDER_STAKE_TICKS * BigInt(registered.length);

  await send(
    treasury,
    registered.map(({ address }) => ({ to: address, valueWei: WEI_OF_A_PROVIDER })),
  );
  for (const { sender } of registered) {
    await send(sender, [{ to: registry.address, data: registry.encode("setSponsor", [owner]) }]);
  }
  await send(
    senders.of("owner"),
    registered.map(({ address, member }) => ({
      to: registry.address,
      data: registry.encode("registerProvider", [address, member.key.address, 1]),
    })),
  );
  await send(treasury, [
    { to: credit.address, data: credit.encode("approve", [registry.address, ticksToBaseUnits(staked)]) },
    ...registered.map(({ address }) => ({
      to: registry.address,
      data: registry.encode("postStake", [address, PROVIDER_STAKE_TICKS]),
    })),
    {
      to: credit.address,
      data: credit.encode("transfer", [signingKey(localKey("requester")).address, ticksToBaseUnits(REQUESTER_TICKS)]),
    },
  ]);
  await send(senders.of("grid"), [
    { to: jobs.address, data: jobs.encode("setCarbonIntensity", [providers.zone, CARBON_MG_PER_WH]) },
  ]);
  return registered;
}
