import type { Governance, Proposal } from "../../../api/governance.ts";
import { useAnswer } from "../answers/useAnswer.ts";
import { words } from "../format/names.ts";
import { votes } from "../format/quantities.ts";
import { utc } from "../format/time.ts";
import { Answered } from "../parts/answered.tsx";
import { Facts } from "../parts/facts.tsx";
import { AddressLink } from "../parts/links.tsx";
import { PageHead } from "../parts/pageHead.tsx";
import { Panel } from "../parts/panel.tsx";
import { Sourced, Origin } from "../parts/sourced.tsx";
import { Tag } from "../parts/states.tsx";
import { Table } from "../parts/table.tsx";

export function GovernancePage() {
  const asked = useAnswer("governance");
  return (
    <>
      <PageHead title="Governance">
        {asked.answer !== null && (
          <span>
            {asked.answer.handedOver
              ? "The sites decide: the founding council has handed over."
              : "The founding council decides until it hands over to the sites."}
          </span>
        )}
      </PageHead>
      <Answered asked={asked} what="the proposals">
        {(governance) => <Shown governance={governance} />}
      </Answered>
    </>
  );
}

function Shown({ governance }: { readonly governance: Governance }) {
  return (
    <>
      {governance.proposals.length === 0 && <p class="empty">Nothing has been proposed yet.</p>}
      {governance.proposals.map((proposal) => (
        <ProposalPanel key={proposal.id} proposal={proposal} />
      ))}
      <Panel title="Waiting in the timelock" wide>
        <Table
          caption="Operations that wait in the timelock"
          columns={[
            { head: "Operation", cell: ({ id }) => <code class="break">{id}</code>, rowHead: true },
            { head: "May run from (UTC)", cell: ({ eta }) => <span class="number">{utc(eta)}</span> },
          ]}
          rows={governance.queue}
          empty="Nothing waits."
        />
      </Panel>
    </>
  );
}

function ProposalPanel({ proposal }: { readonly proposal: Proposal }) {
  const [title = "", ...rest] = proposal.description.split("\n");
  return (
    <Panel
      wide
      title={title === "" ? "Proposal without a description" : title}
      note={<Tag>{words(proposal.state)}</Tag>}
    >
      {rest.length > 0 && <p class="prose">{rest.join("\n").trim()}</p>}
      <h3>What it would do</h3>
      <ol class="moves">
        {proposal.calls.map((call, index) => (
          <li key={index}>
            <AddressLink address={call.target} kind="contract" name={call.contract} />
            <code class="call">{call.text}</code>
          </li>
        ))}
      </ol>
      <Facts
        facts={[
          ["For", votes(proposal.votes.for)],
          ["Against", votes(proposal.votes.against)],
          ["Abstain", votes(proposal.votes.abstain)],
          ["Vote", `${utc(proposal.voteStart)} to ${utc(proposal.voteEnd)} UTC`],
          ["May be executed from", proposal.eta === null ? "not queued" : `${utc(proposal.eta)} UTC`],
          ["Proposer", <AddressLink address={proposal.proposer} />],
          ["Proposed", <Origin source={proposal.source} />],
        ]}
      />
      <Table
        caption="Ballots"
        captionUnseen={false}
        columns={[
          { head: "Voter", cell: ({ voter }) => <AddressLink address={voter} />, rowHead: true },
          { head: "Vote", cell: ({ support }) => words(support) },
          { head: "Weight", cell: ({ weight }) => votes(weight), numeric: true },
          { head: "Reason", cell: ({ reason }) => <span class="value-text">{reason}</span> },
          { head: "Transaction", cell: ({ source }) => <Origin source={source} /> },
        ]}
        rows={proposal.ballots}
        empty="Nobody has voted yet."
      />
      <h3>What happened</h3>
      {proposal.moves.length === 0 ? (
        <p class="empty">Nothing since it was proposed.</p>
      ) : (
        <ol class="moves">
          {proposal.moves.map((move, index) => (
            <li key={index}>
              <Sourced source={move.source}>{move.text}</Sourced>
            </li>
          ))}
        </ol>
      )}
    </Panel>
  );
}
