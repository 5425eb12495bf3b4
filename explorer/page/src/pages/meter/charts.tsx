import type { MeterSlot } from "../../../../api/meter.ts";
import { Chart } from "../../charts/chart.tsx";
import { joinDigits, creditDigits } from "../../format/digits.ts";
import { whole } from "../../format/quantities.ts";
import { SLOT_SECONDS } from "../../format/time.ts";
import { Panel } from "../../parts/panel.tsx";

/** Energy and money of the slots that are loaded, oldest first. */
export function MeterCharts({ slots }: { readonly slots: readonly MeterSlot[] }) {
  const [newest] = slots;
  if (newest === undefined) return null;
  const rising = slots.toReversed();
  const x = rising.map((slot) => slot.slot * SLOT_SECONDS);
  return (
    <Panel title="Energy and money over time" wide note={`${whole(slots.length)} slots`}>
      <div class="charts">
        <Chart
          title="Energy of each slot"
          summary={`Import, export and traded position of ${whole(slots.length)} slots; the newest imported ${whole(newest.importWh)} Wh and exported ${whole(newest.exportWh)} Wh.`}
          x={x}
          xLabel="UTC"
          time
          yLabel="Wh"
          formatY={whole}
          lines={[
            { label: "Import", values: rising.map((slot) => slot.importWh), color: "chart-other", stepped: true },
            {
              label: "Export",
              values: rising.map((slot) => -slot.exportWh),
              color: "chart-main",
              stepped: true,
              filled: true,
            },
            {
              label: "Position",
              values: rising.map((slot) => slot.positionWh),
              color: "chart-quiet",
              dash: [4, 4],
              stepped: true,
            },
          ]}
        />
        <Chart
          title="Balance after each slot"
          summary={`Balance after ${whole(slots.length)} slots; the newest is ${joinDigits(creditDigits(newest.balanceTicks))} credits.`}
          x={x}
          xLabel="UTC"
          time
          yLabel="credits"
          formatY={(ticks) => creditDigits(BigInt(Math.round(ticks))).main}
          lines={[
            {
              label: "Balance",
              values: rising.map((slot) => Number(slot.balanceTicks)),
              color: "chart-main",
              stepped: true,
            },
          ]}
        />
      </div>
    </Panel>
  );
}
