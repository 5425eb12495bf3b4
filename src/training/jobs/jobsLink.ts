import { zeroPadValue, toBeHex } from "ethers";
import type { EventNameOf, EventOf } from "../../chain/abiTypes.ts";
import { blockNumberCall } from "../../chain/calls.ts";
import { connectContract, type ConnectedContract } from "../../chain/contract.ts";
import { contractAddress } from "../../chain/deployment.ts";
import type { ConnectedExchange } from "../../chain/exchange.ts";
import { PROVIDERS_ABI } from "../../chain/computeAbi.ts";
import { JOBS_ABI } from "../../chain/jobsAbi.ts";
import { fetchEvents } from "../../chain/logs.ts";
import { CREDIT_ABI } from "../../chain/tokenAbi.ts";
import { readSettledReadings } from "../../game/settledReadings.ts";
import { createExchangeLink, sendOrRefuse, type TransactionSender } from "../../market/service/exchangeLink.ts";
import { connectReproducible } from "../reproducible/jobs/reproducibleLink.ts";
import { BASE_UNITS_PER_TICK } from "../../units.ts";
import type { JobCall, JobsChain } from "./jobsChain.ts";

export type JobsContract = ConnectedContract<typeof JOBS_ABI>;
type JobEventName = EventNameOf<typeof JOBS_ABI>;

/** The federated jobs of a deployment, for reading. */
export interface JobsLink {
  readonly contract: JobsContract;
  /** Events of one job, in the chain's order; all of them have its number first. */
  readonly events: <Name extends JobEventName>(
    names: readonly Name[],
    job: number,
    round?: number,
  ) => Promise<EventOf<typeof JOBS_ABI, Name>[]>;
}

/** Connects to the jobs of the exchange's deployment. */
export function connectJobs({ rpc, deployment }: ConnectedExchange): JobsLink {
  const contract = connectContract({ rpc, abi: JOBS_ABI, address: contractAddress(deployment, "TrainingJobs") });
  return {
    contract,
    async events(names, job, round) {
      const indexed = [topicOf(job), ...(round === undefined ? [] : [topicOf(round)])];
      const range = { fromBlock: deployment.deployBlock, toBlock: await rpc.call(blockNumberCall()) };
      return fetchEvents({ rpc, abi: JOBS_ABI, address: contract.address, names, indexed, ...range });
    },
  };
}

/** The chain for a party of jobs: reads of the deployment, and verbs of the sender's account. */
export function createJobsChain(exchange: ConnectedExchange, sender: TransactionSender): JobsChain {
  const { rpc, deployment } = exchange;
  const { contract, events } = connectJobs(exchange);
  const link = createExchangeLink(exchange, sender);
  const providers = connectContract({
    rpc,
    abi: PROVIDERS_ABI,
    address: contractAddress(deployment, "Providers"),
  });
  const credit = connectContract({ rpc, abi: CREDIT_ABI, address: contractAddress(deployment, "EnergyCredit") });
  return {
    account: sender.address,
    chainId: deployment.chainId,
    contract: contract.address,
    head: () => link.head(),
    hasWaiting: () => link.hasWaiting(),
    jobCount: async () => Number(await contract.read("jobCount", [])),
    job: (job) => contract.read("jobInfo", [job]),
    terms: (job) => contract.read("termsOf", [job]),
    workers: (job) => contract.read("workersOf", [job]),
    evaluators: (job) => contract.read("evaluatorsOf", [job]),
    round: (job, round) => contract.read("roundInfo", [job, round]),
    measuredCase: (job) => contract.read("measuredCase", [job]),
    async measuredState(measured) {
      const { state } = await connectReproducible(exchange).contract.read("jobInfo", [measured]);
      return state;
    },
    async rivalTable(job, round) {
      const challenges = await events(["MeasuredChallenge"], job, round);
      const last = challenges.at(-1);
      if (last === undefined) throw new RangeError("a challenge under way has an event");
      return last.args.table;
    },
    async shownNodes(job, round) {
      let nodes: string[] = [];
      for (const event of await events(["MeasuredAnswer", "StringShown"], job, round)) {
        nodes = event.name === "StringShown" ? [...nodes, ...event.args.nodes] : [];
      }
      return nodes;
    },
    async hasLostChallenge(job, round) {
      let challenger: string | undefined;
      for (const event of await events(["MeasuredChallenge", "MeasuredVerdict"], job, round)) {
        if (event.name === "MeasuredChallenge") challenger = event.args.challenger;
        else if (challenger === sender.address && event.args.winner !== sender.address) return true;
      }
      return false;
    },
    async revealedSizes(job, round) {
      const revealed = await events(["UpdateRevealed"], job, round);
      return new Map(revealed.map(({ args }) => [args.worker, Number(args.sizeBytes)]));
    },
    heldFor: (account) => contract.read("heldFor", [account]),
    freeStake: (provider) => providers.read("freeStake", [provider]),
    async tariff(zone, slot) {
      const { importPrice, scarcityPpm } = await exchange.contract.read("tariffAt", [zone, slot]);
      return { importPrice, scarcityPpm };
    },
    async postedBy(requester) {
      const posted = await fetchEvents({
        rpc,
        abi: JOBS_ABI,
        address: contract.address,
        names: ["JobPosted"],
        indexed: [null, zeroPadValue(requester, 32)],
        fromBlock: deployment.deployBlock,
        toBlock: await rpc.call(blockNumberCall()),
      });
      return posted.map(({ args: { job, specHash, terms } }) => ({
        job: Number(job),
        specHash,
        validationRoot: terms.validationRoot,
      }));
    },
    async settledReadings() {
      const toBlock = await rpc.call(blockNumberCall());
      return readSettledReadings({ rpc, exchange: exchange.address, fromBlock: deployment.deployBlock, toBlock });
    },
    async unusedEvidence(meter, slot, importWh) {
      const { usedWh, void: corrected } = await exchange.evidence(meter, slot);
      return corrected ? 0 : importWh - usedWh;
    },
    async approve(amountTicks) {
      const data = credit.encode("approve", [contract.address, amountTicks * BASE_UNITS_PER_TICK]);
      await sendOrRefuse(sender, { to: credit.address, data });
    },
    async send(call) {
      // Who takes a place or challenges lets the contract lock its stake; it says so to the registry once.
      if (LOCKING.has(call.verb) && !(await providers.read("isLocker", [sender.address, contract.address]))) {
        await sendOrRefuse(sender, {
          to: providers.address,
          data: providers.encode("allowLocker", [contract.address, true]),
        });
      }
      await sendOrRefuse(sender, { to: contract.address, data: encodeCall(contract, call) });
    },
  };
}

/** Verbs that lock stake of their caller. */
const LOCKING: ReadonlySet<JobCall["verb"]> = new Set(["join", "joinEvaluators", "challenge", "challengeMeasured"]);

function encodeCall(contract: JobsContract, { verb, args }: JobCall): string {
  return contract.encode(verb, args);
}

function topicOf(value: number): string {
  return zeroPadValue(toBeHex(value), 32);
}
