import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import type { NetworkConnection } from "hardhat/types/network";
import { SLOT_SECONDS } from "../../src/units.ts";
import { deployTestMarket, FIRST_SLOT, type TestMarket, type TestMeter } from "../support/testMarket.ts";

export const DAY_SECONDS = 86_400;
export const VOTING_DELAY = 3_600;
export const VOTING_PERIOD = 86_400;
export const TIMELOCK_DELAY = 7_200;
export const HAND_OVER_SITES = 3;
/** Votes of a site that has only just been synced. */
export const NEUTRAL_VOTES = 500_000n;

/** A market of three voters with one site each, before its hand-over. */
export interface Community {
  readonly market: TestMarket;
  readonly voters: readonly [HardhatEthersSigner, HardhatEthersSigner, HardhatEthersSigner];
  readonly meters: readonly TestMeter[];
}

export async function deployCommunity(connection: NetworkConnection): Promise<Community> {
  const parameters = { timelockDelay: TIMELOCK_DELAY, handOverSites: HAND_OVER_SITES };
  const market = await deployTestMarket(connection, { parameters });
  const [ann, bob, cho] = market.signers.slice(10, 13);
  if (ann === undefined || bob === undefined || cho === undefined) throw new Error("too few accounts");
  const voters = [ann, bob, cho] as const;
  const meters: TestMeter[] = [];
  for (const owner of voters) meters.push(await market.addMeter({ kind: "consumer", owner }));
  return { market, voters, meters };
}

/** The same with every site synced and the hand-over completed. */
export async function deployGoverned(connection: NetworkConnection): Promise<Community> {
  const community = await deployCommunity(connection);
  const { market, meters } = community;
  await market.reputation.syncMany(meters.map(({ site }) => site));
  await market.handOver.complete();
  // Votes count from the second after they were given.
  await connection.networkHelpers.time.increase(10);
  return community;
}

export interface Call {
  readonly target: string;
  readonly data: string;
}

/** A proposal on its way: each step moves the chain's time to where the next one is possible. */
export class Proposal {
  readonly #market: TestMarket;
  readonly #calls: readonly Call[];
  readonly #description: string;
  readonly id: bigint;

  private constructor(market: TestMarket, calls: readonly Call[], description: string, id: bigint) {
    this.#market = market;
    this.#calls = calls;
    this.#description = description;
    this.id = id;
  }

  static async propose(
    market: TestMarket,
    proposer: HardhatEthersSigner,
    calls: readonly Call[],
    description: string,
  ): Promise<Proposal> {
    const governor = market.gridGovernor.connect(proposer);
    const parts = [calls.map(({ target }) => target), calls.map(() => 0n), calls.map(({ data }) => data)] as const;
    await governor.propose([...parts[0]], [...parts[1]], [...parts[2]], description);
    const [event] = (await governor.queryFilter(governor.filters.ProposalCreated())).slice(-1);
    if (event === undefined) throw new Error("nothing was proposed");
    return new Proposal(market, calls, description, event.args.proposalId);
  }

  /** Each voter's choice: 0 against, 1 for, 2 abstain. */
  async vote(choices: readonly (readonly [HardhatEthersSigner, number])[]): Promise<void> {
    const { networkHelpers } = this.#market.connection;
    const opens = Number(await this.#market.gridGovernor.proposalSnapshot(this.id));
    if ((await networkHelpers.time.latest()) <= opens) await networkHelpers.time.increaseTo(opens + 1);
    for (const [voter, support] of choices) await this.#market.gridGovernor.connect(voter).castVote(this.id, support);
  }

  async end(): Promise<void> {
    const deadline = Number(await this.#market.gridGovernor.proposalDeadline(this.id));
    await this.#market.connection.networkHelpers.time.increaseTo(deadline + 1);
  }

  async queue() {
    return this.#market.gridGovernor.connect(this.#market.worker).queue(...this.parts());
  }

  async execute() {
    return this.#market.gridGovernor.connect(this.#market.worker).execute(...this.parts());
  }

  /** All the way: everybody votes for it, anybody queues and executes it. */
  async carry(voters: readonly HardhatEthersSigner[]) {
    await this.vote(voters.map((voter) => [voter, 1] as const));
    await this.end();
    await this.queue();
    await this.#market.connection.networkHelpers.time.increase(TIMELOCK_DELAY);
    return this.execute();
  }

  parts(): [string[], bigint[], string[], string] {
    return [
      this.#calls.map(({ target }) => target),
      this.#calls.map(() => 0n),
      this.#calls.map(({ data }) => data),
      this.#market.connection.ethers.id(this.#description),
    ];
  }
}

/** Ten minutes into the day after the tests' first one. */
export const NEXT_DAY = FIRST_SLOT * SLOT_SECONDS + DAY_SECONDS + 600;
