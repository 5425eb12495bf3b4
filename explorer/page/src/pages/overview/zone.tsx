import type { SlotPoint, ZoneOverview } from "../../../../api/overview.ts";
import { Chart } from "../../charts/chart.tsx";
import { priceText, share, whole } from "../../format/quantities.ts";
import { SLOT_SECONDS, slotSpan } from "../../format/time.ts";
import { SlotLink } from "../../parts/links.tsx";
import { Panel } from "../../parts/panel.tsx";

/** A day of a zone: its prices and what flowed. */
export function ZonePanel({ zone }: { readonly zone: ZoneOverview }) {
  const { current, slots } = zone;
  const newest = slots.at(-1);
  return (
    <Panel
      wide
      title={`Zone ${String(zone.zone)}`}
      note={
        <>
          {whole(zone.sites)} sites, {whole(zone.meters)} meters
          {current !== null && (
            <>
              {" · running slot "}
              <SlotLink zone={zone.zone} slot={current.slot} />
              {current.scarcityPpm !== null && ` · expected scarcity ${share(current.scarcityPpm)}`}
            </>
          )}
          {newest !== undefined && (
            <>
              {" · newest slot shown "}
              <SlotLink zone={zone.zone} slot={newest.slot} />
            </>
          )}
        </>
      }
    >
      {slots.length === 0 ? (
        <p class="empty">No slot of this zone has prices yet.</p>
      ) : (
        <div class="charts">
          <PriceChart slots={slots} />
          <FlowChart slots={slots} />
        </div>
      )}
    </Panel>
  );
}

function starts(slots: readonly SlotPoint[]): number[] {
  return slots.map((slot) => slot.slot * SLOT_SECONDS);
}

function PriceChart({ slots }: { readonly slots: readonly SlotPoint[] }) {
  const cleared = slots.filter((slot) => slot.clearingPrice !== null);
  const last = cleared.at(-1);
  return (
    <Chart
      title="Prices over the day"
      summary={
        `Import, feed-in and clearing price of ${String(slots.length)} slots. ` +
        (last?.clearingPrice == null
          ? "None of them was cleared."
          : `Last clearing price ${priceText(last.clearingPrice)} credits per kWh at ${slotSpan(last.slot)} UTC.`)
      }
      x={starts(slots)}
      xLabel="UTC"
      time
      yLabel="credits/kWh"
      formatY={priceText}
      lines={[
        { label: "Import", values: slots.map((slot) => slot.importPrice), color: "chart-quiet", stepped: true },
        {
          label: "Feed-in",
          values: slots.map((slot) => slot.exportPrice),
          color: "chart-quiet",
          dash: [4, 4],
          stepped: true,
        },
        { label: "Cleared", values: slots.map((slot) => slot.clearingPrice), color: "chart-main", stepped: true },
      ]}
    />
  );
}

function FlowChart({ slots }: { readonly slots: readonly SlotPoint[] }) {
  const net = slots.map(({ importWh, exportWh }) =>
    importWh === null || exportWh === null ? null : importWh - exportWh,
  );
  const highest = Math.max(...net.map((wh) => wh ?? 0));
  return (
    <Chart
      title="Net load and matched energy"
      summary={`Metered import less export, and matched energy, of ${String(slots.length)} slots. Highest net load ${whole(highest)} Wh.`}
      x={starts(slots)}
      xLabel="UTC"
      time
      yLabel="Wh"
      formatY={whole}
      lines={[
        { label: "Net load", values: net, color: "chart-other", stepped: true },
        {
          label: "Matched",
          values: slots.map((slot) => slot.matchedWh),
          color: "chart-main",
          stepped: true,
          filled: true,
        },
      ]}
    />
  );
}
