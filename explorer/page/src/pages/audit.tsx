import { useEffect, useState } from "preact/hooks";
import type { AuditRun } from "../../../api/audit.ts";
import type { Problem } from "../../../api/problem.ts";
import { ask, problemOf } from "../answers/ask.ts";
import { whole } from "../format/quantities.ts";
import { PageHead } from "../parts/pageHead.tsx";
import { ProblemBox, Tag } from "../parts/states.tsx";
import { Check } from "./audit/check.tsx";

const POLL_MS = 400;

export function AuditPage() {
  const { run, problem, start } = useAudit();
  const running = run?.state === "running";
  return (
    <>
      <PageHead title="Audit" />
      <p class="lead">
        The audit rebuilds every price, balance, certificate and payout from the chain alone and compares each with what
        the contracts hold, and the index with the chain.
      </p>
      <p>
        <button type="button" class="main" onClick={start} aria-disabled={running}>
          {running ? "The audit runs…" : run === null ? "Start an audit" : "Start it again"}
        </button>
      </p>
      {problem !== null && <ProblemBox problem={problem} />}
      {run !== null && <Shown run={run} />}
    </>
  );
}

function Shown({ run }: { readonly run: AuditRun }) {
  return (
    <>
      <div class="progress">
        <label>
          <span>
            {whole(run.done)} of {whole(run.total)} blocks read
          </span>
          <progress max={Math.max(1, run.total)} value={run.done} />
        </label>
      </div>
      <div role="status">
        <Verdict run={run} />
      </div>
      {run.checks.map((check) => (
        <Check key={check.name} check={check} />
      ))}
    </>
  );
}

function Verdict({ run }: { readonly run: AuditRun }) {
  const failed = run.checks.filter((check) => !check.passed);
  switch (run.state) {
    case "running":
      return null;
    case "passed":
      return (
        <p class="verdict">
          <Tag tone="good">passed</Tag> All {whole(run.checks.length)} checks hold: no difference.
        </p>
      );
    case "failed":
      return (
        <p class="verdict">
          <Tag tone="bad">failed</Tag> {whole(failed.length)} of {whole(run.checks.length)} checks found differences.
        </p>
      );
    case "broken":
      return (
        <p class="verdict">
          <Tag tone="bad">broken off</Tag> {run.problem ?? "The audit broke off without a reason."}
        </p>
      );
  }
}

/** Starts an audit and follows it to its end. */
function useAudit(): { run: AuditRun | null; problem: Problem | null; start: () => void } {
  const [run, setRun] = useState<AuditRun | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  useEffect(() => {
    if (run?.state !== "running") return;
    const abort = new AbortController();
    const timer = setTimeout(() => {
      ask("audit", { params: { id: run.id }, signal: abort.signal }).then(setRun, (error: unknown) => {
        if (abort.signal.aborted) return;
        setProblem(problemOf(error));
        setRun(null);
      });
    }, POLL_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [run]);
  const start = () => {
    if (run?.state === "running") return;
    setProblem(null);
    ask("startAudit", { method: "POST" }).then(setRun, (error: unknown) => setProblem(problemOf(error)));
  };
  return { run, problem, start };
}
