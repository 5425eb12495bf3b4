import { ContractRefusal } from "../../market/service/exchangeLink.ts";
import type { JobCall, JobsChain, JobVerb } from "./jobsChain.ts";

/** One thing that a role did on the chain. */
export interface RoleAction {
  readonly verb: JobVerb;
  readonly job: number;
  /** Undefined where the verb is not for a round. */
  readonly round?: number | undefined;
  /** For people: hashes, scores, amounts. */
  readonly detail?: string | undefined;
  /** Name of the contract's error where it said no, so that nothing changed. */
  readonly refusal?: string | undefined;
}

/** A party of jobs as a state machine. It may be closed or killed at any point and opened again. */
export interface Role {
  /** Does at most what is due at this chain time. Repeating it changes nothing that was done. */
  step(chainTime: number): Promise<readonly RoleAction[]>;
  close(): void;
}

/** A line for an operator. */
export function formatAction({ verb, job, round, detail, refusal }: RoleAction): string {
  const place = round === undefined ? `job ${job}` : `job ${job} round ${round}`;
  const told = detail === undefined ? "" : ` (${detail})`;
  return `${place}: ${verb}${told}${refusal === undefined ? "" : ` refused: ${refusal}`}`;
}

/** Sends a verb; what the contract refuses is told, since the next step looks at the chain again. */
export async function attempt(
  chain: JobsChain,
  call: JobCall,
  about: Omit<RoleAction, "verb" | "refusal">,
): Promise<RoleAction> {
  try {
    await chain.send(call);
    return { ...about, verb: call.verb };
  } catch (error) {
    if (error instanceof ContractRefusal) return { ...about, verb: call.verb, refusal: error.errorName };
    throw error;
  }
}

/** Pays out what is held for the account. */
export async function collectHeld(chain: JobsChain, job: number): Promise<RoleAction[]> {
  const held = await chain.heldFor(chain.account);
  if (held === 0n) return [];
  return [await attempt(chain, { verb: "collect", args: [chain.account] }, { job, detail: `${held} ticks` })];
}
