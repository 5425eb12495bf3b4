import { useEffect, useState } from "preact/hooks";
import type { Problem } from "../../../api/problem.ts";
import { problemOf } from "../answers/ask.ts";
import { OPENAPI_PATH, readOperations, type Operation } from "../answers/openApi.ts";
import { PageHead } from "../parts/pageHead.tsx";
import { Panel } from "../parts/panel.tsx";
import { Loading, ProblemBox } from "../parts/states.tsx";
import { Table } from "../parts/table.tsx";

export function ApiPage() {
  const [operations, setOperations] = useState<readonly Operation[] | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  useEffect(() => {
    readOperations().then(setOperations, (error: unknown) => setProblem(problemOf(error)));
  }, []);
  return (
    <>
      <PageHead title="API">
        <a href={OPENAPI_PATH} data-document>
          OpenAPI document
        </a>
      </PageHead>
      <p class="lead">
        Everything on these pages is an answer of these questions, which anybody may ask. Answers are JSON; money is in
        ticks, energy in watt-hours and time in seconds since 1970.
      </p>
      {problem !== null && <ProblemBox problem={problem} />}
      {operations === null && problem === null && <Loading what="the questions" />}
      {operations !== null && (
        <Panel title="Questions" wide>
          <Table
            caption="Questions that the server answers"
            columns={[
              { head: "Path", cell: ({ path }) => <code>{path}</code>, rowHead: true },
              { head: "Method", cell: ({ method }) => method },
              { head: "Answer", cell: ({ summary }) => summary },
              { head: "Parameters", cell: ({ parameters }) => parameters.join(", ") },
            ]}
            rows={operations}
            empty="The document names no question."
          />
        </Panel>
      )}
    </>
  );
}
