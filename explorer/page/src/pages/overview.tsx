import { useState } from "preact/hooks";
import type { Overview } from "../../../api/overview.ts";
import { useAnswer } from "../answers/useAnswer.ts";
import { share, whole } from "../format/quantities.ts";
import { utc } from "../format/time.ts";
import { Credits, Price } from "../parts/amounts.tsx";
import { Answered } from "../parts/answered.tsx";
import { Tiles } from "../parts/facts.tsx";
import { AddressLink, BlockLink, SlotLink } from "../parts/links.tsx";
import { PageHead } from "../parts/pageHead.tsx";
import { Panel } from "../parts/panel.tsx";
import { Sourced } from "../parts/sourced.tsx";
import { Table } from "../parts/table.tsx";
import { words } from "../format/names.ts";
import { ZonePanel } from "./overview/zone.tsx";

const REFRESH_MS = 4_000;

export function OverviewPage() {
  const [live, setLive] = useState(true);
  const asked = useAnswer("overview", { everyMs: live ? REFRESH_MS : undefined });
  return (
    <>
      <PageHead title="Overview">
        <label class="live">
          <input type="checkbox" checked={live} onChange={(event) => setLive(event.currentTarget.checked)} /> Live
        </label>
      </PageHead>
      <Answered asked={asked} what="the overview">
        {(overview) => <Shown overview={overview} />}
      </Answered>
    </>
  );
}

function Shown({ overview }: { readonly overview: Overview }) {
  const { indexing, head, zones } = overview;
  const renewable = zones.flatMap((zone) => zone.slots).findLast((slot) => slot.renewablePpm !== null);
  const [zone] = zones;
  const priced = zone?.current ?? zone?.slots.at(-1);
  const label = (name: string) => (zone?.current == null ? `Last ${name} price` : `Present ${name} price`);
  return (
    <>
      {!indexing.done && (
        <p class="loading" role="status">
          The index has read up to block {whole(overview.indexedBlock)} of {whole(indexing.toBlock)}; figures are those
          of that block.
        </p>
      )}
      <Tiles
        tiles={[
          {
            label: label("import"),
            value: priced === undefined ? "–" : <Price ticksPerWh={priced.importPrice} bare />,
            note: zone === undefined ? "" : `credits/kWh, zone ${String(zone.zone)}`,
          },
          {
            label: label("feed-in"),
            value: priced === undefined ? "–" : <Price ticksPerWh={priced.exportPrice} bare />,
            note: "credits/kWh",
          },
          {
            label: "Renewable share",
            value: renewable?.renewablePpm == null ? "–" : share(renewable.renewablePpm),
            note: renewable === undefined ? "nothing metered yet" : `of export, slot ${String(renewable.slot)}`,
          },
          { label: "Open jobs", value: whole(overview.openJobs.length), note: <a href="/jobs">all jobs</a> },
          { label: "Credits in being", value: <Credits ticks={overview.supplyTicks} bare />, note: "credits" },
          { label: "Head", value: <BlockLink block={head.number} />, note: `${utc(head.time)} UTC` },
        ]}
      />
      {zones.length === 0 && <p class="empty">No zone has been created yet.</p>}
      {zones.map((zone) => (
        <ZonePanel key={zone.zone} zone={zone} />
      ))}
      <div class="columns">
        <Panel title="Newest blocks">
          <Table
            caption="Newest blocks"
            columns={[
              { head: "Block", cell: (block) => <BlockLink block={block.number} />, rowHead: true },
              { head: "Time (UTC)", cell: (block) => <span class="number">{utc(block.time)}</span> },
              { head: "Transactions", cell: (block) => whole(block.transactions), numeric: true },
              { head: "Gas", cell: (block) => whole(block.gasUsed), numeric: true },
            ]}
            rows={overview.blocks}
            empty="No block is indexed yet."
          />
        </Panel>
        <Panel title="Newest trades">
          <Table
            caption="Newest trades"
            columns={[
              { head: "Zone", cell: (trade) => trade.zone, numeric: true },
              { head: "Slot", cell: (trade) => <SlotLink zone={trade.zone} slot={trade.slot} />, rowHead: true },
              {
                head: "Price (credits/kWh)",
                cell: (trade) => (
                  <Sourced source={trade.source}>
                    <Price ticksPerWh={trade.clearingPrice} bare />
                  </Sourced>
                ),
                numeric: true,
              },
              { head: "Matched (Wh)", cell: (trade) => whole(trade.matchedWh), numeric: true },
              { head: "Cleared (UTC)", cell: (trade) => <span class="number">{utc(trade.time)}</span> },
            ]}
            rows={overview.trades}
            empty="Nothing has been traded yet."
          />
        </Panel>
        <Panel title="Open jobs">
          <Table
            caption="Open jobs"
            columns={[
              {
                head: "Job",
                cell: ({ kind, job }) => (
                  <a href={`/${kind === "federated" ? "job" : "reproducible"}/${String(job)}`}>
                    {kind} {job}
                  </a>
                ),
                rowHead: true,
              },
              { head: "State", cell: (job) => words(job.state) },
              { head: "Round", cell: (job) => job.round, numeric: true },
              { head: "Deadline (UTC)", cell: (job) => <span class="number">{utc(job.deadline)}</span> },
              { head: "Requester", cell: (job) => <AddressLink address={job.requester} /> },
            ]}
            rows={overview.openJobs}
            empty="No job is open."
          />
        </Panel>
        <Panel title="Contracts">
          <Table
            caption="Contracts of the deployment"
            columns={[
              {
                head: "Contract",
                cell: (contract) => <a href={`/contract/${contract.address}`}>{contract.name}</a>,
                rowHead: true,
              },
              { head: "Address", cell: (contract) => <code>{contract.address}</code> },
            ]}
            rows={overview.contracts}
            empty="The deployment names no contract."
          />
        </Panel>
      </div>
    </>
  );
}
