import { toBeHex, zeroPadValue } from "ethers";
import type { EventNameOf, EventOf } from "../../../chain/abiTypes.ts";
import { blockNumberCall } from "../../../chain/calls.ts";
import { connectContract, type ConnectedContract } from "../../../chain/contract.ts";
import { contractAddress } from "../../../chain/deployment.ts";
import type { ConnectedExchange } from "../../../chain/exchange.ts";
import { fetchEvents } from "../../../chain/logs.ts";
import { REPRODUCIBLE_JOBS_ABI } from "../../../chain/reproducibleAbi.ts";
import { CREDIT_ABI } from "../../../chain/tokenAbi.ts";
import { createExchangeLink, sendOrRefuse, type TransactionSender } from "../../../market/service/exchangeLink.ts";
import { ticksToBaseUnits } from "../../../units.ts";
import type { ReproducibleCall, ReproducibleChain } from "./reproducibleChain.ts";

type EventName = EventNameOf<typeof REPRODUCIBLE_JOBS_ABI>;

/** The reproducible jobs of a deployment, for reading. */
export interface ReproducibleLink {
  readonly contract: ConnectedContract<typeof REPRODUCIBLE_JOBS_ABI>;
  /** Events in the chain's order whose indexed arguments are these, 32 bytes each; null lets any pass. */
  readonly events: <Name extends EventName>(
    names: readonly Name[],
    indexed: readonly (string | null)[],
  ) => Promise<EventOf<typeof REPRODUCIBLE_JOBS_ABI, Name>[]>;
}

/** Connects to the reproducible jobs of the exchange's deployment. */
export function connectReproducible({ rpc, deployment }: ConnectedExchange): ReproducibleLink {
  const address = contractAddress(deployment, "ReproducibleJobs");
  return {
    contract: connectContract({ rpc, abi: REPRODUCIBLE_JOBS_ABI, address }),
    async events(names, indexed) {
      const range = { fromBlock: deployment.deployBlock, toBlock: await rpc.call(blockNumberCall()) };
      return fetchEvents({ rpc, abi: REPRODUCIBLE_JOBS_ABI, address, names, indexed, ...range });
    },
  };
}

/** The chain for a party of reproducible jobs: reads of the deployment, and verbs of the sender's account. */
export function createReproducibleChain(exchange: ConnectedExchange, sender: TransactionSender): ReproducibleChain {
  const { rpc, deployment } = exchange;
  const { contract, events } = connectReproducible(exchange);
  const link = createExchangeLink(exchange, sender);
  const credit = connectContract({ rpc, abi: CREDIT_ABI, address: contractAddress(deployment, "EnergyCredit") });
  return {
    account: sender.address,
    chainId: deployment.chainId,
    contract: contract.address,
    hasWaiting: () => link.hasWaiting(),
    async jobs(requester) {
      const by = requester === undefined ? null : zeroPadValue(requester, 32);
      const posted = await events(["ReproducibleJobPosted"], [null, by]);
      return posted.map(({ args }) => Number(args.job));
    },
    job: (job) => contract.read("jobInfo", [job]),
    terms: (job) => contract.read("termsOf", [job]),
    claim: (job, round) => contract.read("claimInfo", [job, round]),
    async challenges(job) {
      const found = await events(["RoundChallenged"], [null, topicOf(job)]);
      return found.map(({ args: { dispute, round, challenger } }) => ({ dispute, round, challenger }));
    },
    dispute: (dispute) => contract.read("disputeInfo", [dispute]),
    async children(dispute) {
      const revealed = await events(["ChildrenRevealed"], [topicOf(dispute)]);
      return (revealed.at(-1)?.args.children ?? []).map((child) => Buffer.from(child.slice(2), "hex"));
    },
    heldFor: (account) => contract.read("heldFor", [account]),
    async approve(amountTicks) {
      const data = credit.encode("approve", [contract.address, ticksToBaseUnits(amountTicks)]);
      await sendOrRefuse(sender, { to: credit.address, data });
    },
    async send(call) {
      await sendOrRefuse(sender, { to: contract.address, data: encodeCall(contract, call) });
    },
  };
}

function encodeCall(
  contract: ConnectedContract<typeof REPRODUCIBLE_JOBS_ABI>,
  { verb, args }: ReproducibleCall,
): string {
  return contract.encode(verb, args);
}

/** A number as an indexed argument. */
export function topicOf(value: number | bigint): string {
  return zeroPadValue(toBeHex(value), 32);
}
