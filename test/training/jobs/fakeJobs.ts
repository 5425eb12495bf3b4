import { ZeroHash } from "ethers";
import type { SettledReadings } from "../../../src/game/settledReadings.ts";
import { ContractRefusal } from "../../../src/market/service/exchangeLink.ts";
import { resultHash, roundCommitment } from "../../../src/training/jobs/hashes.ts";
import type { JobCall, JobsChain, PostedJob } from "../../../src/training/jobs/jobsChain.ts";
import {
  JOB_STATE,
  UPDATE_STATUS,
  type JobTerms,
  type JobView,
  type Place,
  type RoundView,
} from "../../../src/training/jobs/jobTypes.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type FakeSeat = Mutable<RoundView["seats"][number]>;
type FakeScoreSeat = Mutable<RoundView["scoreSeats"][number]>;
type FakeRound = Mutable<Omit<RoundView, "seats" | "scoreSeats">> & {
  seats: FakeSeat[];
  scoreSeats: FakeScoreSeat[];
  readonly sizes: Map<string, number>;
  readonly results: Map<string, { scores: readonly bigint[]; aggregateRoot: string }>;
};
interface FakeJob {
  view: Mutable<JobView>;
  terms: JobTerms;
  workers: Place[];
  evaluators: Place[];
  rounds: FakeRound[];
}

const CHAIN_ID = 31_337;
const CONTRACT = "0x1111111111111111111111111111111111111111";
const NO_ACCOUNT = "0x0000000000000000000000000000000000000000";

/** A verb that was taken or refused, in the order of arrival. */
export interface Sent {
  readonly account: string;
  readonly call: JobCall;
  readonly refusal?: string;
}

/**
 * The jobs' contract in memory, for the tests of roles: states, windows, commitments and seats as the contract has them,
 * draws in the order of places, and neither bonds nor pay.
 */
export class FakeJobs {
  time = 1_800_000_000;
  blockNumber = 100;
  tariff = { importPrice: 250_000, scarcityPpm: 0 };
  readonly sent: Sent[] = [];
  readonly held = new Map<string, bigint>();
  readings: SettledReadings = { of: () => [], prove: () => undefined };
  /** Calls that are under way: a sender that died does not stop them. */
  readonly #inFlight: { readonly account: string; readonly call: JobCall }[] = [];
  readonly #jobs: FakeJob[] = [];

  /** The chain as one account sees it; `wire` may lose what it sends. */
  chainFor(
    account: string,
    wire: (deliver: () => void, delay: () => void) => void = (deliver) => deliver(),
  ): JobsChain {
    const read = <T>(look: () => T): Promise<T> => Promise.resolve(structuredClone(look()));
    return {
      account,
      chainId: CHAIN_ID,
      contract: CONTRACT,
      head: () => read(() => ({ blockNumber: this.blockNumber, timestamp: this.time })),
      hasWaiting: () => read(() => this.#inFlight.some((one) => one.account === account)),
      jobCount: () => read(() => this.#jobs.length),
      job: (job) => read(() => this.#jobs[job - 1]?.view ?? NO_JOB),
      terms: (job) => read(() => this.#job(job).terms),
      workers: (job) => read(() => this.#job(job).workers),
      evaluators: (job) => read(() => this.#job(job).evaluators),
      round: (job, round) => read(() => this.round(job, round)),
      // No result is measured here.
      measuredCase: () => Promise.reject(new ContractRefusal("WrongState")),
      measuredState: () => Promise.reject(new ContractRefusal("WrongState")),
      rivalTable: () => Promise.reject(new ContractRefusal("WrongState")),
      shownNodes: () => Promise.resolve([]),
      hasLostChallenge: () => Promise.resolve(false),
      revealedSizes: (job, round) => read(() => this.round(job, round).sizes),
      heldFor: (of) => read(() => this.held.get(of) ?? 0n),
      freeStake: () => Promise.resolve(10n ** 18n),
      tariff: () => read(() => this.tariff),
      postedBy: (requester) => read(() => this.#postedBy(requester)),
      settledReadings: () => Promise.resolve(this.readings),
      unusedEvidence: (_, __, importWh) => Promise.resolve(importWh),
      approve: () => Promise.resolve(),
      send: (call) => {
        wire(
          () => this.#deliver(account, call),
          () => this.#inFlight.push({ account, call }),
        );
        return Promise.resolve();
      },
    };
  }

  /** Lets what is under way arrive; what the contract refuses is only noted. */
  arrive(): void {
    for (const { account, call } of this.#inFlight.splice(0)) {
      try {
        this.#deliver(account, call);
      } catch (error) {
        if (!(error instanceof ContractRefusal)) throw error;
      }
    }
  }

  view(job: number): JobView {
    return this.#job(job).view;
  }

  round(job: number, round: number): FakeRound {
    return this.#job(job).rounds[round - 1] ?? emptyRound();
  }

  /** Lets the state's time pass. */
  pass(job: number): void {
    this.time = Math.max(this.time, this.#job(job).view.deadline);
  }

  #deliver(account: string, call: JobCall): void {
    this.blockNumber += 1;
    try {
      this.#take(account, call);
      this.sent.push({ account, call });
    } catch (error) {
      if (error instanceof ContractRefusal) this.sent.push({ account, call, refusal: error.errorName });
      throw error;
    }
  }

  #take(account: string, call: JobCall): void {
    if (call.verb === "post") {
      this.#post(account, call.args[0] as JobTerms);
      return;
    }
    if (call.verb === "collect") {
      if ((this.held.get(account) ?? 0n) === 0n) throw new ContractRefusal("NothingHeld");
      this.held.set(account, 0n);
      return;
    }
    const job = this.#job(Number(call.args[0]));
    const round = job.rounds[job.view.round - 1] ?? emptyRound();
    switch (call.verb) {
      case "join":
      case "joinEvaluators": {
        this.#join(account, job, call.verb === "join" ? job.workers : job.evaluators);
        return;
      }
      case "open": {
        this.#open(job);
        return;
      }
      case "commitUpdate": {
        this.#require(job, JOB_STATE.commit);
        const seat = seatOf(round.seats, ({ provider }) => provider === account);
        if (seat.commitment !== ZeroHash) throw new ContractRefusal("AlreadyCommitted");
        const order = round.seats.filter(({ commitOrder }) => commitOrder > 0).length + 1;
        Object.assign(seat, { commitment: call.args[1], status: UPDATE_STATUS.committed, commitOrder: order });
        return;
      }
      case "revealUpdate":
        this.#require(job, JOB_STATE.reveal);
        {
          this.#revealUpdate(account, job, round, call.args);
          return;
        }
      case "revealValidation":
        this.#require(job, JOB_STATE.validation);
        round.validation = call.args[1];
        {
          this.#armDraw(job, 0);
          return;
        }
      case "commitScores": {
        this.#require(job, JOB_STATE.scoreCommit);
        const seat = this.#scoreSeat(account, job, round);
        if (seat.commitment !== ZeroHash) throw new ContractRefusal("AlreadyCommitted");
        seat.commitment = call.args[1];
        return;
      }
      case "revealScores":
        this.#require(job, JOB_STATE.scoreReveal);
        {
          this.#revealScores(account, job, round, call.args);
          return;
        }
      case "challenge":
        this.#require(job, JOB_STATE.challenge);
        round.challenger = account;
        {
          this.#armDraw(job, 2);
          return;
        }
      case "challengeMeasured":
      case "answerMeasured":
      case "proveUnreadable":
      case "showString":
      case "concludeMeasured":
        // No result is measured here.
        throw new ContractRefusal("ForeignPrograms");
      case "proveEnergy": {
        const seat = seatOf(
          this.round(Number(call.args[0]), Number(call.args[1])).seats,
          (one) => one.provider === account,
        );
        seat.provedWh += Number(call.args[5]);
        return;
      }
      case "advance": {
        this.#advance(job, round);
        return;
      }
    }
  }

  #post(requester: string, terms: JobTerms): void {
    const view = { ...NO_JOB, requester, modelRoot: terms.modelRoot };
    const job = { view, terms, workers: [], evaluators: [], rounds: [] };
    this.#jobs.push(job);
    this.#move(job, JOB_STATE.waiting, terms.maxWaitSlots * 900);
  }

  #postedBy(requester: string): PostedJob[] {
    return this.#jobs.flatMap(({ view, terms: { specHash, validationRoot } }, index) =>
      view.requester === requester ? [{ job: index + 1, specHash, validationRoot }] : [],
    );
  }

  #join(account: string, job: FakeJob, places: Place[]): void {
    this.#require(job, JOB_STATE.waiting);
    if ([...job.workers, ...job.evaluators].some(({ provider }) => provider === account)) {
      throw new ContractRefusal("AlreadyPlaced");
    }
    const meter = `0x${account.slice(2).split("").reverse().join("")}`;
    places.push({ provider: account, site: places.length + 1, rank: 1, meter, bondTicks: 1n, sequence: places.length });
  }

  #open(job: FakeJob): void {
    this.#require(job, JOB_STATE.waiting);
    const seats = job.workers.map(({ provider, site, meter }) => ({ ...EMPTY_SEAT, provider, site, meter }));
    job.rounds.push({ ...emptyRound(), openSlot: this.#slot(), seats });
    job.view.round += 1;
    this.#move(job, JOB_STATE.commit, job.terms.commitSeconds);
  }

  #revealUpdate(
    account: string,
    job: FakeJob,
    round: FakeRound,
    args: Extract<JobCall, { verb: "revealUpdate" }>["args"],
  ): void {
    const [, root, salt, size] = args;
    const seat = seatOf(round.seats, ({ provider }) => provider === account);
    if (Number(size) > job.terms.maxUpdateBytes) throw new ContractRefusal("UpdateSize");
    if (seat.status !== UPDATE_STATUS.committed || seat.commitment !== this.#commitment(account, job, root, salt)) {
      throw new ContractRefusal("CommitmentMismatch");
    }
    const copied = round.seats.some((other) => other.updateRoot === root && other.commitOrder < seat.commitOrder);
    Object.assign(seat, { updateRoot: root, status: copied ? UPDATE_STATUS.copy : UPDATE_STATUS.valid });
    round.sizes.set(account, Number(size));
  }

  #revealScores(
    account: string,
    job: FakeJob,
    round: FakeRound,
    args: Extract<JobCall, { verb: "revealScores" }>["args"],
  ): void {
    const [, given, aggregateRoot, salt] = args;
    const scores = given.map(BigInt);
    const seat = this.#scoreSeat(account, job, round);
    const hash = resultHash({ job: BigInt(this.#number(job)), round: BigInt(job.view.round) }, scores, aggregateRoot);
    if (seat.result !== ZeroHash || seat.commitment !== this.#commitment(account, job, hash, salt)) {
      throw new ContractRefusal("CommitmentMismatch");
    }
    seat.result = hash;
    round.results.set(hash, { scores, aggregateRoot });
  }

  #advance(job: FakeJob, round: FakeRound): void {
    const { view, terms } = job;
    const over = this.time >= view.deadline;
    const present = round.scoreSeats.filter(({ kind }) => kind === view.draw);
    const open = (complete: boolean): void => {
      if (!over && !complete) throw new ContractRefusal("WindowOpen");
    };
    switch (view.state) {
      case JOB_STATE.commit:
        open(round.seats.every(({ commitment }) => commitment !== ZeroHash));
        round.trainedSlot = this.#slot();
        {
          this.#move(job, JOB_STATE.reveal, terms.revealSeconds);
          return;
        }
      case JOB_STATE.reveal:
        open(round.seats.every(({ status }) => status !== UPDATE_STATUS.committed));
        {
          this.#move(job, JOB_STATE.validation, terms.validationSeconds);
          return;
        }
      case JOB_STATE.draw:
        if (this.blockNumber <= Number(view.drawBlock)) throw new ContractRefusal("DrawPending");
        {
          this.#draw(job, round);
          return;
        }
      case JOB_STATE.scoreCommit:
        open(present.every(({ commitment }) => commitment !== ZeroHash));
        {
          this.#move(job, JOB_STATE.scoreReveal, terms.scoreRevealSeconds);
          return;
        }
      case JOB_STATE.scoreReveal: {
        open(present.every(({ commitment, result }) => commitment === ZeroHash || result !== ZeroHash));
        const result = present.find((one) => one.result !== ZeroHash)?.result ?? ZeroHash;
        if (view.draw === 2) {
          this.#settle(job, round, result);
          return;
        }
        round.standing = result;
        this.#move(job, JOB_STATE.challenge, terms.challengeSeconds);
        return;
      }
      case JOB_STATE.challenge:
        open(false);
        {
          this.#settle(job, round, round.standing);
          return;
        }
      default:
        throw new ContractRefusal("WrongState");
    }
  }

  #armDraw(job: FakeJob, kind: number): void {
    Object.assign(job.view, { draw: kind, drawBlock: BigInt(this.blockNumber + 2) });
    this.#move(job, JOB_STATE.draw, 0);
  }

  /** The first in the order of places, as many as a part has. */
  #draw(job: FakeJob, round: FakeRound): void {
    const { draw } = job.view;
    const count = draw === 2 ? 2 * job.terms.evaluators + 1 : job.terms.evaluators;
    const seated = new Set([...round.scoreSeats.map(({ evaluator }) => evaluator), round.challenger]);
    const free = job.evaluators.filter(({ provider }) => !seated.has(provider)).slice(0, count);
    for (const { provider } of free) {
      round.scoreSeats.push({ evaluator: provider, kind: draw, silent: false, commitment: ZeroHash, result: ZeroHash });
    }
    this.#move(job, JOB_STATE.scoreCommit, job.terms.scoreCommitSeconds);
  }

  #settle(job: FakeJob, round: FakeRound, standing: string): void {
    round.standing = standing;
    round.outcome = 1;
    job.view.modelRoot = round.results.get(standing)?.aggregateRoot ?? job.view.modelRoot;
    for (const { provider, status } of round.seats) {
      if (status === UPDATE_STATUS.valid) this.held.set(provider, (this.held.get(provider) ?? 0n) + 100n);
    }
    const ended = job.view.round === job.terms.rounds;
    this.#move(job, ended ? JOB_STATE.ended : JOB_STATE.waiting, ended ? 0 : job.terms.maxWaitSlots * 900);
  }

  #require(job: FakeJob, state: number): void {
    if (job.view.state !== state) throw new ContractRefusal("WrongState");
    if (this.time >= job.view.deadline) throw new ContractRefusal("WindowOver");
  }

  #scoreSeat(account: string, job: FakeJob, round: FakeRound): FakeScoreSeat {
    return seatOf(round.scoreSeats, ({ evaluator, kind }) => evaluator === account && kind === job.view.draw);
  }

  #move(job: FakeJob, state: number, seconds: number): void {
    Object.assign(job.view, { state, deadline: seconds === 0 ? 0 : this.time + seconds });
  }

  #commitment(account: string, job: FakeJob, content: string, salt: string): string {
    const place = { job: BigInt(this.#number(job)), round: BigInt(job.view.round), chainId: BigInt(CHAIN_ID) };
    return roundCommitment({ ...place, contract: CONTRACT }, account, content, salt);
  }

  #job(job: number): FakeJob {
    const found = this.#jobs[job - 1];
    if (found === undefined) throw new Error(`there is no job ${String(job)}`);
    return found;
  }

  #number(job: FakeJob): number {
    return this.#jobs.indexOf(job) + 1;
  }

  #slot(): number {
    return Math.floor(this.time / 900);
  }
}

function seatOf<T>(seats: readonly T[], own: (seat: T) => boolean): T {
  const seat = seats.find(own);
  if (seat === undefined) throw new ContractRefusal("NotSeated");
  return seat;
}

const NO_JOB: JobView = {
  requester: NO_ACCOUNT,
  state: JOB_STATE.none,
  draw: 0,
  round: 0,
  deadline: 0,
  drawBlock: 0n,
  heldTicks: 0n,
  modelRoot: ZeroHash,
};

const EMPTY_SEAT = {
  status: 0,
  commitOrder: 0,
  sizeBytes: 0,
  provedWh: 0,
  commitment: ZeroHash,
  updateRoot: ZeroHash,
};

function emptyRound(): FakeRound {
  return {
    openSlot: 0,
    trainedSlot: 0,
    outcome: 0,
    validation: ZeroHash,
    standing: ZeroHash,
    challenger: NO_ACCOUNT,
    rival: NO_ACCOUNT,
    seats: [],
    scoreSeats: [],
    sizes: new Map(),
    results: new Map(),
  };
}
