import type { ReproducibleAnswer } from "../../../api/reproducible.ts";
import { useAnswer } from "../answers/useAnswer.ts";
import { words } from "../format/names.ts";
import { whole } from "../format/quantities.ts";
import { utc } from "../format/time.ts";
import { Credits } from "../parts/amounts.tsx";
import { Answered } from "../parts/answered.tsx";
import { EventTable, Value } from "../parts/events.tsx";
import { Facts, Tiles, type Fact } from "../parts/facts.tsx";
import { AddressLink } from "../parts/links.tsx";
import { PageHead } from "../parts/pageHead.tsx";
import { Panel } from "../parts/panel.tsx";
import { Quantity, quantityName } from "../parts/quantity.tsx";
import { Sourced } from "../parts/sourced.tsx";
import { Tag } from "../parts/states.tsx";
import { Table } from "../parts/table.tsx";
import { Dispute } from "./reproducible/dispute.tsx";

export function ReproduciblePage({ job }: { readonly job: number }) {
  const asked = useAnswer("reproducibleJob", { params: { job } });
  return (
    <>
      <PageHead kind="Reproducible job" title={String(job)}>
        {asked.answer !== null && <Tag>{words(asked.answer.state)}</Tag>}
      </PageHead>
      <Answered asked={asked} what="the job">
        {(answer) => <Shown job={answer} />}
      </Answered>
    </>
  );
}

function Shown({ job }: { readonly job: ReproducibleAnswer }) {
  const { escrow, bond } = job;
  return (
    <>
      <Tiles
        tiles={[
          { label: "Paid in", value: <Credits ticks={escrow.paidInTicks} bare />, note: "credits" },
          { label: "Paid out", value: <Credits ticks={escrow.paidOutTicks} bare />, note: "credits" },
          { label: "Refunded", value: <Credits ticks={escrow.refundedTicks} bare />, note: "credits" },
          { label: "Still held", value: <Credits ticks={escrow.heldTicks} bare />, note: "credits" },
          { label: "Provider's bond", value: <Credits ticks={bond.ticks} bare />, note: `credits, ${bondWords(bond)}` },
        ]}
      />
      <Rounds rounds={job.rounds} />
      {!job.movesKnown && (
        <p class="problem" role="alert">
          The node cannot say what some transactions called, so moves of disputes are missing here.
        </p>
      )}
      {job.disputes.map((dispute) => (
        <Dispute key={dispute.dispute} dispute={dispute} />
      ))}
      <Panel title="Terms as posted" wide>
        <Facts
          facts={[
            ["Requester", <AddressLink address={job.requester} />],
            ["Provider", job.provider === null ? "nobody yet" : <AddressLink address={job.provider} />],
            ["Posted", <Sourced source={job.posted}>block {job.posted.blockNumber}</Sourced>],
            [
              "Accepted",
              job.accepted === null ? (
                "not yet"
              ) : (
                <Sourced source={job.accepted}>block {job.accepted.blockNumber}</Sourced>
              ),
            ],
            [
              "Ended",
              job.ended === null ? "not yet" : <Sourced source={job.ended}>block {job.ended.blockNumber}</Sourced>,
            ],
            ["Next claim until", job.claimDeadline === 0 || job.ended !== null ? "–" : `${utc(job.claimDeadline)} UTC`],
            ...Object.entries(job.terms).map(([name, value]): Fact => [
              words(quantityName(name)),
              <Quantity name={name} value={value} />,
            ]),
          ]}
        />
      </Panel>
      <Panel title="Events" wide note={<a href={`/events?reproducible=${String(job.job)}`}>All events of this job</a>}>
        <EventTable caption="Newest events of this job" events={job.events.events} />
      </Panel>
    </>
  );
}

function bondWords({ outcome }: ReproducibleAnswer["bond"]): string {
  return outcome === "none" ? "not put" : outcome;
}

function Rounds({ rounds }: { readonly rounds: ReproducibleAnswer["rounds"] }) {
  return (
    <Panel title="Rounds" wide note="What the provider claimed, and until when it may be challenged">
      <Table
        caption="Claims of rounds"
        columns={[
          { head: "Round", cell: ({ round }) => round, rowHead: true },
          {
            head: "Claimed",
            cell: ({ claimed }) => <Sourced source={claimed}>block {claimed.blockNumber}</Sourced>,
          },
          { head: "Root of checkpoints", cell: ({ checkpoints }) => <Value value={checkpoints} /> },
          { head: "State at its end", cell: ({ endState }) => <Value value={endState} /> },
          { head: "Window until (UTC)", cell: ({ windowEnd }) => <span class="number">{utc(windowEnd)}</span> },
          { head: "Open disputes", cell: ({ openDisputes }) => whole(openDisputes), numeric: true },
          {
            head: "Paid (credits)",
            cell: ({ paid, paidTicks }) =>
              paid === null ? (
                "–"
              ) : (
                <Sourced source={paid}>
                  <Credits ticks={paidTicks} bare />
                </Sourced>
              ),
            numeric: true,
          },
        ]}
        rows={rounds}
        empty="No round has been claimed yet."
      />
    </Panel>
  );
}
