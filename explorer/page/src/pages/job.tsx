import type { JobAnswer } from "../../../api/job.ts";
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
import { LossChart } from "./job/losses.tsx";
import { Receipt } from "./job/receipt.tsx";
import { Round } from "./job/round.tsx";
import { ScoreChart } from "./job/scores.tsx";

/** While losses are measured an answer may take three seconds. */
const LOSSES_AGAIN_MS = 4_000;

export function JobPage({ job }: { readonly job: number }) {
  const asked = useAnswer("job", {
    params: { job },
    everyMs: (answer) => (answer?.lossesPending === true ? LOSSES_AGAIN_MS : undefined),
  });
  return (
    <JobFrame kind="Training job" job={job} asked={asked}>
      {(answer) => <Shown job={answer} />}
    </JobFrame>
  );
}

function Shown({ job }: { readonly job: JobAnswer }) {
  const { escrow } = job;
  return (
    <>
      <Tiles tiles={[...escrowTiles(escrow), { label: "Rounds", value: whole(job.rounds.length) }]} />
      <LossChart losses={job.losses} pending={job.lossesPending} />
      <ScoreChart rounds={job.rounds} />
      {job.rounds.map((round) => (
        <Round key={round.round} round={round} />
      ))}
      <Receipt receipt={job.receipt} />
      <div class="columns">
        <Panel title="Payouts">
          <Table
            caption="Payouts"
            columns={[
              { head: "Account", cell: ({ account }) => <AddressLink address={account} />, rowHead: true },
              { head: "As", cell: ({ part }) => part },
              {
                head: "Amount (credits)",
                cell: ({ amountTicks }) => <Credits ticks={amountTicks} bare />,
                numeric: true,
              },
            ]}
            rows={job.payouts}
            empty="Nobody has been paid yet."
          />
        </Panel>
        <Panel title="Terms as posted">
          <Facts
            facts={[
              ["Requester", <AddressLink address={job.requester} />],
              ["Posted", <Sourced source={job.posted}>block {job.posted.blockNumber}</Sourced>],
              ["Deadline", job.deadline === 0 ? "–" : `${utc(job.deadline)} UTC`],
              ["Specification", <Value value={job.specHash} />],
              ...termFacts(job.terms),
            ]}
          />
        </Panel>
      </div>
      <JobEvents path={`/events?job=${String(job.job)}`} events={job.events.events} />
    </>
  );
}
