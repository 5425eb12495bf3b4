import type { Problem } from "../../../api/problem.ts";
import type { Answer, RouteName } from "../../../api/routes.ts";
import { askPath, type Values } from "./routePaths.ts";

/** A question that the server did not answer, in words for the reader. */
export class AskError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.message);
    this.problem = problem;
  }
}

export interface Question {
  readonly params?: Values;
  readonly query?: Values;
  readonly method?: "GET" | "POST";
  readonly signal?: AbortSignal;
}

/**
 * Asks the server.
 * @throws {AskError} where it cannot be reached or answers with a problem.
 */
export async function ask<Name extends RouteName>(name: Name, question: Question = {}): Promise<Answer<Name>> {
  const { params, query, method = "GET", signal = null } = question;
  const answer = await fetch(askPath(name, params, query), {
    method,
    signal,
    headers: { accept: "application/json" },
  }).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new AskError({
      code: "SERVER_UNREACHABLE",
      message: "The explorer's server does not answer.",
      hint: "Look whether it still runs, then try again.",
    });
  });
  const body: unknown = await answer.json().catch(() => null);
  if (answer.ok && body !== null) return body as Answer<Name>;
  throw new AskError(isProblem(body) ? body : unexplained(answer.status));
}

function isProblem(body: unknown): body is Problem {
  return typeof body === "object" && body !== null && "code" in body && "message" in body && "hint" in body;
}

function unexplained(status: number): Problem {
  return {
    code: `HTTP_${String(status)}`,
    message: `The server answered with status ${String(status)} and no explanation.`,
    hint: "Try again; if it stays, its log says more.",
  };
}

/** What went wrong, for a box on the page. */
export function problemOf(error: unknown): Problem {
  if (error instanceof AskError) return error.problem;
  const message = error instanceof Error ? error.message : String(error);
  return { code: "PAGE_FAILED", message, hint: "Load the page again." };
}
