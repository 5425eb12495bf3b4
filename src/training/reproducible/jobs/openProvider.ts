import { JouleworkError } from "../../../errors.ts";
import type { Journal } from "../../../journal/openJournal.ts";
import { jobError } from "../../jobs/jobErrors.ts";
import { attempt, collectHeld, type Role, type RoleAction } from "../../jobs/role.ts";
import { readDispute } from "../players/disputeView.ts";
import { providerMove } from "../players/providerMove.ts";
import { hexOf } from "./composeJob.ts";
import { isOpen, isOutOfTime, providerCall } from "./disputeCalls.ts";
import {
  openComputation,
  openComputationJournal,
  type ComputingPartyParameters,
  type DurableComputation,
} from "./openComputation.ts";
import { honestProvider, type ProviderBehaviour } from "./providerBehaviour.ts";
import type { ReproducibleChain } from "./reproducibleChain.ts";
import { REPRODUCIBLE_STATE, type ReproducibleJobView } from "./reproducibleTypes.ts";
import { requireReproducibleJob, settleDue } from "./settleDue.ts";

export interface OpenProviderParameters extends ComputingPartyParameters {
  /** Most that the provider puts as its bond, ticks. */
  readonly mostBondTicks: bigint;
  readonly behaviour?: ProviderBehaviour;
}

/**
 * The provider of one job: checks the posted terms, accepts, trains, claims round by round, answers every dispute, settles what
 * is due and collects. A step trains up to one checkpoint at most, so that clocks of disputes are looked at in between.
 */
export function openProvider(parameters: OpenProviderParameters): Role {
  return new Provider(parameters);
}

class Provider implements Role {
  readonly #parameters: OpenProviderParameters;
  readonly #chain: ReproducibleChain;
  readonly #job: number;
  readonly #journal: Journal;
  #computation: DurableComputation | undefined;
  #diverged = false;

  constructor(parameters: OpenProviderParameters) {
    this.#parameters = parameters;
    this.#chain = parameters.chain;
    this.#job = parameters.job;
    this.#journal = openComputationJournal("provider", parameters);
  }

  async step(chainTime: number): Promise<readonly RoleAction[]> {
    if (await this.#chain.hasWaiting()) return [];
    const view = await this.#chain.job(this.#job);
    requireReproducibleJob(this.#job, view);
    const played = await this.#play(view, chainTime);
    const { settledRounds, state } = played.length === 0 ? view : await this.#chain.job(this.#job);
    await this.#computation?.forget(settledRounds, state > REPRODUCIBLE_STATE.training);
    return [...played, ...(await collectHeld(this.#chain, this.#job))];
  }

  close(): void {
    this.#journal.close();
    void this.#computation?.close();
  }

  async #play(view: ReproducibleJobView, chainTime: number): Promise<RoleAction[]> {
    const { state, provider, requester } = view;
    if (state === REPRODUCIBLE_STATE.posted) return this.#accept();
    if (provider !== this.#chain.account) {
      throw jobError("JOB_TAKEN", "The job is not this account's to defend", { job: this.#job, provider, requester });
    }
    if (state !== REPRODUCIBLE_STATE.training) return [];
    // Ready to answer before anybody asks.
    const computation = await this.#open();
    const answered = await this.#answer(computation, chainTime);
    if (answered.length > 0) return answered;
    const settled = await settleDue(this.#chain, this.#job, view, chainTime);
    if (settled.length > 0) return settled;
    return this.#goOn(computation, view, chainTime);
  }

  async #accept(): Promise<RoleAction[]> {
    // What cannot be trained here, or is not what was posted, is found out before a bond is put.
    const { terms } = await this.#open();
    const { mostBondTicks } = this.#parameters;
    if (terms.bondTicks > mostBondTicks) {
      throw jobError("JOB_BOND_NOT_AGREED", "The job's bond is more than was agreed to", {
        job: this.#job,
        bondTicks: terms.bondTicks,
        agreedTicks: mostBondTicks,
      });
    }
    await this.#chain.approve(terms.bondTicks);
    return [
      await attempt(
        this.#chain,
        { verb: "accept", args: [this.#job] },
        { job: this.#job, detail: `bond ${String(terms.bondTicks)} ticks` },
      ),
    ];
  }

  /** The next move of every dispute that waits for the provider, and the end of those whose challenger is silent. */
  async #answer(computation: DurableComputation, chainTime: number): Promise<RoleAction[]> {
    const actions: RoleAction[] = [];
    for (const { dispute, round } of await this.#chain.challenges(this.#job)) {
      const info = await this.#chain.dispute(dispute);
      if (!isOpen(info)) continue;
      const about = { job: this.#job, round, detail: `dispute ${String(dispute)}` };
      if (isOutOfTime(info, chainTime)) {
        // Its own clock is for others to call.
        if (info.providerMoves) continue;
        actions.push(await attempt(this.#chain, { verb: "callTime", args: [dispute] }, about));
      } else if (info.providerMoves) {
        // A journal that was lost: the round is computed again, as long as the clock runs.
        if (computation.rounds <= round) return [...actions, ...(await this.#train(computation))];
        const move = await providerMove(computation.knowledge(round), readDispute(info));
        actions.push(await attempt(this.#chain, providerCall(dispute, move), about));
      }
    }
    return actions;
  }

  /** Trains up to the next checkpoint, or claims a round that is complete. */
  async #goOn(computation: DurableComputation, view: ReproducibleJobView, chainTime: number): Promise<RoleAction[]> {
    const { claimedRounds, settledRounds, claimDeadline } = view;
    if (this.#diverged) return claimedRounds === settledRounds ? [await this.#stop()] : [];
    if (claimedRounds === computation.terms.rounds || chainTime > claimDeadline) return [];
    if (computation.rounds <= claimedRounds) return this.#train(computation);
    const { checkpoints } = computation.computation.round(claimedRounds);
    const last = computation.terms.checkpoints - 1;
    const [root, endState] = [hexOf(checkpoints.root), hexOf(checkpoints.leaf(last))];
    const siblings = checkpoints.proof(last).map(hexOf);
    return [
      await attempt(
        this.#chain,
        { verb: "claim", args: [this.#job, root, endState, siblings] },
        { job: this.#job, round: claimedRounds, detail: `state ${endState}` },
      ),
    ];
  }

  async #train(computation: DurableComputation): Promise<RoleAction[]> {
    try {
      return [trained(this.#job, await computation.next(), computation)];
    } catch (error) {
      if (!(error instanceof JouleworkError) || error.code !== "TRAINING_DIVERGED") throw error;
      this.#diverged = true;
      return [{ verb: "train", job: this.#job, detail: error.message }];
    }
  }

  #stop(): Promise<RoleAction> {
    return attempt(this.#chain, { verb: "stop", args: [this.#job] }, { job: this.#job, detail: "the bond comes back" });
  }

  async #open(): Promise<DurableComputation> {
    const { behaviour = honestProvider } = this.#parameters;
    return (this.#computation ??= await openComputation(this.#parameters, this.#journal, behaviour.steps));
  }
}

/** What reaching a checkpoint is told as. */
export function trained(
  job: number,
  { round, checkpoint }: { readonly round: number; readonly checkpoint: number },
  { terms }: DurableComputation,
): RoleAction {
  return { verb: "train", job, round, detail: `checkpoint ${String(checkpoint)} of ${String(terms.checkpoints)}` };
}
