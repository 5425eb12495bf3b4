import { JouleworkError, type ErrorValue } from "../../errors.ts";

const HINTS = {
  JOB_UNKNOWN: "Give the number that posting the job told; numbers start at 1.",
  JOB_JOURNAL_FOREIGN: "Use the journal that belongs to this chain, contract and account, or a new file.",
  JOB_JOURNAL_LOST:
    "Continue with the journal that this account committed with. Without it nothing can be revealed and the bond is lost.",
  JOB_ROUND_CHANGED: "The chain was started anew or reorganised since: use a new journal for the new chain.",
  JOB_KERNELS_DIFFER: "Run the version of Joulework whose kernels the specification names.",
  JOB_UPDATE_TOO_LARGE: "The terms allow fewer bytes than the model's update has: do not join this job.",
  JOB_VALIDATION_MISSING: "Open the journal that the job was posted with.",
  JOB_SLICES_SHORT: "Give a text of at least sliceBytes a round, or a specification with shorter slices.",
  JOB_POST_UNSURE: "Wait until the account's transactions are in a block, then post again: nothing is posted twice.",
  JOB_TERMS_DIFFER: "Do not put a bond: the job was posted for something else than its specification and text say.",
  JOB_CORPUS_DIFFERS: "Give the text that the specification names by its hash.",
  JOB_BOND_NOT_AGREED: "Agree to the bond with --bond, or leave the job alone.",
  JOB_TAKEN: "Another account provides for this job, or it is over: look for another job.",
  DISPUTE_UNFOUNDED: "Let the challenge go: what the provider shows is what was computed here.",
  INTENSITY_INVALID: "Give a CSV file with the header timestamp,g_per_kwh, rising times and no negative values.",
} as const;

/** The expected failures of the roles of jobs. */
export function jobError(
  code: keyof typeof HINTS,
  what: string,
  values: Readonly<Record<string, ErrorValue>> = {},
  cause?: unknown,
): JouleworkError {
  return new JouleworkError({ code, what, values, hint: HINTS[code], ...(cause === undefined ? {} : { cause }) });
}
