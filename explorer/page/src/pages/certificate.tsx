import type { CertificateAnswer } from "../../../api/certificate.ts";
import { useAnswer } from "../answers/useAnswer.ts";
import { words } from "../format/names.ts";
import { energy, share, whole } from "../format/quantities.ts";
import { slotSpan } from "../format/time.ts";
import { Answered } from "../parts/answered.tsx";
import { EventTable } from "../parts/events.tsx";
import { Tiles } from "../parts/facts.tsx";
import { AddressLink, SlotLink } from "../parts/links.tsx";
import { PageHead } from "../parts/pageHead.tsx";
import { Panel } from "../parts/panel.tsx";
import { Sourced, Origin } from "../parts/sourced.tsx";
import { Table } from "../parts/table.tsx";

export function CertificatePage({ tokenId }: { readonly tokenId: string }) {
  const asked = useAnswer("certificate", { params: { tokenId } });
  return (
    <>
      <PageHead kind="Certificate" title={tokenId}>
        {asked.answer !== null && (
          <>
            <span>{words(asked.answer.energySource)}</span>
            <SlotLink zone={asked.answer.zone} slot={asked.answer.slot} />
            <span class="number">{slotSpan(asked.answer.slot)} UTC</span>
          </>
        )}
      </PageHead>
      <Answered asked={asked} what="the certificate">
        {(answer) => <Shown certificate={answer} />}
      </Answered>
    </>
  );
}

function Shown({ certificate }: { readonly certificate: CertificateAnswer }) {
  const { issuedWh, cancelledWh } = certificate;
  return (
    <>
      <Tiles
        tiles={[
          { label: "Issued", value: energy(issuedWh) },
          { label: "Cancelled", value: energy(cancelledWh) },
          { label: "Still to be used", value: energy(issuedWh - cancelledWh) },
          {
            label: "Used",
            value: issuedWh === 0 ? "–" : share(Math.round((cancelledWh / issuedWh) * 1e6)),
          },
        ]}
      />
      <p class="muted">From the meters whose readings it is drawn from, through every hand, to its use:</p>
      <ol class="stages">
        <li>
          <Panel title="Readings and issue" wide>
            <Table
              caption="Issues, each with the reading that it is drawn from"
              columns={[
                { head: "Meter", cell: ({ meter }) => <AddressLink address={meter} kind="meter" />, rowHead: true },
                { head: "Amount (Wh)", cell: ({ amountWh }) => whole(amountWh), numeric: true },
                { head: "Issued to", cell: ({ to }) => <AddressLink address={to} /> },
                { head: "Reading", cell: ({ reading }) => (reading === null ? "–" : <Origin source={reading} />) },
                { head: "Issue", cell: ({ source }) => <Origin source={source} /> },
              ]}
              rows={certificate.issues}
              empty="Nothing of this kind was issued."
            />
          </Panel>
        </li>
        <li>
          <Panel title="Transfers" wide>
            <Table
              caption="Transfers"
              columns={[
                { head: "From", cell: ({ from }) => <AddressLink address={from} />, rowHead: true },
                { head: "To", cell: ({ to }) => <AddressLink address={to} /> },
                { head: "Amount (Wh)", cell: ({ amountWh }) => whole(amountWh), numeric: true },
                { head: "Transaction", cell: ({ source }) => <Origin source={source} /> },
              ]}
              rows={certificate.transfers}
              empty="It has never changed hands."
            />
          </Panel>
        </li>
        <li>
          <Panel title="Cancellations" wide>
            <Table
              caption="Cancellations with their purpose"
              columns={[
                { head: "Account", cell: ({ account }) => <AddressLink address={account} />, rowHead: true },
                { head: "Beneficiary", cell: ({ beneficiary }) => beneficiary },
                { head: "Purpose", cell: ({ purpose }) => <span class="value-text">{purpose}</span> },
                {
                  head: "Job",
                  cell: ({ job }) => (job === null ? "–" : <a href={`/job/${String(job)}`}>{job}</a>),
                },
                {
                  head: "Amount (Wh)",
                  cell: ({ amountWh, source }) => <Sourced source={source}>{whole(amountWh)}</Sourced>,
                  numeric: true,
                },
                { head: "Transaction", cell: ({ source }) => <Origin source={source} /> },
              ]}
              rows={certificate.cancellations}
              empty="Nothing of it has been used yet."
            />
          </Panel>
        </li>
      </ol>
      <Panel title="Holders now" wide>
        <Table
          caption="Holders now"
          columns={[
            { head: "Account", cell: ({ account }) => <AddressLink address={account} />, rowHead: true },
            { head: "Amount (Wh)", cell: ({ amountWh }) => whole(amountWh), numeric: true },
          ]}
          rows={certificate.holders}
          empty="Nobody holds any of it."
        />
      </Panel>
      <Panel title="Events" wide>
        <EventTable caption="Events of this certificate" events={certificate.events.events} />
      </Panel>
    </>
  );
}
