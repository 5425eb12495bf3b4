import { useAnswer, type Asked } from "../answers/useAnswer.ts";
import type { Source } from "../../../api/primitives.ts";
import { words } from "../format/names.ts";
import { whole } from "../format/quantities.ts";
import { AddressLink } from "../parts/links.tsx";
import { Answered } from "../parts/answered.tsx";
import { PageHead } from "../parts/pageHead.tsx";
import { Panel } from "../parts/panel.tsx";
import { Origin } from "../parts/sourced.tsx";
import { Table, type Column } from "../parts/table.tsx";

/** What is listed of a job of either kind. */
interface Listed {
  readonly job: number;
  readonly state: string;
  readonly requester: string;
  readonly posted: Source;
}

interface JobListProps<Job extends Listed> {
  readonly title: string;
  /** Of a job's page, without its number. */
  readonly path: string;
  readonly asked: Asked<{ readonly jobs: readonly Job[] }>;
  /** What only this kind of job has. */
  readonly columns: readonly Column<Job>[];
}

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
    <JobList
      title="Federated"
      path="/job"
      asked={asked}
      columns={[{ head: "Round", cell: ({ round }) => round, numeric: true }]}
    />
  );
}

/** Jobs that anybody can repeat and challenge. */
function ReproducibleJobs() {
  const asked = useAnswer("reproducibleJobs");
  return (
    <JobList
      title="Reproducible"
      path="/reproducible"
      asked={asked}
      columns={[
        { head: "Rounds claimed", cell: ({ claimedRounds }) => whole(claimedRounds), numeric: true },
        { head: "Disputes", cell: ({ disputes }) => whole(disputes), numeric: true },
        {
          head: "Provider",
          cell: ({ provider }) => (provider === null ? "–" : <AddressLink address={provider} />),
        },
      ]}
    />
  );
}

function JobList<Job extends Listed>({ title, path, asked, columns }: JobListProps<Job>) {
  const name = `${title} jobs`;
  return (
    <Answered asked={asked} what={`the ${name.toLowerCase()}`}>
      {({ jobs }) => (
        <Panel title={title} wide note="Newest first">
          <Table
            caption={name}
            columns={[
              { head: "Job", cell: ({ job }) => <a href={`${path}/${String(job)}`}>{job}</a>, rowHead: true },
              { head: "State", cell: ({ state }) => words(state) },
              ...columns,
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
