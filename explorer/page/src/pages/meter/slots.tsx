import type { MeterSlot } from "../../../../api/meter.ts";
import { whole } from "../../format/quantities.ts";
import { Credits, Price } from "../../parts/amounts.tsx";
import { SlotLink } from "../../parts/links.tsx";
import { Origin } from "../../parts/sourced.tsx";
import { Tag } from "../../parts/states.tsx";
import { Table, type Column } from "../../parts/table.tsx";

/** Six hours. */
const SLOTS_AT_FIRST = 24;

/** What was traded, metered and paid, slot by slot. */
export function MeterSlots({ zone, slots }: { readonly zone: number; readonly slots: readonly MeterSlot[] }) {
  const columns: readonly Column<MeterSlot>[] = [
    { head: "Slot", cell: ({ slot }) => <SlotLink zone={zone} slot={slot} />, rowHead: true },
    { head: "Kind", cell: ({ kind }) => (kind === "ordinary" ? kind : <Tag tone="bad">{kind}</Tag>) },
    { head: "Import (Wh)", cell: (slot) => whole(slot.importWh), numeric: true },
    { head: "Export (Wh)", cell: (slot) => whole(slot.exportWh), numeric: true },
    { head: "Traded (Wh)", cell: (slot) => whole(slot.positionWh), numeric: true },
    {
      head: "Price (credits/kWh)",
      cell: ({ clearingPrice }) => (clearingPrice === null ? "–" : <Price ticksPerWh={clearingPrice} bare />),
      numeric: true,
    },
    { head: "Deviation (Wh)", cell: (slot) => whole(slot.imbalanceWh), numeric: true },
    { head: "Money (credits)", cell: (slot) => <Credits ticks={slot.moneyTicks} bare />, numeric: true },
    { head: "Balance after (credits)", cell: (slot) => <Credits ticks={slot.balanceTicks} bare />, numeric: true },
    { head: "Import register (Wh)", cell: (slot) => whole(slot.importRegisterWh), numeric: true },
    { head: "Export register (Wh)", cell: (slot) => whole(slot.exportRegisterWh), numeric: true },
    { head: "Transaction", cell: (slot) => <Origin source={slot.source} /> },
  ];
  return (
    <Table
      caption="Settled slots"
      columns={columns}
      rows={slots}
      empty="No slot of this meter is settled yet."
      rowsAtFirst={SLOTS_AT_FIRST}
    />
  );
}
