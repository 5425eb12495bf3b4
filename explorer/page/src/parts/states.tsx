import type { ComponentChildren } from "preact";
import type { Problem } from "../../../api/problem.ts";

interface ProblemBoxProps {
  readonly problem: Problem;
  readonly askAgain?: () => void;
}

/** An error of the server in words, with what to do. */
export function ProblemBox({ problem, askAgain }: ProblemBoxProps) {
  return (
    <div class="problem" role="alert">
      <p>
        <strong>{problem.message}</strong>
      </p>
      <p>{problem.hint}</p>
      <p class="muted">
        <code>{problem.code}</code>
        {askAgain !== undefined && (
          <>
            {" "}
            <button type="button" onClick={askAgain}>
              Try again
            </button>
          </>
        )}
      </p>
    </div>
  );
}

export function Loading({ what }: { readonly what: string }) {
  return (
    <p class="loading" role="status">
      Loading {what}…
    </p>
  );
}

type Tone = "plain" | "good" | "bad";

/** A short state. The words say it; the colour only repeats it. */
export function Tag({ tone = "plain", children }: { readonly tone?: Tone; readonly children: ComponentChildren }) {
  return <span class={`tag ${tone}`}>{children}</span>;
}
