import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import hre from "hardhat";
import { blockCall } from "../../src/chain/calls.ts";
import { connectExchange, type ConnectedExchange } from "../../src/chain/exchange.ts";
import { mineAt } from "../../src/chain/localChain.ts";
import { createSender } from "../../src/chain/sender.ts";
import { openJournal } from "../../src/journal/openJournal.ts";
import { singleSender } from "../../src/market/service/exchangeLink.ts";
import type { Role, RoleAction } from "../../src/training/jobs/role.ts";
import type { OpenJournal } from "../../src/training/jobs/roleJournal.ts";
import { openTrainer } from "../../src/training/openTrainer.ts";
import { openProvider } from "../../src/training/reproducible/jobs/openProvider.ts";
import { openVerifier, type Verifier } from "../../src/training/reproducible/jobs/openVerifier.ts";
import { postReproducible, type ReproducibleOffer } from "../../src/training/reproducible/jobs/postReproducible.ts";
import type { ProviderBehaviour } from "../../src/training/reproducible/jobs/providerBehaviour.ts";
import type { ReproducibleChain } from "../../src/training/reproducible/jobs/reproducibleChain.ts";
import { createReproducibleChain } from "../../src/training/reproducible/jobs/reproducibleLink.ts";
import type { ReproducibleSpec } from "../../src/training/reproducible/jobs/reproducibleSpec.ts";
import { directoryStore } from "../../src/training/store/directoryStore.ts";
import type { UpdateStore } from "../../src/training/store/types.ts";
import { deploymentOf } from "../audit/smallRun.ts";
import { accountKey } from "../services/serviceKeys.ts";
import { deployTestMarket, type TestMarket } from "../support/testMarket.ts";
import { serveConnection } from "../training/jobs/rpcBridge.ts";
import { CORPUS, OFFER, smallSpec } from "./smallJob.ts";

export const REQUESTER = 11;
export const PROVIDER = 12;
export const VERIFIER = 13;
export const SETTLER = 14;
/** Ticks that each of them starts with. */
export const MONEY = 100_000n;

/** The end of a process at a point that the test chose. */
export class Crash extends Error {}

/** Decides at each point that a role passes whether its process ends there. */
export type CrashPlan = () => boolean;

/** The deployed system with reproducible jobs, and their roles inside this process. */
export class Arena {
  readonly market: TestMarket;
  readonly exchange: ConnectedExchange;
  readonly store: UpdateStore;
  readonly folder: string;
  readonly #close: () => void;

  private constructor(market: TestMarket, exchange: ConnectedExchange, folder: string, close: () => void) {
    this.market = market;
    this.exchange = exchange;
    this.folder = folder;
    this.store = directoryStore({ directory: join(folder, "store") });
    this.#close = close;
  }

  static async open(): Promise<Arena> {
    const connection = await hre.network.create();
    const market = await deployTestMarket(connection);
    const { url, close } = await serveConnection(connection);
    for (const index of [REQUESTER, PROVIDER, VERIFIER, SETTLER]) {
      const owner = market.signers[index];
      if (owner !== undefined) await market.fund(owner, MONEY);
    }
    const deployment = await deploymentOf(market);
    const ReproducibleJobs = await market.reproducibleJobs.getAddress();
    const whole = { ...deployment, contracts: { ...deployment.contracts, ReproducibleJobs } };
    const exchange = await connectExchange({ rpcUrl: url, deployment: whole });
    return new Arena(market, exchange, mkdtempSync(join(tmpdir(), "joulework-disputes-")), close);
  }

  close(): void {
    this.#close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  chainOf(account: number): ReproducibleChain {
    const { rpc, deployment } = this.exchange;
    const sender = createSender({ rpc, privateKey: accountKey(account), chainId: deployment.chainId });
    return createReproducibleChain(this.exchange, singleSender(sender));
  }

  async post(offer: Partial<ReproducibleOffer> = {}, spec?: ReproducibleSpec): Promise<number> {
    const posted = spec ?? (await smallSpec());
    const { job } = await postReproducible({
      chain: this.chainOf(REQUESTER),
      store: this.store,
      spec: posted,
      corpus: CORPUS,
      kernelsHash: posted.kernels,
      offer: { ...OFFER, ...offer },
    });
    return job;
  }

  provider(job: number, behaviour?: ProviderBehaviour, crashes?: CrashPlan): Role {
    const { parameters, close } = this.#party(job, PROVIDER, crashes);
    const role = openProvider({ ...parameters, ...(behaviour === undefined ? {} : { behaviour }) });
    return { step: (time) => role.step(time), close: () => close(role) };
  }

  verifier(job: number, mostBondTicks = OFFER.challengeBondTicks, crashes?: CrashPlan): Verifier {
    const { parameters, close } = this.#party(job, VERIFIER, crashes);
    const role = openVerifier({ ...parameters, mostBondTicks });
    return { step: (time) => role.step(time), close: () => close(role), verdict: () => role.verdict() };
  }

  async now(): Promise<number> {
    return ((await this.exchange.rpc.call(blockCall("latest")))?.timestamp ?? 0) + 1;
  }

  async pass(seconds: number): Promise<void> {
    await mineAt(this.exchange.rpc, (await this.now()) + seconds);
  }

  /** Every role does what is due until none has anything left at this time. A role that crashes is opened again. */
  async settle(open: readonly (() => Role)[]): Promise<{ readonly actions: RoleAction[]; readonly crashes: number }> {
    const roles = open.map((start) => start());
    const actions: RoleAction[] = [];
    let crashes = 0;
    try {
      for (let idle = 0; idle < 2;) {
        let moved = false;
        for (const [place, start] of open.entries()) {
          try {
            const done = (await roles[place]?.step(await this.now())) ?? [];
            moved ||= done.length > 0;
            actions.push(...done);
          } catch (error) {
            if (!(error instanceof Crash)) throw error;
            crashes += 1;
            moved = true;
            roles[place]?.close();
            roles[place] = start();
          }
        }
        idle = moved ? 0 : idle + 1;
      }
    } finally {
      for (const role of roles) role.close();
    }
    return { actions, crashes };
  }

  #party(job: number, account: number, crashes: CrashPlan = () => false) {
    const point = (): void => {
      if (crashes()) throw new Crash("the process ends here");
    };
    const chain = this.chainOf(account);
    const crashing: ReproducibleChain = {
      ...chain,
      async approve(amountTicks) {
        point();
        await chain.approve(amountTicks);
      },
      async send(call) {
        point();
        await chain.send(call);
        point();
      },
    };
    const journalOf: OpenJournal = (parameters) => {
      const journal = openJournal(parameters);
      return {
        ...journal,
        progress(work) {
          point();
          return journal.progress(work);
        },
      };
    };
    const parameters = {
      chain: crashing,
      job,
      store: this.store,
      openTrainer,
      journalPath: join(this.folder, `${String(account)}-${String(job)}.sqlite`),
      openJournal: journalOf,
      mostBondTicks: OFFER.bondTicks,
    };
    return { parameters, close: (role: Role) => role.close() };
  }
}
