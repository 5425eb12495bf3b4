import type { ComponentChildren } from "preact";
import type { JobAnswer } from "../../../api/job.ts";
import type { Asked } from "../answers/useAnswer.ts";
import { words } from "../format/names.ts";
import { Credits } from "./amounts.tsx";
import { Answered } from "./answered.tsx";
import { EventTable } from "./events.tsx";
import type { Fact, Tile } from "./facts.tsx";
import { PageHead } from "./pageHead.tsx";
import { Panel } from "./panel.tsx";
import { Quantity, quantityName } from "./quantity.tsx";
import { Tag } from "./states.tsx";

interface JobFrameProps<A> {
  readonly kind: string;
  readonly job: number;
  readonly asked: Asked<A>;
  readonly children: (answer: A) => ComponentChildren;
}

/** A job's page: its number and state above whatever is shown of it. */
export function JobFrame<A extends { readonly state: string }>({ kind, job, asked, children }: JobFrameProps<A>) {
  return (
    <>
      <PageHead kind={kind} title={String(job)}>
        {asked.answer !== null && <Tag>{words(asked.answer.state)}</Tag>}
      </PageHead>
      <Answered asked={asked} what="the job">
        {children}
      </Answered>
    </>
  );
}

/** What a job's contract took, paid, gave back and holds. */
export function escrowTiles({ paidInTicks, paidOutTicks, refundedTicks, heldTicks }: JobAnswer["escrow"]): Tile[] {
  return [
    { label: "Paid in", value: <Credits ticks={paidInTicks} bare />, note: "credits" },
    { label: "Paid out", value: <Credits ticks={paidOutTicks} bare />, note: "credits" },
    { label: "Refunded", value: <Credits ticks={refundedTicks} bare />, note: "credits" },
    { label: "Still held", value: <Credits ticks={heldTicks} bare />, note: "credits" },
  ];
}

export function termFacts(terms: JobAnswer["terms"]): Fact[] {
  return Object.entries(terms).map(([name, value]) => [
    words(quantityName(name)),
    <Quantity name={name} value={value} />,
  ]);
}

interface JobEventsProps {
  /** Where all of them are. */
  readonly path: string;
  readonly events: JobAnswer["events"]["events"];
}

export function JobEvents({ path, events }: JobEventsProps) {
  return (
    <Panel title="Events" wide note={<a href={path}>All events of this job</a>}>
      <EventTable caption="Newest events of this job" events={events} />
    </Panel>
  );
}
