import type { ReproducibleAnswer } from "../../../api/reproducible.ts";
import { useAnswer } from "../answers/useAnswer.ts";
import { whole } from "../format/quantities.ts";
import { utc } from "../format/time.ts";
import { Credits } from "../parts/amounts.tsx";
import { Value } from "../parts/events.tsx";
import { Facts, Tiles } from "../parts/facts.tsx";
import { escrowTiles, JobEvents, JobFrame, termFacts } from "../parts/jobPage.tsx";
import { AddressLink } from "../parts/links.tsx";
import { Panel } from "../parts/panel.tsx";
import { Sourced } from "../parts/sourced.tsx";
import { Table } from "../parts/table.tsx";
import { Dispute } from "./reproducible/dispute.tsx";

export function ReproduciblePage({ job }: { readonly job: number }) {
  const asked = useAnswer("reproducibleJob", { params: { job } });
  return (
    <JobFrame kind="Reproducible job" job={job} asked={asked}>
      {(answer) => <Shown job={answer} />}
    </JobFrame>
  );
}

function Shown({ job }: { readonly job: ReproducibleAnswer }) {
  const { escrow, bond } = job;
  return (
    <>
      <Tiles
        tiles={[
          ...escrowTiles(escrow),
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
            ...termFacts(job.terms),
          ]}
        />
      </Panel>
      <JobEvents path={`/events?reproducible=${String(job.job)}`} events={job.events.events} />
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
