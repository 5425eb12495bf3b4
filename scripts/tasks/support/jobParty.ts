import { HDNodeWallet } from "ethers";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import { chainTime } from "../../../src/chain/chainTime.ts";
import { readDeployment } from "../../../src/chain/deployment.ts";
import { connectExchange, type ConnectedExchange } from "../../../src/chain/exchange.ts";
import { createSender } from "../../../src/chain/sender.ts";
import { formatForUser, JouleworkError } from "../../../src/errors.ts";
import { serviceLoop } from "../../../src/journal/serviceLoop.ts";
import { singleSender, type TransactionSender } from "../../../src/market/service/exchangeLink.ts";
import type { JobsChain } from "../../../src/training/jobs/jobsChain.ts";
import { createJobsChain } from "../../../src/training/jobs/jobsLink.ts";
import { formatAction, type Role } from "../../../src/training/jobs/role.ts";
import { LOCAL_CHAIN_ID } from "./keys.ts";
import { openNetwork } from "./session.ts";

export const jobField = z.int().min(1, "must be a job's number");
export const accountNumberField = z.int().min(-1, "must be a test account's number").max(1_000);
export const pollField = z.int().min(10, "must be at least 10 ms").max(600_000);
export const pathField = z.string().min(1, "must name a file");

/** A party of jobs on the network that the command line names. */
export interface JobParty {
  readonly chain: JobsChain;
  readonly exchange: ConnectedExchange;
  readonly sender: TransactionSender;
}

/** Connects with the key in JOULEWORK_PROVIDER_KEY, or on the local chain with a public test account. */
export async function openJobParty(
  hre: HardhatRuntimeEnvironment,
  { deployment, account }: { readonly deployment: string; readonly account: number },
): Promise<JobParty> {
  const { url, keys } = await openNetwork(hre);
  const record = await readDeployment(
    deployment === "" ? keys.network : deployment,
    `${hre.config.paths.ignition}/deployments`,
  );
  const exchange = await connectExchange({ rpcUrl: url, deployment: record });
  const privateKey = partyKey(account, record.chainId);
  const sender = singleSender(createSender({ rpc: exchange.rpc, privateKey, chainId: record.chainId }));
  return { chain: createJobsChain(exchange, sender), exchange, sender };
}

function partyKey(account: number, chainId: number): string {
  if (account < 0) {
    const given = process.env.JOULEWORK_PROVIDER_KEY;
    if (given !== undefined && given !== "") return given;
  } else if (chainId === LOCAL_CHAIN_ID) {
    const phrase = "test test test test test test test test test test test junk";
    return HDNodeWallet.fromPhrase(phrase, undefined, `m/44'/60'/0'/0/${String(account)}`).privateKey;
  }
  throw new JouleworkError({
    code: "KEY_MISSING",
    what: "There is no key to sign with",
    values: { variable: "JOULEWORK_PROVIDER_KEY", chainId },
    hint: `Set JOULEWORK_PROVIDER_KEY; on chain ${String(LOCAL_CHAIN_ID)} \`--account N\` takes public test account N.`,
  });
}

export interface RunRoleParameters {
  readonly party: { readonly chain: { readonly account: string }; readonly exchange: Pick<ConnectedExchange, "rpc"> };
  readonly role: Role;
  readonly once: boolean;
  readonly pollMs: number;
  /** Ends the loop by itself, such as when a job is over. */
  readonly isOver?: () => Promise<boolean>;
}

/**
 * Runs a role by the chain's time until SIGINT or SIGTERM, with a line for each thing it did. The same refusal or error is
 * told once. `--once` runs a single step, whose error is the task's.
 */
export async function runRole({ party, role, once, pollMs, isOver }: RunRoleParameters): Promise<void> {
  let told = "";
  const step = async (): Promise<void> => {
    const actions = await role.step(await chainTime(party.exchange.rpc));
    for (const action of actions) {
      const line = formatAction(action);
      if (action.refusal === undefined || line !== told) console.log(line);
      told = line;
    }
  };
  try {
    if (once) {
      await step();
      return;
    }
    const stop = new AbortController();
    for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => stop.abort());
    console.log(`running as ${party.chain.account}`);
    await serviceLoop({
      signal: stop.signal,
      pauseMs: pollMs,
      round: async () => {
        await step();
        if ((await isOver?.()) === true) stop.abort();
      },
      onError: (error) => {
        const line = formatForUser(error);
        if (line !== told) console.log(line);
        told = line;
      },
    });
  } finally {
    role.close();
  }
}
