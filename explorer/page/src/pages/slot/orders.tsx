import type { SlotAnswer, SlotOrder } from "../../../../api/slot.ts";
import { words } from "../../format/names.ts";
import { share, whole } from "../../format/quantities.ts";
import { Credits, Price } from "../../parts/amounts.tsx";
import { AddressLink } from "../../parts/links.tsx";
import { Panel } from "../../parts/panel.tsx";
import { Origin } from "../../parts/sourced.tsx";
import { Tag } from "../../parts/states.tsx";
import { Table, type Column } from "../../parts/table.tsx";

const COLUMNS: readonly Column<SlotOrder>[] = [
  { head: "Meter", cell: (order) => <AddressLink address={order.meter} kind="meter" />, rowHead: true },
  { head: "Limit (credits/kWh)", cell: (order) => <Price ticksPerWh={order.limitPrice} bare />, numeric: true },
  { head: "Energy (Wh)", cell: (order) => whole(order.energyWh), numeric: true },
  { head: "Filled (Wh)", cell: (order) => whole(order.filledWh), numeric: true },
  {
    head: "Fill",
    cell: (order) => (order.energyWh === 0 ? "–" : share(Math.round((order.filledWh / order.energyWh) * 1e6))),
    numeric: true,
  },
  { head: "Fee (credits)", cell: (order) => <Credits ticks={order.feeTicks} bare />, numeric: true },
  {
    head: "Came by",
    cell: (order) => (
      <>
        {order.placed ? "chain" : "matcher"}
        {order.skipped !== null && (
          <>
            {" "}
            <Tag tone="bad">left out: {words(order.skipped)}</Tag>{" "}
            {order.reason !== null && <span class="muted">{order.reason}</span>}
          </>
        )}
      </>
    ),
  },
  { head: "Transaction", cell: (order) => <Origin source={order.source} /> },
];

/** Every order with its fill, as the rule walks them. */
export function OrderTable({ slot }: { readonly slot: SlotAnswer }) {
  const sides = [
    ["bid", "Bids, by falling limit"],
    ["offer", "Offers, by rising limit"],
  ] as const;
  return (
    <>
      {sides.map(([side, title]) => {
        const orders = slot.orders.filter((order) => order.side === side);
        const filled = orders.reduce((sum, order) => sum + order.filledWh, 0);
        return (
          <Panel key={side} title={title} wide note={`${whole(orders.length)} orders, ${whole(filled)} Wh filled`}>
            <Table
              caption={title}
              columns={COLUMNS}
              rows={orders}
              empty={`No ${side} took part.`}
              rowClass={(order) => (order.filledWh === 0 ? "faint" : undefined)}
            />
          </Panel>
        );
      })}
    </>
  );
}
