import { expect } from "chai";
import { AbiCoder, keccak256 } from "ethers";
import { BASE_UNITS, EVALUATORS, OUTCOME, STAKE, STATE, STRANGER, WORKERS } from "./world.ts";
import type { SystemWorld } from "./systemWorld.ts";

export const PROVIDERS = [...WORKERS, ...EVALUATORS, STRANGER] as const;
/** Stake that a lease of the first evaluator locks beside that of jobs. */
export const LEASE = { provider: EVALUATORS[0], stakeTicks: 1_500n } as const;

const ACTIVE_LEASE = 2n;
const PAUSED_LEASE = 3n;
const ZERO = `0x${"00".repeat(32)}`;

/** What the parties of a sequence were seen to do, from the contracts' events, and what must hold at every moment. */
export class Story {
  readonly outcomes: bigint[] = [];
  /** Events of the jobs by name. */
  readonly seen = new Map<string, number>();
  /** Steps, to repeat by hand what failed. */
  readonly steps: string[] = [];
  readonly #system: SystemWorld;
  readonly #paidOf = new Map<bigint, bigint>();
  readonly #budgets = new Map<bigint, bigint>();
  readonly #held = new Map<string, bigint>();
  readonly #fixed = new Map<string, string>();
  #collected = 0n;
  #rewards = 0n;
  #cut = 0n;
  #slashed = 0n;
  #slashedReward = 0n;
  #stakes = STAKE * BigInt(PROVIDERS.length);
  #poolBefore = 0n;
  #block = 0;

  constructor(system: SystemWorld) {
    this.#system = system;
  }

  /** Starts to watch: what happened before is the set-up's. */
  async begin(): Promise<void> {
    const { market } = this.#system;
    this.#poolBefore = await market.credit.balanceOf(market.seasons);
    this.#block = await market.connection.ethers.provider.getBlockNumber();
  }

  async check(): Promise<void> {
    await this.#readEvents();
    await this.#checkEscrow();
    await this.#checkStake();
    await this.#checkQueue();
    await this.#checkFixed();
  }

  async #readEvents(): Promise<void> {
    const { market } = this.#system;
    const { provider } = market.connection.ethers;
    const toBlock = await provider.getBlockNumber();
    const range = { fromBlock: this.#block + 1, toBlock };
    if (range.fromBlock > toBlock) return;
    this.#block = toBlock;
    for (const log of await provider.getLogs({ ...range, address: await market.trainingJobs.getAddress() })) {
      const event = market.trainingJobs.interface.parseLog(log);
      if (event === null) throw new Error("the jobs tell an event that their interface lacks");
      this.#readJobEvent(event.name, event.args.toObject() as Record<string, unknown>);
    }
    for (const log of await provider.getLogs({ ...range, address: await market.providers.getAddress() })) {
      const event = market.providers.interface.parseLog(log);
      const amount = (event?.args.toObject().amountTicks ?? 0n) as bigint;
      if (event?.name === "StakePosted") this.#stakes += amount;
      if (event?.name === "StakeCollected") this.#stakes -= amount;
      if (event?.name === "StakeSlashed") {
        this.#stakes -= amount;
        this.#slashed += amount;
        this.#slashedReward += event.args.toObject().rewardTicks as bigint;
      }
    }
  }

  #readJobEvent(name: string, args: Record<string, unknown>): void {
    this.seen.set(name, (this.seen.get(name) ?? 0) + 1);
    const ticks = args.amountTicks as bigint;
    const gain = (account: unknown): void => {
      this.#held.set(String(account), (this.#held.get(String(account)) ?? 0n) + ticks);
    };
    const job = args.job as bigint;
    if (name === "JobPosted") {
      const terms = args.terms as { rounds: bigint; poolTicks: bigint; feeTicks: bigint };
      this.#budgets.set(job, terms.rounds * (terms.poolTicks + terms.feeTicks));
    }
    if (name === "UpdatePaid" || name === "EvaluatorPaid" || name === "Refunded") {
      this.#paidOf.set(job, (this.#paidOf.get(job) ?? 0n) + ticks);
      gain(args.worker ?? args.evaluator ?? args.requester);
    }
    if (name === "RewardPaid") {
      this.#rewards += ticks;
      gain(args.account);
    }
    if (name === "BondCut") this.#cut += ticks;
    if (name === "RoundEnded") this.outcomes.push(args.outcome as bigint);
    if (name === "Collected") {
      this.#collected += ticks;
      this.#held.set(String(args.account), (this.#held.get(String(args.account)) ?? 0n) - ticks);
    }
  }

  /** Escrow in = payouts, fees and refunds, collected or held, and what jobs still hold; rewards come out of cut bonds. */
  async #checkEscrow(): Promise<void> {
    const { market, world } = this.#system;
    const { trainingJobs: jobs } = market;
    let inJobs = 0n;
    for (const [job, budget] of this.#budgets) {
      const { heldTicks } = await jobs.jobInfo(job);
      expect(heldTicks, `escrow of job ${String(job)}`).to.equal(budget - (this.#paidOf.get(job) ?? 0n));
      inJobs += heldTicks;
    }
    let owed = 0n;
    for (const [account, ticks] of this.#held) {
      expect(await jobs.heldFor(account), `held for ${account}`).to.equal(ticks);
      owed += ticks;
    }
    expect(await jobs.totalHeld(), "all that is held").to.equal(inJobs + owed);
    await world.expectConserved();
    const budgets = [...this.#budgets.values()].reduce((sum, budget) => sum + budget, 0n);
    expect(budgets + this.#rewards, "in = out").to.equal(inJobs + owed + this.#collected);
    expect(this.#rewards, "rewards are cut bonds").to.equal(this.#slashedReward);
    expect(this.#cut, "cut bonds").to.equal(this.#slashed);
    const pool = (await market.credit.balanceOf(market.seasons)) - this.#poolBefore;
    expect(pool, "the season pool gets the rest").to.equal((this.#slashed - this.#slashedReward) * BASE_UNITS);
  }

  /** Stakes add up to the registry's credits; what jobs have locked is every bond that stands behind a place or challenge. */
  async #checkStake(): Promise<void> {
    const { market } = this.#system;
    const { trainingJobs: jobs, providers, computeMarket } = market;
    const bonds = new Map<string, bigint>();
    const add = (account: string, ticks: bigint): void => {
      bonds.set(account, (bonds.get(account) ?? 0n) + ticks);
    };
    for (const job of this.#budgets.keys()) {
      const places = [...(await jobs.workersOf(job)), ...(await jobs.evaluatorsOf(job))];
      expect(new Set(places.map(({ provider }) => provider)).size, "one place a job").to.equal(places.length);
      for (const { provider, bondTicks } of places) add(provider, bondTicks);
      const { round } = await jobs.jobInfo(job);
      const { challenger, outcome } = await jobs.roundInfo(job, round);
      if (outcome === OUTCOME.open && BigInt(challenger) !== 0n) {
        add(challenger, (await jobs.termsOf(job)).evaluatorBondTicks);
      }
    }
    const { state } = await computeMarket.leaseInfo(1);
    const leased = state === ACTIVE_LEASE || state === PAUSED_LEASE ? LEASE.stakeTicks : 0n;
    let stakes = 0n;
    for (const index of PROVIDERS) {
      const { address } = this.#system.world.signer(index);
      const { stakeTicks, lockedTicks } = await providers.providerInfo(address);
      const bond = bonds.get(address) ?? 0n;
      expect(await providers.lockedBy(address, jobs), `bonds of account ${String(index)}`).to.equal(bond);
      expect(lockedTicks, `locks of account ${String(index)}`).to.equal(
        bond + (index === LEASE.provider ? leased : 0n),
      );
      expect(lockedTicks <= stakeTicks, `stake of account ${String(index)} covers its locks`).to.equal(true);
      stakes += stakeTicks;
    }
    expect(stakes, "stakes").to.equal(this.#stakes);
    expect(await market.credit.balanceOf(providers), "credits behind stake").to.equal(stakes * BASE_UNITS);
  }

  /** Only a waiting job queues energy, unless the queue refused to hear that it waits no more. */
  async #checkQueue(): Promise<void> {
    if (this.seen.has("CallRefused")) return;
    const { market, world } = this.#system;
    const { trainingJobs: jobs, energyQueue } = market;
    const byRequester = new Map<string, bigint>();
    for (const job of this.#budgets.keys()) {
      const { state, requester } = await jobs.jobInfo(job);
      const item = keccak256(
        AbiCoder.defaultAbiCoder().encode(["uint256", "address", "uint256"], [world.chainId, world.address, job]),
      );
      const counted = await energyQueue.countedWh(jobs, item);
      if (state !== STATE.waiting) expect(counted, `energy of job ${String(job)}`).to.equal(0n);
      byRequester.set(requester, (byRequester.get(requester) ?? 0n) + counted);
    }
    for (const [requester, countedWh] of byRequester) {
      expect(await energyQueue.requesterWh(1, requester), "energy of a requester").to.equal(countedWh);
    }
  }

  /** What was committed to, revealed or decided once is never another. */
  async #checkFixed(): Promise<void> {
    const { trainingJobs: jobs } = this.#system.market;
    for (const job of this.#budgets.keys()) {
      this.#fix(`terms ${String(job)}`, JSON.stringify(await jobs.termsOf(job), bigints));
      const { round: last } = await jobs.jobInfo(job);
      for (let round = 1n; round <= last; ++round) {
        const { seats, scoreSeats, standing, outcome, validation } = await jobs.roundInfo(job, round);
        const place = `${String(job)} ${String(round)}`;
        for (const { provider, commitment, updateRoot } of seats) {
          this.#fix(`update ${place} ${provider}`, commitment);
          this.#fix(`root ${place} ${provider}`, updateRoot);
        }
        for (const { evaluator, commitment, result } of scoreSeats) {
          this.#fix(`scores ${place} ${evaluator}`, commitment);
          this.#fix(`result ${place} ${evaluator}`, result);
        }
        this.#fix(`slice ${place}`, validation);
        if (outcome === OUTCOME.open) continue;
        this.#fix(`outcome ${place}`, String(outcome));
        this.#fix(`standing ${place}`, standing);
      }
    }
  }

  #fix(what: string, value: string): void {
    const before = this.#fixed.get(what);
    if (before === undefined || before === ZERO) this.#fixed.set(what, value);
    else expect(value, what).to.equal(before);
  }
}

function bigints(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}
