import type { JobAnswer } from "../../../../api/job.ts";
import { energy, grams, share, whole } from "../../format/quantities.ts";
import { AddressLink, SlotLink } from "../../parts/links.tsx";
import { Panel } from "../../parts/panel.tsx";
import { Origin } from "../../parts/sourced.tsx";
import { Table } from "../../parts/table.tsx";

/** What the job consumed, watt-hour by watt-hour, and how much of it was covered by certificates of the same hour. */
export function Receipt({ receipt }: { readonly receipt: JobAnswer["receipt"] }) {
  return (
    <Panel
      wide
      title="Green receipt"
      note={
        <>
          <strong>{energy(receipt.energyWh)}</strong>, <strong>{grams(receipt.co2Mg)}</strong> CO₂
          {receipt.matchedPpm !== null && (
            <>
              , <strong>{share(receipt.matchedPpm)}</strong> matched by the hour
            </>
          )}
        </>
      }
    >
      <Table
        caption="Energy of the job by worker and slot"
        columns={[
          {
            head: "Slot",
            cell: ({ zone, slot }) => (zone === null ? slot : <SlotLink zone={zone} slot={slot} />),
            rowHead: true,
          },
          { head: "Worker", cell: ({ worker }) => <AddressLink address={worker} /> },
          { head: "Energy (Wh)", cell: ({ energyWh }) => whole(energyWh), numeric: true },
          { head: "Scarcity", cell: ({ scarcityPpm }) => share(scarcityPpm), numeric: true },
          { head: "CO₂ (g)", cell: ({ co2Mg }) => grams(co2Mg).replace(" g", ""), numeric: true },
          { head: "Transaction", cell: ({ source }) => <Origin source={source} /> },
        ]}
        rows={receipt.slots}
        empty="No energy has been proved for this job yet."
      />
    </Panel>
  );
}
