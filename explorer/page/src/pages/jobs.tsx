import { useAnswer } from "../answers/useAnswer.ts";
import { words } from "../format/names.ts";
import { whole } from "../format/quantities.ts";
import { AddressLink } from "../parts/links.tsx";
import { Answered } from "../parts/answered.tsx";
import { PageHead } from "../parts/pageHead.tsx";
import { Panel } from "../parts/panel.tsx";
import { Origin } from "../parts/sourced.tsx";
import { Table } from "../parts/table.tsx";

export function JobsPage() {
  return (
    <>
      <PageHead title="Training jobs" />
      <FederatedJobs />
      <ReproducibleJobs />
    </>
  );
}

function FederatedJobs() {
  const asked = useAnswer("jobs");
  return (
    <Answered asked={asked} what="the federated jobs">
      {({ jobs }) => (
        <Panel title="Federated" wide note="Newest first">
          <Table
            caption="Federated jobs"
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
  );
}

/** Jobs that anybody can repeat and challenge. */
function ReproducibleJobs() {
  const asked = useAnswer("reproducibleJobs");
  return (
    <Answered asked={asked} what="the reproducible jobs">
      {({ jobs }) => (
        <Panel title="Reproducible" wide note="Newest first">
          <Table
            caption="Reproducible jobs"
            columns={[
              { head: "Job", cell: ({ job }) => <a href={`/reproducible/${String(job)}`}>{job}</a>, rowHead: true },
              { head: "State", cell: ({ state }) => words(state) },
              { head: "Rounds claimed", cell: ({ claimedRounds }) => whole(claimedRounds), numeric: true },
              { head: "Disputes", cell: ({ disputes }) => whole(disputes), numeric: true },
              {
                head: "Provider",
                cell: ({ provider }) => (provider === null ? "–" : <AddressLink address={provider} />),
              },
              { head: "Requester", cell: ({ requester }) => <AddressLink address={requester} /> },
              { head: "Posted", cell: ({ posted }) => <Origin source={posted} /> },
            ]}
            rows={jobs}
            empty="No job has been posted yet."
          />
        </Panel>
      )}
    </Answered>
  );
}
