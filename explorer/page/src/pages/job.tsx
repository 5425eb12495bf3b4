import type { JobAnswer } from "../../../api/job.ts";
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
import { LossChart } from "./job/losses.tsx";
import { Receipt } from "./job/receipt.tsx";
import { Round } from "./job/round.tsx";
import { ScoreChart } from "./job/scores.tsx";

export function JobPage({ job }: { readonly job: number }) {
  const asked = useAnswer("job", { params: { job } });
  return (
    <>
      <PageHead kind="Training job" title={String(job)}>
        {asked.answer !== null && <Tag>{words(asked.answer.state)}</Tag>}
      </PageHead>
      <Answered asked={asked} what="the job">
        {(answer) => <Shown job={answer} />}
      </Answered>
    </>
  );
}

function Shown({ job }: { readonly job: JobAnswer }) {
  const { escrow } = job;
  return (
    <>
      <Tiles
        tiles={[
          { label: "Paid in", value: <Credits ticks={escrow.paidInTicks} bare />, note: "credits" },
          { label: "Paid out", value: <Credits ticks={escrow.paidOutTicks} bare />, note: "credits" },
          { label: "Refunded", value: <Credits ticks={escrow.refundedTicks} bare />, note: "credits" },
          { label: "Still held", value: <Credits ticks={escrow.heldTicks} bare />, note: "credits" },
          { label: "Rounds", value: whole(job.rounds.length) },
        ]}
      />
      <LossChart losses={job.losses} />
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
              ["Deadline", `${utc(job.deadline)} UTC`],
              ["Specification", <Value value={job.specHash} />],
              ...Object.entries(job.terms).map(([name, value]): Fact => [
                words(quantityName(name)),
                <Quantity name={name} value={value} />,
              ]),
            ]}
          />
        </Panel>
      </div>
      <Panel title="Events" wide note={<a href={`/events?job=${String(job.job)}`}>All events of this job</a>}>
        <EventTable caption="Newest events of this job" events={job.events.events} />
      </Panel>
    </>
  );
}
