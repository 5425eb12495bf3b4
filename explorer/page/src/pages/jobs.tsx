import { useAnswer } from "../answers/useAnswer.ts";
import { words } from "../format/names.ts";
import { AddressLink } from "../parts/links.tsx";
import { Answered } from "../parts/answered.tsx";
import { PageHead } from "../parts/pageHead.tsx";
import { Panel } from "../parts/panel.tsx";
import { Origin } from "../parts/sourced.tsx";
import { Table } from "../parts/table.tsx";

export function JobsPage() {
  const asked = useAnswer("jobs");
  return (
    <>
      <PageHead title="Training jobs" />
      <Answered asked={asked} what="the jobs">
        {({ jobs }) => (
          <Panel title="Jobs" wide note="Newest first">
            <Table
              caption="Training jobs"
              columns={[
                { head: "Job", cell: ({ job }) => <a href={`/job/${String(job)}`}>{job}</a>, rowHead: true },
                { head: "State", cell: ({ state }) => words(state) },
                { head: "Round", cell: ({ round }) => round, numeric: true },
                { head: "Requester", cell: ({ requester }) => <AddressLink address={requester} /> },
                { head: "Posted", cell: ({ posted }) => <Origin source={posted} /> },
              ]}
              rows={jobs}
              empty="No job has been posted yet."
            />
          </Panel>
        )}
      </Answered>
    </>
  );
}
