import { JouleworkError, type ErrorValue } from "../errors.ts";

/** Ends the handling of an event that cannot be part of the history that the audit has seen. */
export function mismatch(what: string, values: Readonly<Record<string, ErrorValue>>): never {
  throw new JouleworkError({
    code: "AUDIT_MISMATCH",
    what,
    values,
    hint: "The node left events out, the deployment's first block is wrong, or the history is not that of the contracts.",
  });
}
