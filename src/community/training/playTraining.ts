import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { ConnectedExchange } from "../../chain/exchange.ts";
import { mineAt } from "../../chain/localChain.ts";
import type { Sender } from "../../chain/sender.ts";
import { decodeState } from "../../training/federated/decodeState.ts";
import { splitCorpus } from "../../training/corpus.ts";
import { directoryStore } from "../../training/store/directoryStore.ts";
import type { UpdateStore } from "../../training/store/types.ts";
import { scarcityPpm } from "../../market/tariffRule.ts";
import { singleSender } from "../../market/service/exchangeLink.ts";
import { openTrainer } from "../../training/openTrainer.ts";
import { connectJobs, createJobsChain } from "../../training/jobs/jobsLink.ts";
import type { JobsChain } from "../../training/jobs/jobsChain.ts";
import { JOB_STATE } from "../../training/jobs/jobTypes.ts";
import { trainJobsHere } from "../../training/jobs/jobInputs.ts";
import { openEvaluator } from "../../training/jobs/openEvaluator.ts";
import { openRequester } from "../../training/jobs/openRequester.ts";
import { openWorker } from "../../training/jobs/openWorker.ts";
import { postJob } from "../../training/jobs/postJob.ts";
import type { Role } from "../../training/jobs/role.ts";
import { honestWorker, poisonedWorker } from "../../training/jobs/workerBehaviour.ts";
import type { Trainer } from "../../training/types.ts";
import { SLOT_SECONDS, slotOf, SLOTS_PER_DAY } from "../../units.ts";
import { clockedSender, type LocalClock } from "../localClock.ts";
import type { LocalSenders } from "../localSenders.ts";
import type { ChosenProviders, WorkerPart } from "./chooseProviders.ts";
import { demonstrationSpec, JOB_ENERGY_WH, jobOffer, SPEC_MODEL } from "./demonstrationJob.ts";
import { registerProviders, type RegisteredProvider } from "./registerProviders.ts";
import { shardText } from "./shards.ts";

export interface PlayTrainingInput {
  readonly exchange: ConnectedExchange;
  readonly senders: LocalSenders;
  readonly clock: LocalClock;
  readonly providers: ChosenProviders;
  /** The text that is trained on; its end is kept for the measure. */
  readonly corpus: Uint8Array;
  readonly seed: number;
  /** First slot of the day that the run reports, in which the job is posted. */
  readonly firstSlot: number;
  /** Where journals and updates go. */
  readonly folder: string;
  /** Folder of the update store; one in `folder` where absent. */
  readonly models?: string;
  /** Lets energy flow behind a meter, by its address, in a slot that is still to come. */
  readonly load: (meter: string, slot: number, energyWh: number) => void;
}

/** A worker of the job, with what it is known by on the chain. */
export interface PlayedWorker {
  readonly name: string;
  readonly part: WorkerPart;
  readonly account: string;
  readonly meter: string;
}

/** What became of the job. */
export interface TrainingResult {
  readonly job: number;
  readonly workers: readonly PlayedWorker[];
  /** Mean loss on the held-out text before the first round and after each, nats a byte. */
  readonly losses: readonly number[];
}

/** A federated training job inside a community's day. */
export interface PlayedTraining {
  /** Called when a slot's readings are settled; the clock is at the beginning of the next one. */
  readonly afterSlot: (slot: number) => Promise<void>;
  /** After the last slot: ends a round that is under way. It takes some slots. */
  readonly settleRound: () => Promise<void>;
  /** Ends the job, by time alone where it still waits for a slot that meets its policy. */
  readonly finish: () => Promise<TrainingResult>;
  readonly close: () => Promise<void>;
}

/** Slots from a round's opening until its workers' energy has flowed: they order it in the slot of the opening. */
const TRAINING_SLOTS = 2;
/** More often nothing is left to do at one time. */
const MOST_TURNS = 40;

/** Opens the job's parties. Nothing is sent before the first slot of the reported day. */
export async function playTraining(input: PlayTrainingInput): Promise<PlayedTraining> {
  const { training, heldOut } = splitCorpus(input.corpus);
  const trainer = await openTrainer(SPEC_MODEL);
  mkdirSync(input.folder, { recursive: true });
  return new Training(input, trainer, training, heldOut);
}

class Training implements PlayedTraining {
  readonly #input: PlayTrainingInput;
  readonly #trainer: Trainer;
  readonly #training: Uint8Array;
  readonly #heldOut: Uint8Array;
  readonly #store: UpdateStore;
  #workers: Role[] = [];
  #others: Role[] = [];
  #played: PlayedWorker[] = [];
  #chain: JobsChain | undefined;
  #job = 0;
  #loadedRound = 0;
  #settled: { readonly at: number; readonly readings: ReturnType<JobsChain["settledReadings"]> } | undefined;

  constructor(input: PlayTrainingInput, trainer: Trainer, training: Uint8Array, heldOut: Uint8Array) {
    this.#input = input;
    this.#trainer = trainer;
    this.#training = training;
    this.#heldOut = heldOut;
    this.#store = directoryStore({ directory: input.models ?? join(input.folder, "store") });
  }

  async afterSlot(slot: number): Promise<void> {
    if (slot + 1 < this.#input.firstSlot) return;
    this.#chain ??= await this.#begin();
    await this.#play(this.#chain);
  }

  async settleRound(): Promise<void> {
    const { clock } = this.#input;
    for (let slots = 0; slots < MOST_TURNS && this.#chain !== undefined; ++slots) {
      const { state } = await this.#chain.job(this.#job);
      if (state === JOB_STATE.waiting || state === JOB_STATE.ended) return;
      clock.set(clock.now() + SLOT_SECONDS);
      await this.#play(this.#chain, false);
    }
  }

  async finish(): Promise<TrainingResult> {
    const chain = this.#chain;
    if (chain === undefined) throw new RangeError("a run has a first slot");
    const { clock } = this.#input;
    const { state, deadline } = await chain.job(this.#job);
    if (state === JOB_STATE.waiting) clock.set(Math.max(clock.now(), deadline));
    await this.#play(chain);
    return { job: this.#job, workers: this.#played, losses: await this.#losses() };
  }

  async close(): Promise<void> {
    for (const role of [...this.#workers, ...this.#others]) role.close();
    await this.#trainer.close();
  }

  /** Registers who takes part, posts the job and opens its parties. */
  async #begin(): Promise<JobsChain> {
    const { exchange, senders, clock, providers, seed, firstSlot, folder } = this.#input;
    const registered = await registerProviders({ exchange, senders, clock, providers, seed });
    const requester = this.#chainOf(senders.of("requester"));
    const requesterJournal = join(folder, "requester.sqlite");
    const scarcities = await this.#yesterday(providers.zone, firstSlot);
    const { job } = await postJob({
      chain: requester,
      store: this.#store,
      journalPath: requesterJournal,
      spec: demonstrationSpec(this.#trainer, seed),
      trainer: this.#trainer,
      validation: this.#heldOut,
      offer: jobOffer({ zone: providers.zone, workers: providers.workers.length, scarcities }),
    });
    this.#job = job;
    this.#openParties(registered, requester, requesterJournal);
    return requester;
  }

  #openParties(registered: readonly RegisteredProvider[], requester: JobsChain, requesterJournal: string): void {
    const { providers, seed, folder } = this.#input;
    const store = this.#store;
    const openShared = () => Promise.resolve(withoutClosing(this.#trainer));
    const shards = shardText(
      this.#training,
      providers.workers.map(({ part }) => part),
      seed,
    );
    registered.forEach(({ member, part, sender, address }, place) => {
      const chain = this.#chainOf(sender);
      const journalPath = join(folder, `${member.name}.sqlite`);
      const shared = { chain, job: this.#job, store, journalPath };
      if (part === undefined) {
        this.#others.push(openEvaluator({ ...shared, openTrainer: openShared }));
        return;
      }
      const behaviour = part === "poisoned" ? poisonedWorker() : honestWorker;
      const shard = shards[place] ?? new Uint8Array();
      this.#workers.push(openWorker({ ...shared, shard, behaviour, openTrainer: trainJobsHere(openShared) }));
      this.#played.push({ name: member.name, part, account: address, meter: member.key.address });
    });
    this.#others.push(openRequester({ chain: requester, store, journalPath: requesterJournal }));
  }

  /** Every party does what is due at this moment, until nobody has anything left to do. */
  async #play(chain: JobsChain, mayOpen = true): Promise<void> {
    const { clock, exchange } = this.#input;
    for (let turn = 0; turn < MOST_TURNS; ++turn) {
      const { state, round, drawBlock } = await chain.job(this.#job);
      if (state === JOB_STATE.commit && !(await this.#isTrained(chain, round))) return;
      if (state === JOB_STATE.waiting && !mayOpen) return;
      let moved = 0;
      for (const role of [...this.#workers, ...this.#others]) moved += (await role.step(clock.now())).length;
      if (moved > 0) continue;
      const { blockNumber } = await chain.head();
      // A draw waits for a block, which nobody but this day makes.
      if (state !== JOB_STATE.draw || BigInt(blockNumber) >= drawBlock) return;
      await mineAt(exchange.rpc, clock.now());
    }
  }

  /** Whether a round's energy has flowed. Where it was opened just now, it will: in the next slot. */
  async #isTrained(chain: JobsChain, round: number): Promise<boolean> {
    const { openSlot, seats } = await chain.round(this.#job, round);
    if (round > this.#loadedRound) {
      this.#loadedRound = round;
      for (const { meter } of seats) this.#input.load(meter, openSlot + 1, JOB_ENERGY_WH);
    }
    return slotOf(this.#input.clock.now()) >= openSlot + TRAINING_SLOTS;
  }

  /** What the meters of the zone took and gave in each slot of the day before: what the day's prices will expect. */
  async #yesterday(zone: number, firstSlot: number): Promise<number[]> {
    const slots = Array.from({ length: SLOTS_PER_DAY }, (_, i) => firstSlot - SLOTS_PER_DAY + i);
    const records = await Promise.all(slots.map((slot) => this.#input.exchange.slot(zone, slot)));
    return records.flatMap((record) => (record === undefined ? [] : [scarcityPpm(record)]));
  }

  async #losses(): Promise<number[]> {
    const { contract, events } = connectJobs(this.#input.exchange);
    const { modelRoot } = await contract.read("termsOf", [this.#job]);
    const ended = await events(["RoundEnded"], this.#job);
    const roots = [modelRoot, ...ended.map(({ args }) => args.modelRoot)];
    const losses: number[] = [];
    for (const root of roots) {
      const { weights } = decodeState(SPEC_MODEL, this.#trainer.parameters, await this.#store.get(root));
      const microNats = await this.#trainer.evaluate(weights, this.#heldOut);
      losses.push(Number(microNats) / 1e6 / (this.#heldOut.length - 1));
    }
    return losses;
  }

  #chainOf(sender: Sender): JobsChain {
    const { exchange, clock } = this.#input;
    const chain = createJobsChain(exchange, singleSender(clockedSender(exchange.rpc, sender, clock)));
    // The readings of the whole chain are many; all parties of this process look at the same ones.
    return { ...chain, settledReadings: () => this.#readings(chain) };
  }

  #readings(chain: JobsChain): ReturnType<JobsChain["settledReadings"]> {
    const at = this.#input.clock.now();
    if (this.#settled?.at !== at) this.#settled = { at, readings: chain.settledReadings() };
    return this.#settled.readings;
  }
}

/** The parties of one process share a trainer, which outlives each of them. */
function withoutClosing(trainer: Trainer): Trainer {
  return {
    model: trainer.model,
    parameters: trainer.parameters,
    kernelsHash: trainer.kernelsHash,
    initialWeights: (seed) => trainer.initialWeights(seed),
    train: (input) => trainer.train(input),
    evaluate: (weights, text) => trainer.evaluate(weights, text),
    sample: (input) => trainer.sample(input),
    close: () => Promise.resolve(),
  };
}
