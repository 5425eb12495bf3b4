import type { ComponentChildren } from "preact";
import type { Asked } from "../answers/useAnswer.ts";
import { Loading, ProblemBox } from "./states.tsx";

interface AnsweredProps<A> {
  readonly asked: Asked<A>;
  readonly what: string;
  readonly children: (answer: A) => ComponentChildren;
}

/** Shows an answer, or that it loads, or why there is none. A refresh that fails keeps the last answer below its reason. */
export function Answered<A>({ asked, what, children }: AnsweredProps<A>) {
  const { answer, problem, askAgain } = asked;
  return (
    <>
      {problem !== null && <ProblemBox problem={problem} askAgain={askAgain} />}
      {answer === null && problem === null && <Loading what={what} />}
      {answer !== null && children(answer)}
    </>
  );
}
