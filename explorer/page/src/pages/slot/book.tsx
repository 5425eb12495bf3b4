import type { SlotAnswer } from "../../../../api/slot.ts";
import { Chart } from "../../charts/chart.tsx";
import { stepCurves } from "../../charts/curves.ts";
import { priceText, whole } from "../../format/quantities.ts";
import { Panel } from "../../parts/panel.tsx";

/** Supply and demand crossing at the price. */
export function Book({ slot }: { readonly slot: SlotAnswer }) {
  const taking = slot.orders.filter((order) => order.skipped === null);
  const offers = taking.filter((order) => order.side === "offer");
  const bids = taking.filter((order) => order.side === "bid");
  const { clearing, tariff } = slot;
  if (taking.length === 0) return null;
  const curves = stepCurves(offers, bids);
  const level = (price: number) => curves.energyWh.map(() => price);
  return (
    <Panel title="Supply and demand" wide>
      <Chart
        title="Limit prices over cumulated energy"
        summary={
          `${whole(offers.length)} offers and ${whole(bids.length)} bids as step curves. ` +
          (clearing === null
            ? "Not cleared."
            : `They cross at ${priceText(clearing.clearingPrice)} credits per kWh with ${whole(clearing.matchedWh)} Wh matched.`)
        }
        x={curves.energyWh}
        xLabel="Cumulated energy (Wh)"
        yLabel="credits/kWh"
        formatX={whole}
        formatY={priceText}
        mark={
          clearing === null || clearing.matchedWh === 0 ? null : { x: clearing.matchedWh, y: clearing.clearingPrice }
        }
        lines={[
          { label: "Supply", values: curves.supply, color: "chart-main", stepped: true },
          { label: "Demand", values: curves.demand, color: "chart-other", stepped: true },
          ...(tariff === null
            ? []
            : [
                { label: "Import price", values: level(tariff.importPrice), color: "chart-quiet" } as const,
                {
                  label: "Feed-in price",
                  values: level(tariff.exportPrice),
                  color: "chart-quiet",
                  dash: [4, 4],
                } as const,
              ]),
        ]}
      />
    </Panel>
  );
}
