import type { TargetedSubmitEvent } from "preact";
import { useState } from "preact/hooks";
import type { ContractAnswer } from "../../../../api/contract.ts";
import type { Problem } from "../../../../api/problem.ts";
import type { Answer } from "../../../../api/routes.ts";
import { ask, problemOf } from "../../answers/ask.ts";
import { Argument } from "../../parts/argument.tsx";
import { Panel } from "../../parts/panel.tsx";
import { ProblemBox } from "../../parts/states.tsx";
import { Table } from "../../parts/table.tsx";
import { parseArgument } from "./parseArgument.ts";

type Read = ContractAnswer["reads"][number];

interface ReadsProps {
  readonly address: string;
  readonly reads: readonly Read[];
}

/** The read functions: what those without arguments answer now, and a form for each of the others. */
export function Reads({ address, reads }: ReadsProps) {
  const plain = reads.filter((read) => read.inputs.length === 0);
  const asking = reads.filter((read) => read.inputs.length > 0);
  return (
    <Panel title="Read functions" wide note="As of the newest block">
      <Table
        caption="Read functions without arguments and their answers"
        columns={[
          { head: "Function", cell: ({ signature }) => <code>{signature}</code>, rowHead: true },
          { head: "Answer", cell: ({ answer }) => <Argument value={answer ?? "–"} /> },
        ]}
        rows={plain}
        empty="No function can be read without arguments."
      />
      {asking.map((read) => (
        <details key={read.signature}>
          <summary>
            <code>{read.signature}</code>
          </summary>
          <AskForm address={address} read={read} />
        </details>
      ))}
    </Panel>
  );
}

type Outcome = { readonly answer: Answer<"call"> } | { readonly problem: Problem } | null;

function AskForm({ address, read }: { readonly address: string; readonly read: Read }) {
  const [outcome, setOutcome] = useState<Outcome>(null);
  const submit = async (event: TargetedSubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const args = read.inputs.map(({ type }, index) => {
      const typed = form.get(String(index));
      return parseArgument(type, typeof typed === "string" ? typed : "");
    });
    try {
      const answer = await ask("call", {
        params: { address },
        query: { signature: read.signature, args: JSON.stringify(args) },
      });
      setOutcome({ answer });
    } catch (error) {
      setOutcome({ problem: problemOf(error) });
    }
  };
  return (
    <form class="filter" onSubmit={(event) => void submit(event)}>
      {read.inputs.map(({ name, type }, index) => (
        <label key={index}>
          <span>
            {name === "" ? `Argument ${String(index + 1)}` : name} <span class="muted">{type}</span>
          </span>
          <input name={String(index)} required autocomplete="off" spellcheck={false} />
        </label>
      ))}
      <button type="submit">Ask</button>
      <div class="outcome" aria-live="polite">
        {outcome !== null &&
          ("problem" in outcome ? (
            <ProblemBox problem={outcome.problem} />
          ) : (
            <Table
              caption={`Answer of ${read.signature}`}
              columns={[
                { head: "Name", cell: ({ name }) => (name === "" ? "–" : name), rowHead: true },
                { head: "Type", cell: ({ type }) => <code>{type}</code> },
                { head: "Value", cell: ({ value }) => <Argument value={value} /> },
              ]}
              rows={outcome.answer.outputs}
              empty="It answered nothing."
            />
          ))}
      </div>
    </form>
  );
}
