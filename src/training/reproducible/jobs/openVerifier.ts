import type { Journal } from "../../../journal/openJournal.ts";
import { jobError } from "../../jobs/jobErrors.ts";
import { attempt, collectHeld, type Role, type RoleAction } from "../../jobs/role.ts";
import type { Tape } from "../composeTape.ts";
import { challengerMove } from "../players/challengerMove.ts";
import { readDispute } from "../players/disputeView.ts";
import { challengerCall, isOpen, isOutOfTime } from "./disputeCalls.ts";
import { hexOf } from "./composeJob.ts";
import {
  openComputation,
  openComputationJournal,
  type ComputingPartyParameters,
  type DurableComputation,
} from "./openComputation.ts";
import { trained } from "./openProvider.ts";
import type { Challenge, ReproducibleChain } from "./reproducibleChain.ts";
import { REPRODUCIBLE_STATE, type DisputeInfo, type ReproducibleJobView } from "./reproducibleTypes.ts";
import { requireReproducibleJob } from "./settleDue.ts";

export interface OpenVerifierParameters extends ComputingPartyParameters {
  /** Most that the verifier puts as a challenge bond, ticks; 0 only compares. */
  readonly mostBondTicks: bigint;
}

/** What a verifier has found so far. */
export interface ClaimVerdict {
  /** Rounds that were computed and are as claimed. */
  readonly equalRounds: number;
  /** The first round that was claimed otherwise; nothing after it can be compared. */
  readonly differentRound: number | undefined;
  /** What a step of the job computes; undefined until something was to be computed. */
  readonly program: Tape | undefined;
  /** Whether there is nothing left to compare, to play or to collect. */
  readonly over: boolean;
}

export interface Verifier extends Role {
  readonly verdict: () => ClaimVerdict;
}

/**
 * Anybody who repeats a job: trains every round, compares it with its claim, challenges the first one that differs while its
 * window is open, and plays the dispute to its end. The chain knows its challenges; the journal what it has computed.
 */
export function openVerifier(parameters: OpenVerifierParameters): Verifier {
  return new ClaimVerifier(parameters);
}

class ClaimVerifier implements Verifier {
  readonly #parameters: OpenVerifierParameters;
  readonly #chain: ReproducibleChain;
  readonly #job: number;
  readonly #journal: Journal;
  #computation: DurableComputation | undefined;
  #equalRounds = 0;
  #differentRound: number | undefined;
  #over = false;

  constructor(parameters: OpenVerifierParameters) {
    this.#parameters = parameters;
    this.#chain = parameters.chain;
    this.#job = parameters.job;
    this.#journal = openComputationJournal("verifier", parameters);
  }

  verdict(): ClaimVerdict {
    const program = this.#computation?.composed.tape;
    return { equalRounds: this.#equalRounds, differentRound: this.#differentRound, program, over: this.#over };
  }

  async step(chainTime: number): Promise<readonly RoleAction[]> {
    if (await this.#chain.hasWaiting()) return [];
    const view = await this.#chain.job(this.#job);
    requireReproducibleJob(this.#job, view);
    const actions = [...(await this.#play(view, chainTime)), ...(await collectHeld(this.#chain, this.#job))];
    this.#over = actions.length === 0 && (await this.#isOver(view));
    await this.#computation?.forget(view.settledRounds, this.#over);
    return actions;
  }

  close(): void {
    this.#journal.close();
    void this.#computation?.close();
  }

  async #play(view: ReproducibleJobView, chainTime: number): Promise<RoleAction[]> {
    const own = await this.#ownDisputes();
    const moved: RoleAction[] = [];
    for (const challenge of own) moved.push(...(await this.#move(challenge, view, chainTime)));
    if (moved.length > 0) return moved;
    if (this.#differentRound !== undefined) return [];
    const round = this.#equalRounds;
    if (round < view.claimedRounds) return this.#verify(round, view, chainTime);
    // While nothing is claimed yet, training ahead keeps the windows long enough.
    const computation = await this.#open();
    const ahead = view.state === REPRODUCIBLE_STATE.training && round < computation.terms.rounds;
    return ahead && computation.rounds === round ? [trained(this.#job, await computation.next(), computation)] : [];
  }

  async #verify(round: number, view: ReproducibleJobView, chainTime: number): Promise<RoleAction[]> {
    const computation = await this.#open();
    if (computation.rounds <= round) return [trained(this.#job, await computation.next(), computation)];
    const claim = await this.#chain.claim(this.#job, round);
    const { checkpoints } = computation.computation.round(round);
    if (claim.checkpoints === hexOf(checkpoints.root)) {
      this.#equalRounds = round + 1;
      return [{ verb: "verify", job: this.#job, round, detail: "equal" }];
    }
    this.#differentRound = round;
    const told: RoleAction = {
      verb: "verify",
      job: this.#job,
      round,
      detail: this.#difference(round, view, chainTime, claim.windowEnd),
    };
    if (!this.#mayChallenge(round, view, chainTime, claim.windowEnd)) return [told];
    if ((await this.#ownDisputes()).some((challenge) => challenge.round === round)) return [told];
    await this.#chain.approve(computation.terms.challengeBondTicks);
    const call = { verb: "challenge", args: [this.#job, round] } as const;
    const detail = `bond ${String(computation.terms.challengeBondTicks)} ticks`;
    return [told, await attempt(this.#chain, call, { job: this.#job, round, detail })];
  }

  #mayChallenge(round: number, { state, settledRounds }: ReproducibleJobView, chainTime: number, end: number): boolean {
    const open = state === REPRODUCIBLE_STATE.training && round >= settledRounds && chainTime <= end;
    return open && this.#parameters.mostBondTicks > 0n;
  }

  #difference(round: number, view: ReproducibleJobView, chainTime: number, windowEnd: number): string {
    if (view.state !== REPRODUCIBLE_STATE.training) return "different; the job is over";
    if (round < view.settledRounds || chainTime > windowEnd) return "different; its window is over";
    return this.#parameters.mostBondTicks > 0n ? "different" : "different; a challenge needs --bond";
  }

  /** The next move of a dispute of this account, or its end. */
  async #move({ dispute, round }: Challenge, view: ReproducibleJobView, chainTime: number): Promise<RoleAction[]> {
    const info = await this.#chain.dispute(dispute);
    if (!isOpen(info)) return [];
    const about = { job: this.#job, round, detail: `dispute ${String(dispute)}` };
    if (view.state === REPRODUCIBLE_STATE.refuted) {
      return [await attempt(this.#chain, { verb: "withdrawChallenge", args: [dispute] }, about)];
    }
    if (info.providerMoves) {
      if (!isOutOfTime(info, chainTime)) return [];
      return [await attempt(this.#chain, { verb: "callTime", args: [dispute] }, about)];
    }
    if (isOutOfTime(info, chainTime)) return [];
    const move = await this.#pointed(dispute, round, info);
    return [await attempt(this.#chain, move, about)];
  }

  async #pointed(dispute: bigint, round: number, info: DisputeInfo) {
    const computation = await this.#open();
    // A journal that was lost: the round is computed again, as long as the clock runs.
    while (computation.rounds <= round) await computation.next();
    const view = readDispute(info);
    const named = view.height === 0 && view.phase !== "parts";
    const shown = named ? [Buffer.from(info.node.slice(2), "hex")] : await this.#chain.children(dispute);
    const move = await challengerMove(computation.computation.round(round), view, shown);
    if (move !== undefined) return challengerCall(dispute, move);
    throw jobError("DISPUTE_UNFOUNDED", "All that the provider shows is as it was computed here", {
      job: this.#job,
      dispute,
      phase: view.phase,
    });
  }

  async #ownDisputes(): Promise<readonly Challenge[]> {
    const all = await this.#chain.challenges(this.#job);
    return all.filter(({ challenger }) => challenger === this.#chain.account);
  }

  async #isOver({ state, claimedRounds }: ReproducibleJobView): Promise<boolean> {
    for (const { dispute } of await this.#ownDisputes()) {
      if (isOpen(await this.#chain.dispute(dispute))) return false;
    }
    if (this.#differentRound !== undefined) return true;
    if (this.#equalRounds < claimedRounds) return false;
    const { rounds } = await this.#chain.terms(this.#job);
    return this.#equalRounds === rounds || state > REPRODUCIBLE_STATE.training;
  }

  async #open(): Promise<DurableComputation> {
    if (this.#computation !== undefined) return this.#computation;
    const computation = await openComputation(this.#parameters, this.#journal);
    const { mostBondTicks } = this.#parameters;
    const { challengeBondTicks } = computation.terms;
    if (mostBondTicks > 0n && challengeBondTicks > mostBondTicks) {
      await computation.close();
      throw jobError("JOB_BOND_NOT_AGREED", "A challenge takes a larger bond than was agreed to", {
        job: this.#job,
        challengeBondTicks,
        agreedTicks: mostBondTicks,
      });
    }
    this.#computation = computation;
    return computation;
  }
}
