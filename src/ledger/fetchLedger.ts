import { blockCall } from "../chain/calls.ts";
import { connectContract } from "../chain/contract.ts";
import { checkDeployment, contractAddress, type Deployment } from "../chain/deployment.ts";
import type { ExchangeEvent } from "../chain/exchange.ts";
import { EXCHANGE_ABI } from "../chain/exchangeAbi.ts";
import { JOBS_ABI } from "../chain/jobsAbi.ts";
import { fetchEvents } from "../chain/logs.ts";
import type { RpcClient } from "../chain/rpc.ts";
import { SEASONS_ABI } from "../chain/seasonsAbi.ts";
import { decodeMeterWord } from "../market/meterWord.ts";
import { slotOf } from "../units.ts";
import { readLedger } from "./readLedger.ts";
import type { LedgerInput, ShedLoad, TrainingUse } from "./types.ts";

export interface FetchLedgerParameters {
  readonly rpc: RpcClient;
  readonly deployment: Deployment;
  /** The last block to look at; the newest where absent. */
  readonly toBlock?: number;
}

/** Everything that the energy ledger of a deployment is made from, read from its chain. */
export async function fetchLedger({ rpc, deployment, toBlock }: FetchLedgerParameters): Promise<LedgerInput> {
  await checkDeployment(rpc, deployment);
  const last = toBlock ?? (await rpc.call(blockCall("latest")))?.number ?? 0;
  const range = { rpc, fromBlock: deployment.deployBlock, toBlock: last };
  const address = contractAddress(deployment, "EnergyExchange");
  const events = await fetchEvents({ ...range, abi: EXCHANGE_ABI, address });
  const { meters } = readLedger(events, new Map());
  const exchange = connectContract({ rpc, abi: EXCHANGE_ABI, address });
  const packed = await rpc.all(meters.map(({ meter }) => exchange.request("meterWord", [meter], last)));
  const words = new Map(meters.map(({ meter }, place) => [meter, decodeMeterWord(packed[place] ?? 0n)]));
  return {
    ...readLedger(events, words),
    training: await fetchTraining(events, { ...range, address: deployment.contracts.TrainingJobs }),
    shed: await fetchShed(events, { ...range, address: deployment.contracts.Seasons }),
  };
}

interface Range {
  readonly rpc: RpcClient;
  readonly fromBlock: number;
  readonly toBlock: number;
  /** Absent where the deployment lacks the contract. */
  readonly address: string | undefined;
}

/** Energy that was drawn as evidence for jobs; the job's own event follows the exchange's in the same transaction. */
async function fetchTraining(
  exchangeEvents: readonly ExchangeEvent[],
  { address, ...range }: Range,
): Promise<TrainingUse[]> {
  if (address === undefined) return [];
  const events = await fetchEvents({ ...range, address, abi: JOBS_ABI, names: ["JobPosted", "EnergyProved"] });
  const posted = new Map<bigint, number>();
  const blocks = events.filter(({ name }) => name === "JobPosted").map(({ blockNumber }) => blockNumber);
  const times = await range.rpc.all(blocks.map((block) => blockCall(block)));
  const timeOf = new Map(blocks.map((block, place) => [block, times[place]?.timestamp ?? 0]));
  const zones = zonesOf(exchangeEvents);
  const drawn = exchangeEvents.filter((event) => event.name === "EvidenceDrawn");
  const training: TrainingUse[] = [];
  for (const event of events) {
    if (event.name === "JobPosted") {
      posted.set(event.args.job, slotOf(timeOf.get(event.blockNumber) ?? 0));
      continue;
    }
    const draw = drawn.find(
      ({ transactionHash, logIndex }) => transactionHash === event.transactionHash && logIndex === event.logIndex - 1,
    );
    const zone = draw === undefined ? undefined : zones.get(draw.args.meter);
    const postedSlot = posted.get(event.args.job);
    if (zone === undefined || postedSlot === undefined) continue;
    const { job, slot, energyWh } = event.args;
    training.push({ job: job.toString(), postedSlot, zone, slot, energyWh });
  }
  return training;
}

async function fetchShed(exchangeEvents: readonly ExchangeEvent[], { address, ...range }: Range): Promise<ShedLoad[]> {
  if (address === undefined) return [];
  const sites = new Map<number, number>();
  for (const { name, args } of exchangeEvents) if (name === "SiteRegistered") sites.set(args.site, args.zone);
  const events = await fetchEvents({ ...range, address, abi: SEASONS_ABI, names: ["LoadShed"] });
  return events.flatMap(({ args: { site, slot, shedWh } }) => {
    const zone = sites.get(site);
    return zone === undefined ? [] : [{ zone, slot, energyWh: shedWh }];
  });
}

function zonesOf(events: readonly ExchangeEvent[]): Map<string, number> {
  const { meters } = readLedger(events, new Map());
  return new Map(meters.map(({ meter, zone }) => [meter, zone]));
}
