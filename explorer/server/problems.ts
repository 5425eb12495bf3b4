import { JouleworkError, type JouleworkErrorParameters } from "../../src/errors.ts";
import { RpcError, RpcTransportError } from "../../src/chain/rpcErrors.ts";
import type { Problem } from "../api/problem.ts";
import { PASSING_FAILURES } from "../store/indexErrors.ts";

export type ProblemStatus = 400 | 404 | 413 | 429 | 500 | 503;

/** A refusal with its status. */
export class RefusedError extends JouleworkError {
  readonly status: ProblemStatus;

  constructor(status: ProblemStatus, parameters: JouleworkErrorParameters) {
    super(parameters);
    this.status = status;
  }
}

/** There is no such thing on this chain, or the index has not come to it yet. */
export function notFound(what: string, values: NonNullable<JouleworkErrorParameters["values"]> = {}): RefusedError {
  return new RefusedError(404, {
    code: "NOT_FOUND",
    what,
    values,
    hint: "Check it; where the index is still being made, it may come later.",
  });
}

/** The question itself is wrong. */
export function badRequest(
  code: string,
  what: string,
  values: NonNullable<JouleworkErrorParameters["values"]>,
  hint: string,
): RefusedError {
  return new RefusedError(400, { code, what, values, hint });
}

/** What a failure is to whoever asked: never a stack, nor a path of this machine. */
export function problemOf(error: unknown): { readonly status: ProblemStatus; readonly problem: Problem } {
  if (!(error instanceof JouleworkError)) return { status: 500, problem: UNEXPECTED };
  const values = Object.fromEntries(
    Object.entries(error.values).map(([key, value]) => [key, typeof value === "bigint" ? String(value) : value]),
  );
  const [what] = error.message.split(error.hint);
  const message = (what ?? error.message).trim();
  return { status: statusOf(error), problem: { code: error.code, message, what: message, values, hint: error.hint } };
}

const UNEXPECTED: Problem = {
  code: "UNEXPECTED",
  message: "The explorer failed at this question.",
  what: "The explorer failed at this question",
  values: {},
  hint: "Its log says more; please report it.",
};

function statusOf(error: JouleworkError): ProblemStatus {
  if (error instanceof RefusedError) return error.status;
  if (error instanceof RpcTransportError || PASSING_FAILURES.has(error.code)) return 503;
  // A contract's refusal answers what was asked of it.
  if (error instanceof RpcError) return error.revert === undefined ? 503 : 400;
  return 500;
}
