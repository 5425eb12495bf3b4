import { useEffect, useState } from "preact/hooks";
import type { Problem } from "../../../api/problem.ts";
import type { Answer } from "../../../api/routes.ts";
import { ask, problemOf } from "./ask.ts";
import { askPath, type Values } from "./routePaths.ts";
import { useAnswer } from "./useAnswer.ts";

/** Routes whose answers carry the cursor of the next page. */
type PagedName = "meter" | "block" | "events";

export interface Pages<A> {
  /** The answers so far, the first one first; empty while it loads. */
  readonly pages: readonly A[];
  readonly problem: Problem | null;
  readonly hasMore: boolean;
  readonly loadingMore: boolean;
  readonly more: () => void;
  readonly askAgain: () => void;
}

/** Asks for the first page of a list at once, and for the next one on demand. */
export function usePages<Name extends PagedName>(
  name: Name,
  { params = {}, query = {} }: { params?: Values; query?: Values },
): Pages<Answer<Name>> {
  const first = useAnswer(name, { params, query });
  const path = askPath(name, params, query);
  const [later, setLater] = useState<readonly Answer<Name>[]>([]);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [loadingMore, setLoadingMore] = useState(false);

  useEffect(() => {
    setLater([]);
    setProblem(null);
    setLoadingMore(false);
  }, [path]);

  const pages = first.answer === null ? [] : [first.answer, ...later];
  const cursor = pages.at(-1)?.next;
  const more = () => {
    if (cursor === undefined || loadingMore) return;
    setLoadingMore(true);
    ask(name, { params, query: { ...query, cursor } })
      .then(
        (answer) => {
          setLater((before) => [...before, answer]);
          setProblem(null);
        },
        (error: unknown) => setProblem(problemOf(error)),
      )
      .finally(() => setLoadingMore(false));
  };
  return {
    pages,
    problem: first.problem ?? problem,
    hasMore: cursor !== undefined,
    loadingMore,
    more,
    askAgain: first.askAgain,
  };
}
