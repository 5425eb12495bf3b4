import { ContractRefusal } from "../../market/service/exchangeLink.ts";

/** One thing that a role did: sent a verb to the chain, or came to a result that its operator waits for. */
export interface RoleAction {
  readonly verb: string;
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
export async function attempt<Call extends { readonly verb: string }>(
  chain: { send(call: Call): Promise<void> },
  call: Call,
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

/** What of a chain collecting takes. */
export interface CollectingChain {
  readonly account: string;
  heldFor(account: string): Promise<bigint>;
  send(call: { readonly verb: "collect"; readonly args: readonly [string] }): Promise<void>;
}

/** Pays out what is held for the account. */
export async function collectHeld(chain: CollectingChain, job: number): Promise<RoleAction[]> {
  const held = await chain.heldFor(chain.account);
  if (held === 0n) return [];
  return [await attempt(chain, { verb: "collect", args: [chain.account] }, { job, detail: `${held} ticks` })];
}
