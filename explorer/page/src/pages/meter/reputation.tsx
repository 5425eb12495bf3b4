import type { MeterAnswer } from "../../../../api/meter.ts";
import { share, votes } from "../../format/quantities.ts";
import { utc } from "../../format/time.ts";
import { Panel } from "../../parts/panel.tsx";
import { Sourced, Origin } from "../../parts/sourced.tsx";
import { Table } from "../../parts/table.tsx";

const DAY_SECONDS = 86_400;

/** How the site's scores moved, and by what. */
export function Reputation({ changes }: { readonly changes: MeterAnswer["reputation"] }) {
  return (
    <Panel title="Reputation of its site" wide note="Each change with the samples and faults that caused it">
      <Table
        caption="Reputation of its site"
        columns={[
          { head: "Day (UTC)", cell: ({ day }) => utc(day * DAY_SECONDS).slice(0, 10), rowHead: true },
          { head: "Reliability", cell: (change) => share(change.reliabilityPpm), numeric: true },
          { head: "Efficiency", cell: (change) => share(change.efficiencyPpm), numeric: true },
          { head: "Contribution", cell: (change) => share(change.contributionPpm), numeric: true },
          { head: "Tier", cell: (change) => change.tier, numeric: true },
          { head: "Votes", cell: (change) => votes(change.votes), numeric: true },
          {
            head: "Causes",
            cell: ({ causes }) =>
              causes.length === 0 ? (
                <span class="muted">passing of time</span>
              ) : (
                <ul class="plain">
                  {causes.map((cause, index) => (
                    <li key={index}>
                      <Sourced source={cause.source}>{cause.text}</Sourced>
                    </li>
                  ))}
                </ul>
              ),
          },
          { head: "Transaction", cell: (change) => <Origin source={change.source} /> },
        ]}
        rows={changes}
        empty="The site's scores have not been recorded yet; they are once a day."
      />
    </Panel>
  );
}
