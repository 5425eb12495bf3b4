import { inspect } from "node:util";

/** What an error may carry: plain values that can be printed and compared. */
export type ErrorValue = string | number | bigint | boolean | null;

export interface JouleworkErrorParameters {
  /** Stable, machine-readable, upper snake case: what a program tests for. */
  readonly code: string;
  /** What went wrong, as a sentence without its full stop. */
  readonly what: string;
  readonly values?: Readonly<Record<string, ErrorValue>>;
  /** What the reader should do next, as a whole sentence. */
  readonly hint: string;
  readonly cause?: unknown;
}

/** Every failure that Joulework expects: its message says what happened, with which values, and what to do next. */
export class JouleworkError extends Error {
  override readonly name = "JouleworkError";
  readonly code: string;
  readonly values: Readonly<Record<string, ErrorValue>>;
  readonly hint: string;

  constructor({ code, what, values = {}, hint, cause }: JouleworkErrorParameters) {
    super(composeMessage(what, values, hint), cause === undefined ? undefined : { cause });
    this.code = code;
    this.values = Object.freeze({ ...values });
    this.hint = hint;
  }
}

/**
 * The text that an entry point prints before it exits. An error that Joulework or the operating system explains gets no
 * stack, because its reader can act on the message; anything else is a defect, and its stack is what a report needs.
 */
export function formatForUser(error: unknown): string {
  if (error instanceof JouleworkError) {
    return [`Error ${error.code}: ${error.message}`, ...causeLines(error)].join("\n");
  }
  if (isSystemError(error)) {
    return `Error ${error.code}: ${describe(error)}`;
  }
  if (error instanceof Error) {
    return [`Unexpected error: ${describe(error)}`, ...stackLines(error), ...causeLines(error)].join("\n");
  }
  return `Unexpected error: ${String(error)}`;
}

function composeMessage(what: string, values: Readonly<Record<string, ErrorValue>>, hint: string): string {
  const listed = Object.entries(values).map(([key, value]) => `${key} = ${printable(value)}`);
  return listed.length === 0 ? `${what}. ${hint}` : `${what}: ${listed.join(", ")}. ${hint}`;
}

function printable(value: ErrorValue): string {
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

// An AggregateError of the network layer has an empty message; what it gathered says what happened.
function describe(error: Error): string {
  if (error.message === "" && error instanceof AggregateError) {
    return error.errors.map((part) => (part instanceof Error ? part.message : String(part))).join("; ");
  }
  return error.message;
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException & { code: string } {
  return error instanceof Error && "syscall" in error && "code" in error && typeof error.code === "string";
}

function causeLines(error: Error): string[] {
  const lines: string[] = [];
  const seen = new Set<unknown>([error]);
  for (let cause = error.cause; cause !== undefined && !seen.has(cause);) {
    seen.add(cause);
    lines.push(`  caused by: ${cause instanceof Error ? describe(cause) : printableCause(cause)}`);
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return lines;
}

function printableCause(cause: unknown): string {
  return typeof cause === "string" ? cause : inspect(cause);
}

function stackLines(error: Error): string[] {
  return (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
}
