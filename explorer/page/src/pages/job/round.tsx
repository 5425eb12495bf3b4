import type { JobAnswer } from "../../../../api/job.ts";
import { words } from "../../format/names.ts";
import { bytes, nats, share, whole } from "../../format/quantities.ts";
import { Credits, Price } from "../../parts/amounts.tsx";
import { Value } from "../../parts/events.tsx";
import { Facts } from "../../parts/facts.tsx";
import { AddressLink } from "../../parts/links.tsx";
import { Panel } from "../../parts/panel.tsx";
import { Sourced } from "../../parts/sourced.tsx";
import { Tag } from "../../parts/states.tsx";
import { Table, type Column } from "../../parts/table.tsx";

type JobRound = JobAnswer["rounds"][number];
type Worker = JobRound["workers"][number];

const WORKERS: readonly Column<Worker>[] = [
  { head: "Worker", cell: ({ provider }) => <AddressLink address={provider} />, rowHead: true },
  { head: "State", cell: ({ status }) => words(status) },
  { head: "Score (nats)", cell: ({ score }) => (score === null ? "–" : nats(score)), numeric: true },
  {
    head: "Pay (credits)",
    cell: ({ paidTicks, paid }) => (
      <Sourced source={paid}>
        <Credits ticks={paidTicks} bare />
      </Sourced>
    ),
    numeric: true,
  },
  { head: "Update", cell: ({ sizeBytes }) => (sizeBytes === null ? "–" : bytes(sizeBytes)), numeric: true },
  {
    head: "Root",
    cell: ({ updateRoot, revealed }) =>
      updateRoot === null ? (
        "–"
      ) : (
        <Sourced source={revealed}>
          <code title={updateRoot}>{updateRoot.slice(0, 10)}…</code>
        </Sourced>
      ),
  },
  {
    head: "Committed",
    cell: ({ committed }) =>
      committed === null ? "–" : <Sourced source={committed}>block {committed.blockNumber}</Sourced>,
  },
];

/** A round from its opening to its pay. */
export function Round({ round }: { readonly round: JobRound }) {
  const { opened, ended, outcome } = round;
  return (
    <Panel
      wide
      title={`Round ${String(round.round)}`}
      note={
        <>
          {outcome !== null && <Tag>{words(outcome)}</Tag>}{" "}
          {opened !== null && (
            <span>
              opened in slot <Sourced source={opened.source}>{opened.slot}</Sourced> at{" "}
              <Price ticksPerWh={opened.importPrice} />, scarcity {share(opened.scarcityPpm)}
            </span>
          )}
        </>
      }
    >
      <Table
        caption={`Workers of round ${String(round.round)}`}
        columns={WORKERS}
        rows={round.workers}
        empty="No worker has joined yet."
      />
      {round.evaluators.length > 0 && (
        <Table
          caption={`Evaluators of round ${String(round.round)}`}
          captionUnseen={false}
          columns={[
            { head: "Evaluator", cell: ({ evaluator }) => <AddressLink address={evaluator} />, rowHead: true },
            { head: "Kind", cell: ({ kind }) => words(kind) },
            { head: "Revealed", cell: ({ revealed }) => (revealed ? "yes" : "no") },
            { head: "Pay (credits)", cell: ({ paidTicks }) => <Credits ticks={paidTicks} bare />, numeric: true },
          ]}
          rows={round.evaluators}
          empty=""
        />
      )}
      {round.disputeMoves.length > 0 && (
        <>
          <h3>Result and disputes</h3>
          <ol class="moves">
            {round.disputeMoves.map((move, index) => (
              <li key={index}>
                <Sourced source={move.source}>{move.text}</Sourced>
                {move.party !== null && (
                  <>
                    {" "}
                    by <AddressLink address={move.party} />
                  </>
                )}
                {move.reproducibleJob !== null && (
                  <>
                    {" in "}
                    <a href={`/reproducible/${String(move.reproducibleJob)}`}>
                      reproducible job {move.reproducibleJob}
                    </a>
                  </>
                )}
              </li>
            ))}
          </ol>
        </>
      )}
      <Facts
        facts={[
          ["Model after the round", round.modelRoot === null ? "–" : <Value value={round.modelRoot} />],
          ["Workers at its opening", opened === null ? "–" : whole(opened.workers)],
          ["Ended", ended === null ? "not yet" : <Sourced source={ended}>block {ended.blockNumber}</Sourced>],
        ]}
      />
    </Panel>
  );
}
