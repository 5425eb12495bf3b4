import type { MeterAnswer } from "../../../api/meter.ts";
import { usePages } from "../answers/usePages.ts";
import { words } from "../format/names.ts";
import { energy, share, whole } from "../format/quantities.ts";
import { utc } from "../format/time.ts";
import { Credits } from "../parts/amounts.tsx";
import { EventTable } from "../parts/events.tsx";
import { Facts, Tiles } from "../parts/facts.tsx";
import { AddressLink, SlotLink } from "../parts/links.tsx";
import { More } from "../parts/more.tsx";
import { PageHead } from "../parts/pageHead.tsx";
import { Panel } from "../parts/panel.tsx";
import { Sourced, Origin } from "../parts/sourced.tsx";
import { Loading, ProblemBox, Tag } from "../parts/states.tsx";
import { Table } from "../parts/table.tsx";
import { MeterCharts } from "./meter/charts.tsx";
import { Reputation } from "./meter/reputation.tsx";
import { MeterSlots } from "./meter/slots.tsx";

export function MeterPage({ address }: { readonly address: string }) {
  const { pages, problem, askAgain, ...next } = usePages("meter", { params: { address } });
  const [meter] = pages;
  const slots = pages.flatMap((page) => page.slots);
  return (
    <>
      <PageHead kind="Meter" title={address}>
        {meter !== undefined && <Tag tone={meter.status === "active" ? "good" : "plain"}>{words(meter.status)}</Tag>}
      </PageHead>
      {problem !== null && <ProblemBox problem={problem} askAgain={askAgain} />}
      {meter === undefined && problem === null && <Loading what="the meter" />}
      {meter !== undefined && (
        <>
          <MeterTiles meter={meter} />
          <MeterCharts slots={slots} />
          <Panel title="Settled slots" wide note="Newest first">
            <MeterSlots zone={meter.zone} slots={slots} />
            <More {...next} what="slots" />
          </Panel>
          <div class="columns">
            <About meter={meter} />
            <Panel title="Badges">
              <Table
                caption="Badges"
                columns={[
                  {
                    head: "Badge",
                    cell: (badge) => <Sourced source={badge.source}>{badge.title}</Sourced>,
                    rowHead: true,
                  },
                  { head: "Season", cell: (badge) => badge.season, numeric: true },
                ]}
                rows={meter.badges}
                empty="No badge yet."
              />
            </Panel>
          </div>
          <Reputation changes={meter.reputation} />
          <Panel title="Events" wide note={<a href={`/events?party=${address}`}>All events of this meter</a>}>
            <EventTable caption="Newest events of this meter" events={meter.events.events} />
          </Panel>
        </>
      )}
    </>
  );
}

function MeterTiles({ meter }: { readonly meter: MeterAnswer }) {
  return (
    <Tiles
      tiles={[
        {
          label: "Balance",
          value: <Credits ticks={meter.balanceTicks} bare />,
          note: "credits",
        },
        { label: "Import register", value: whole(meter.importRegisterWh), note: "Wh" },
        { label: "Export register", value: whole(meter.exportRegisterWh), note: "Wh" },
        { label: "Reliability", value: share(meter.reliabilityPpm), note: `tier ${String(meter.tier)}` },
        {
          label: "Last read slot",
          value: meter.lastSlot === 0 ? "–" : <SlotLink zone={meter.zone} slot={meter.lastSlot} />,
          note: `zone ${String(meter.zone)}`,
        },
      ]}
    />
  );
}

function About({ meter }: { readonly meter: MeterAnswer }) {
  return (
    <Panel title="About this meter">
      <Facts
        facts={[
          ["Owner", <AddressLink address={meter.owner} />],
          ["Site", meter.site],
          ["Zone", meter.zone],
          ["Kind", words(meter.kind)],
          ["Source of energy", words(meter.energySource)],
          ["Rated power", `${whole(meter.ratedPowerW)} W`],
          ["Storage", meter.storageCapacityWh === 0 ? "none" : energy(meter.storageCapacityWh)],
          ["Flags", meter.flags.length === 0 ? "none" : meter.flags.map(words).join(", ")],
          ["Registered", <Sourced source={meter.registered}>{utc(meter.registeredAt)} UTC</Sourced>],
          ["Transaction", <Origin source={meter.registered} />],
        ]}
      />
    </Panel>
  );
}
