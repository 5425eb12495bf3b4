import type { SlotAnswer } from "../../../../api/slot.ts";
import { whole } from "../../format/quantities.ts";
import { Price } from "../../parts/amounts.tsx";
import { Copy } from "../../parts/copy.tsx";
import { Panel } from "../../parts/panel.tsx";
import { Tag } from "../../parts/states.tsx";
import { Table } from "../../parts/table.tsx";

const RULES = { midpoint: "Midpoint of the marginal pair", sbba: "Strongly budget balanced (SBBA)" } as const;

/** The clearing done again from the orders, and what it takes to do it by hand. */
export function Verdict({ slot }: { readonly slot: SlotAnswer }) {
  const { recomputed } = slot;
  if (recomputed === null) {
    return (
      <Panel title="Recomputation" wide>
        <p class="empty">Nothing was cleared, so there is nothing to compute again.</p>
      </Panel>
    );
  }
  const inputs = JSON.stringify(
    {
      zone: slot.zone,
      slot: slot.slot,
      rule: recomputed.rule,
      exportPrice: slot.tariff?.exportPrice ?? null,
      importPrice: slot.tariff?.importPrice ?? null,
      orders: slot.orders
        .filter((order) => order.skipped === null)
        .map(({ meter, side, energyWh, limitPrice }) => ({ meter, side, energyWh, limitPrice })),
    },
    null,
    2,
  );
  return (
    <Panel
      title="Recomputation"
      wide
      note={
        <Tag tone={recomputed.equal ? "good" : "bad"}>
          {recomputed.equal ? "recomputed: equal" : "recomputed: different"}
        </Tag>
      }
    >
      <Table
        caption="The clearing on chain and as computed again from the orders"
        columns={[
          { head: "Where", cell: (row) => row.label, rowHead: true },
          { head: "Price (credits/kWh)", cell: (row) => <Price ticksPerWh={row.clearingPrice} bare />, numeric: true },
          { head: "Matched (Wh)", cell: (row) => whole(row.matchedWh), numeric: true },
        ]}
        rows={[
          { label: "On chain", ...recomputed.onChain },
          { label: "Computed again", ...recomputed.computed },
        ]}
        empty=""
      />
      {recomputed.differences.length > 0 && (
        <ul class="differences">
          {recomputed.differences.map((difference) => (
            <li key={difference}>{difference}</li>
          ))}
        </ul>
      )}
      <p class="muted">Rule: {RULES[recomputed.rule]}.</p>
      <details>
        <summary>Orders as JSON, to compute by hand</summary>
        <Copy text={inputs} what="the orders" />
        <pre tabIndex={0}>{inputs}</pre>
      </details>
    </Panel>
  );
}
