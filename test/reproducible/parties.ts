import { join } from "node:path";
import { runRole } from "../../scripts/tasks/support/jobParty.ts";
import type { Deployment } from "../../src/chain/deployment.ts";
import { connectExchange, type ConnectedExchange } from "../../src/chain/exchange.ts";
import { createSender } from "../../src/chain/sender.ts";
import { singleSender } from "../../src/market/service/exchangeLink.ts";
import { openTrainer } from "../../src/training/openTrainer.ts";
import { openProvider } from "../../src/training/reproducible/jobs/openProvider.ts";
import { openVerifier } from "../../src/training/reproducible/jobs/openVerifier.ts";
import { corruptingProvider, type WeightPlace } from "../../src/training/reproducible/jobs/providerBehaviour.ts";
import type { ReproducibleChain } from "../../src/training/reproducible/jobs/reproducibleChain.ts";
import { createReproducibleChain } from "../../src/training/reproducible/jobs/reproducibleLink.ts";
import { directoryStore } from "../../src/training/store/directoryStore.ts";
import { accountKey } from "../services/serviceKeys.ts";
import { OFFER } from "./smallJob.ts";

/** What a process prints when its role is open. */
export const READY = "role is open";

export interface PartySpec {
  readonly kind: "provider" | "verifier";
  /** Number of the test chain's account that it acts for. */
  readonly account: number;
  /** What a provider changes; nothing where absent. */
  readonly lie?: WeightPlace;
}

export interface PartyPlace {
  readonly url: string;
  readonly deployment: Deployment;
  readonly job: number;
  /** Where the store is, and the journals. */
  readonly folder: string;
}

/** Connects an account of the test chain. */
export async function connectParty(
  { url, deployment }: Pick<PartyPlace, "url" | "deployment">,
  account: number,
): Promise<{ readonly chain: ReproducibleChain; readonly exchange: ConnectedExchange }> {
  const exchange = await connectExchange({ rpcUrl: url, deployment });
  const { chainId } = deployment;
  const sender = createSender({ rpc: exchange.rpc, privateKey: accountKey(account), chainId });
  return { chain: createReproducibleChain(exchange, singleSender(sender)), exchange };
}

/** The main function of a process that runs a role until it is killed. */
export async function runParty(place: PartyPlace, { kind, account, lie }: PartySpec): Promise<void> {
  const party = await connectParty(place, account);
  const parameters = {
    chain: party.chain,
    job: place.job,
    store: directoryStore({ directory: join(place.folder, "store") }),
    openTrainer,
    journalPath: join(place.folder, `${kind}-${String(place.job)}.sqlite`),
  };
  const { bondTicks, challengeBondTicks } = OFFER;
  const role =
    kind === "verifier"
      ? openVerifier({ ...parameters, mostBondTicks: challengeBondTicks })
      : openProvider({
          ...{ ...parameters, mostBondTicks: bondTicks },
          ...(lie === undefined ? {} : { behaviour: corruptingProvider(lie) }),
        });
  console.log(READY);
  await runRole({ party, role, once: false, pollMs: 50 });
}
