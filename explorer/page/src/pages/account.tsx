import type { AccountAnswer } from "../../../api/account.ts";
import { useAnswer } from "../answers/useAnswer.ts";
import { votes, whole } from "../format/quantities.ts";
import { BaseUnits, Credits } from "../parts/amounts.tsx";
import { Answered } from "../parts/answered.tsx";
import { EventTable } from "../parts/events.tsx";
import { Tiles } from "../parts/facts.tsx";
import { AddressLink } from "../parts/links.tsx";
import { PageHead } from "../parts/pageHead.tsx";
import { Panel } from "../parts/panel.tsx";
import { Origin } from "../parts/sourced.tsx";
import { Tag } from "../parts/states.tsx";
import { Table } from "../parts/table.tsx";

export function AccountPage({ address }: { readonly address: string }) {
  const asked = useAnswer("account", { params: { address } });
  return (
    <>
      <PageHead kind="Account" title={address}>
        {asked.answer?.name != null && <Tag>{asked.answer.name}</Tag>}
        {asked.answer?.roles.map((role) => (
          <Tag key={role}>{role}</Tag>
        ))}
      </PageHead>
      <Answered asked={asked} what="the account">
        {(account) => <Shown account={account} />}
      </Answered>
    </>
  );
}

function Shown({ account }: { readonly account: AccountAnswer }) {
  return (
    <>
      <Tiles
        tiles={[
          { label: "Credits", value: <BaseUnits baseUnits={account.creditBaseUnits} bare />, note: "credits" },
          { label: "Sites", value: whole(account.sites.length) },
          { label: "Providers", value: whole(account.providers.length) },
          { label: "Jobs", value: whole(account.jobs.length) },
          { label: "Votes", value: votes(account.votes) },
        ]}
      />
      <Panel title="Sites" wide>
        <Table
          caption="Sites"
          columns={[
            { head: "Site", cell: (site) => site.site, rowHead: true },
            { head: "Zone", cell: (site) => site.zone, numeric: true },
            {
              head: "Meters",
              cell: ({ meters }) => (
                <ul class="plain">
                  {meters.map((meter) => (
                    <li key={meter}>
                      <AddressLink address={meter} kind="meter" />
                    </li>
                  ))}
                </ul>
              ),
            },
            { head: "Bond (credits)", cell: (site) => <Credits ticks={site.bondTicks} bare />, numeric: true },
            { head: "Debt (credits)", cell: (site) => <Credits ticks={site.debtTicks} bare />, numeric: true },
          ]}
          rows={account.sites}
          empty="This account owns no site."
        />
      </Panel>
      <div class="columns">
        <Panel title="Providers of computing">
          <Table
            caption="Providers of computing"
            columns={[
              { head: "Provider", cell: (provider) => <AddressLink address={provider.provider} />, rowHead: true },
              { head: "Meter", cell: (provider) => <AddressLink address={provider.meter} kind="meter" /> },
              { head: "Accelerators", cell: (provider) => provider.accelerators, numeric: true },
              {
                head: "Stake (credits)",
                cell: (provider) => <Credits ticks={provider.stakeTicks} bare />,
                numeric: true,
              },
              {
                head: "Locked (credits)",
                cell: (provider) => <Credits ticks={provider.lockedTicks} bare />,
                numeric: true,
              },
            ]}
            rows={account.providers}
            empty="This account provides no computing."
          />
        </Panel>
        <Panel title="Training jobs">
          <Table
            caption="Training jobs"
            columns={[
              { head: "Job", cell: ({ job }) => <a href={`/job/${String(job)}`}>{job}</a>, rowHead: true },
              { head: "Part", cell: ({ part }) => part },
              { head: "Transaction", cell: ({ source }) => <Origin source={source} /> },
            ]}
            rows={account.jobs}
            empty="This account takes part in no job."
          />
        </Panel>
        <Panel title="Certificates">
          <Table
            caption="Certificates"
            columns={[
              {
                head: "Certificate",
                cell: ({ tokenId }) => <a href={`/certificate/${tokenId}`}>{tokenId}</a>,
                rowHead: true,
              },
              { head: "Amount (Wh)", cell: ({ amountWh }) => whole(BigInt(amountWh)), numeric: true },
            ]}
            rows={account.certificates}
            empty="This account holds no certificate."
          />
        </Panel>
        <Panel title="Transfers of credits" note="Newest first">
          <Table
            caption="Transfers of credits"
            columns={[
              { head: "From", cell: (transfer) => <AddressLink address={transfer.from} />, rowHead: true },
              { head: "To", cell: (transfer) => <AddressLink address={transfer.to} /> },
              { head: "Credits", cell: (transfer) => <BaseUnits baseUnits={transfer.baseUnits} bare />, numeric: true },
              { head: "Transaction", cell: (transfer) => <Origin source={transfer.source} /> },
            ]}
            rows={account.transfers}
            empty="No credits have moved."
          />
        </Panel>
      </div>
      <Panel title="Events" wide note={<a href={`/events?party=${account.address}`}>All events of this account</a>}>
        <EventTable caption="Newest events of this account" events={account.events.events} />
      </Panel>
    </>
  );
}
