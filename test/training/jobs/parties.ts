import { join } from "node:path";
import { runRole, type JobParty } from "../../../scripts/tasks/support/jobParty.ts";
import type { Deployment } from "../../../src/chain/deployment.ts";
import { connectExchange } from "../../../src/chain/exchange.ts";
import { createSender } from "../../../src/chain/sender.ts";
import { singleSender } from "../../../src/market/service/exchangeLink.ts";
import { trainJobsHere } from "../../../src/training/jobs/jobInputs.ts";
import { createJobsChain } from "../../../src/training/jobs/jobsLink.ts";
import { openEvaluator } from "../../../src/training/jobs/openEvaluator.ts";
import { openRequester } from "../../../src/training/jobs/openRequester.ts";
import { openSettler } from "../../../src/training/jobs/openSettler.ts";
import { openWorker } from "../../../src/training/jobs/openWorker.ts";
import type { Role } from "../../../src/training/jobs/role.ts";
import { directoryStore } from "../../../src/training/store/directoryStore.ts";
import { accountKey } from "../../services/serviceKeys.ts";
import { sentences } from "../support/texts.ts";
import { quickTrainer } from "./arena.ts";

/** What a process prints when its roles are open. */
export const READY = "roles are open";

export interface PartySpec {
  readonly kind: "requester" | "worker" | "evaluator" | "settler";
  /** Number of the test chain's account that it acts for. */
  readonly account: number;
}

export interface PartyPlace {
  readonly url: string;
  readonly deployment: Deployment;
  readonly job: number;
  /** Where the store is that all parties share. */
  readonly store: string;
  /** Where the journals are, one a party. */
  readonly journals: string;
}

/** Connects an account of the test chain as a party of jobs. */
export async function connectParty(
  { url, deployment }: Pick<PartyPlace, "url" | "deployment">,
  account: number,
): Promise<JobParty> {
  const exchange = await connectExchange({ rpcUrl: url, deployment });
  const privateKey = accountKey(account);
  const sender = singleSender(createSender({ rpc: exchange.rpc, privateKey, chainId: deployment.chainId }));
  return { chain: createJobsChain(exchange, sender), exchange, sender };
}

/** A role as its task opens it, with the quick trainer and a text that depends on the account alone. */
export async function openParty(
  place: PartyPlace,
  { kind, account }: PartySpec,
): Promise<{ readonly party: JobParty; readonly role: Role }> {
  const party = await connectParty(place, account);
  const { chain } = party;
  const store = directoryStore({ directory: place.store });
  const { job } = place;
  const journalPath = journalOf(place, account);
  const openTrainer = () => Promise.resolve(quickTrainer());
  switch (kind) {
    case "requester":
      return { party, role: openRequester({ chain, store, journalPath }) };
    case "worker": {
      const shard = sentences(String(account), 2_000);
      const role = openWorker({ chain, job, store, shard, openTrainer: trainJobsHere(openTrainer), journalPath });
      return { party, role };
    }
    case "evaluator":
      return { party, role: openEvaluator({ chain, job, store, openTrainer, journalPath }) };
    case "settler":
      return { party, role: openSettler({ chain }) };
  }
}

export function journalOf({ journals }: Pick<PartyPlace, "journals">, account: number): string {
  return join(journals, `${String(account)}.sqlite`);
}

/** The main function of a process that runs several roles side by side, until it is killed. */
export async function runParties(place: PartyPlace, specs: readonly PartySpec[]): Promise<void> {
  const opened: Awaited<ReturnType<typeof openParty>>[] = [];
  for (const spec of specs) opened.push(await openParty(place, spec));
  console.log(READY);
  await Promise.all(opened.map(({ party, role }) => runRole({ party, role, once: false, pollMs: 50 })));
}
