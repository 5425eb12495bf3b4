import type { SlotReading } from "../../../../api/slot.ts";
import { whole } from "../../format/quantities.ts";
import { Credits } from "../../parts/amounts.tsx";
import { AddressLink } from "../../parts/links.tsx";
import { Panel } from "../../parts/panel.tsx";
import { Origin } from "../../parts/sourced.tsx";
import { Tag } from "../../parts/states.tsx";
import { Table, type Column } from "../../parts/table.tsx";

const COLUMNS: readonly Column<SlotReading>[] = [
  { head: "Meter", cell: (reading) => <AddressLink address={reading.meter} kind="meter" />, rowHead: true },
  {
    head: "Kind",
    cell: (reading) => (reading.kind === "ordinary" ? "ordinary" : <Tag tone="bad">{reading.kind}</Tag>),
  },
  { head: "Import (Wh)", cell: (reading) => whole(reading.importWh), numeric: true },
  { head: "Export (Wh)", cell: (reading) => whole(reading.exportWh), numeric: true },
  { head: "Position (Wh)", cell: (reading) => whole(reading.positionWh), numeric: true },
  { head: "Deviation (Wh)", cell: (reading) => whole(reading.imbalanceWh), numeric: true },
  { head: "Trade (credits)", cell: (reading) => <Credits ticks={reading.tradeTicks} bare />, numeric: true },
  { head: "Deviation (credits)", cell: (reading) => <Credits ticks={reading.imbalanceTicks} bare />, numeric: true },
  { head: "Network (credits)", cell: (reading) => <Credits ticks={reading.networkTicks} bare />, numeric: true },
  { head: "Levy (credits)", cell: (reading) => <Credits ticks={reading.levyTicks} bare />, numeric: true },
  { head: "Balance after (credits)", cell: (reading) => <Credits ticks={reading.balanceTicks} bare />, numeric: true },
  { head: "Transaction", cell: (reading) => <Origin source={reading.source} /> },
];

/** What was metered, how it deviates from what was traded, and how it was paid. */
export function ReadingTable({ readings }: { readonly readings: readonly SlotReading[] }) {
  return (
    <Panel
      title="Readings and payments"
      wide
      note="Positive energy is import, a positive deviation is short; positive money is in the meter's favour"
    >
      <Table
        caption="Readings and payments"
        columns={COLUMNS}
        rows={readings}
        empty="No meter has been read for this slot yet."
      />
    </Panel>
  );
}
