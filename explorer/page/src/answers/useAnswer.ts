import { useEffect, useRef, useState } from "preact/hooks";
import type { Problem } from "../../../api/problem.ts";
import type { Answer, RouteName } from "../../../api/routes.ts";
import { ask, problemOf } from "./ask.ts";
import { askPath, type Values } from "./routePaths.ts";

export interface Asked<A> {
  /** The newest answer; it stays while it is asked for again. */
  readonly answer: A | null;
  readonly problem: Problem | null;
  readonly askAgain: () => void;
}

export interface AskOptions<A> {
  readonly params?: Values;
  readonly query?: Values;
  /** Asks again this often while the document is visible, or as often as the last answer gives reason to. Undefined: never. */
  readonly everyMs?: number | ((answer: A | null) => number | undefined) | undefined;
}

interface Held<A> {
  readonly path: string;
  readonly answer: A | null;
  readonly problem: Problem | null;
}

/** Asks a question and, on another question, another: the answer to an earlier one never shows under a later one. */
export function useAnswer<Name extends RouteName>(
  name: Name,
  options: AskOptions<Answer<Name>> = {},
): Asked<Answer<Name>> {
  const { params, query } = options;
  const path = askPath(name, params, query);
  const [held, setHeld] = useState<Held<Answer<Name>>>({ path, answer: null, problem: null });
  const current = held.path === path ? held : { answer: null, problem: null };
  const everyMs = typeof options.everyMs === "function" ? options.everyMs(current.answer) : options.everyMs;
  const [round, setRound] = useState(0);
  const latest = useRef({ params, query });
  latest.current = { params, query };

  useEffect(() => {
    const abort = new AbortController();
    const { params = {}, query = {} } = latest.current;
    ask(name, { params, query, signal: abort.signal }).then(
      (answer) => {
        if (!abort.signal.aborted) setHeld({ path, answer, problem: null });
      },
      (error: unknown) => {
        if (abort.signal.aborted) return;
        setHeld((before) => ({
          path,
          answer: before.path === path ? before.answer : null,
          problem: problemOf(error),
        }));
      },
    );
    return () => abort.abort();
  }, [name, path, round]);

  useEffect(() => {
    if (everyMs === undefined) return;
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") setRound((count) => count + 1);
    }, everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);

  return { answer: current.answer, problem: current.problem, askAgain: () => setRound((count) => count + 1) };
}
