import type { SlotAnswer } from "../../../api/slot.ts";
import { useAnswer } from "../answers/useAnswer.ts";
import { words } from "../format/names.ts";
import { share, whole } from "../format/quantities.ts";
import { slotSpan } from "../format/time.ts";
import { Credits, Price } from "../parts/amounts.tsx";
import { Answered } from "../parts/answered.tsx";
import { EventTable } from "../parts/events.tsx";
import { Facts, Tiles } from "../parts/facts.tsx";
import { AddressLink } from "../parts/links.tsx";
import { PageHead } from "../parts/pageHead.tsx";
import { Panel } from "../parts/panel.tsx";
import { Sourced, Origin } from "../parts/sourced.tsx";
import { Tag } from "../parts/states.tsx";
import { Table } from "../parts/table.tsx";
import { Book } from "./slot/book.tsx";
import { OrderTable } from "./slot/orders.tsx";
import { ReadingTable } from "./slot/readings.tsx";
import { Verdict } from "./slot/verdict.tsx";

export function SlotPage({ zone, slot }: { readonly zone: number; readonly slot: number }) {
  const asked = useAnswer("slot", { params: { zone, slot } });
  return (
    <>
      <PageHead kind={`Zone ${String(zone)}, slot`} title={String(slot)}>
        <span class="number">{slotSpan(slot)} UTC</span>
        {asked.answer !== null && <Tag>{words(asked.answer.phase)}</Tag>}
        <nav class="steps" aria-label="Neighbouring slots">
          {slot > 0 && (
            <a href={`/slot/${String(zone)}/${String(slot - 1)}`} rel="prev">
              ← Previous slot
            </a>
          )}
          <a href={`/slot/${String(zone)}/${String(slot + 1)}`} rel="next">
            Next slot →
          </a>
        </nav>
      </PageHead>
      <Answered asked={asked} what="the slot">
        {(answer) => <Shown slot={answer} />}
      </Answered>
    </>
  );
}

function Shown({ slot }: { readonly slot: SlotAnswer }) {
  const { tariff, clearing, closing } = slot;
  return (
    <>
      <Tiles
        tiles={[
          {
            label: "Clearing price",
            value:
              clearing === null ? (
                "–"
              ) : (
                <Sourced source={clearing.source}>
                  <Price ticksPerWh={clearing.clearingPrice} bare />
                </Sourced>
              ),
            note: clearing === null ? "not cleared" : "credits/kWh",
          },
          {
            label: "Matched",
            value: clearing === null ? "–" : <Sourced source={clearing.source}>{whole(clearing.matchedWh)}</Sourced>,
            note: clearing === null ? "" : `Wh in ${whole(clearing.positions)} positions`,
          },
          {
            label: "Import price",
            value:
              tariff === null ? (
                "–"
              ) : (
                <Sourced source={tariff.source}>
                  <Price ticksPerWh={tariff.importPrice} bare />
                </Sourced>
              ),
            note: tariff === null ? "not fixed yet" : "credits/kWh",
          },
          {
            label: "Feed-in price",
            value:
              tariff === null ? (
                "–"
              ) : (
                <Sourced source={tariff.source}>
                  <Price ticksPerWh={tariff.exportPrice} bare />
                </Sourced>
              ),
            note: tariff === null ? "not fixed yet" : "credits/kWh",
          },
        ]}
      />
      <Book slot={slot} />
      <Verdict slot={slot} />
      <OrderTable slot={slot} />
      <ReadingTable readings={slot.readings} />
      <div class="columns">
        <Panel title="Tariff">
          {tariff === null ? (
            <p class="empty">The tariff is fixed when the gate opens, eight slots before.</p>
          ) : (
            <Facts
              facts={[
                [
                  "Import",
                  <Sourced source={tariff.source}>
                    <Price ticksPerWh={tariff.importPrice} />
                  </Sourced>,
                ],
                [
                  "Feed-in",
                  <Sourced source={tariff.source}>
                    <Price ticksPerWh={tariff.exportPrice} />
                  </Sourced>,
                ],
                ["Expected scarcity", <Sourced source={tariff.source}>{share(tariff.scarcityPpm)}</Sourced>],
                ["Energy that waits", <Sourced source={tariff.source}>{whole(tariff.queuedWh)} Wh</Sourced>],
              ]}
            />
          )}
        </Panel>
        <Panel title="Fees of the clearing">
          {clearing === null ? (
            <p class="empty">Nothing was cleared.</p>
          ) : (
            <Facts
              facts={[
                [
                  "Trading fees",
                  <Sourced source={clearing.source}>
                    <Credits ticks={clearing.feeTicks} />
                  </Sourced>,
                ],
                [
                  "Paid for work",
                  <Sourced source={clearing.source}>
                    <Credits ticks={clearing.workTicks} />
                  </Sourced>,
                ],
                ...(slot.book === null
                  ? []
                  : ([
                      ["Matcher", <AddressLink address={slot.book.matcher} />],
                      [
                        "Committed book",
                        <Sourced source={slot.book.source}>
                          <code title={slot.book.bookHash}>{slot.book.bookHash.slice(0, 18)}…</code>,{" "}
                          {whole(slot.book.orders)} orders
                        </Sourced>,
                      ],
                    ] as const)),
              ]}
            />
          )}
        </Panel>
        <Panel title="Feeder balance">
          {closing === null ? (
            <p class="empty">The slot is not closed yet.</p>
          ) : (
            <Facts
              facts={[
                [
                  "State",
                  <Tag tone={closing.flagged ? "bad" : "good"}>{closing.flagged ? "flagged" : "in balance"}</Tag>,
                ],
                ["Meters import", <Sourced source={closing.source}>{whole(closing.importWh)} Wh</Sourced>],
                ["Meters export", <Sourced source={closing.source}>{whole(closing.exportWh)} Wh</Sourced>],
                ["Meters net", `${whole(closing.importWh - closing.exportWh)} Wh`],
                ["Feeder", <Sourced source={closing.source}>{whole(closing.feederWh)} Wh</Sourced>],
                ["Meters read", <Sourced source={closing.source}>{whole(closing.readCount)}</Sourced>],
              ]}
            />
          )}
        </Panel>
        <Panel title="Certificates">
          <Table
            caption="Certificates issued for this slot"
            columns={[
              {
                head: "Certificate",
                cell: (issue) => <a href={`/certificate/${issue.tokenId}`}>{issue.source}</a>,
                rowHead: true,
              },
              { head: "Meter", cell: (issue) => <AddressLink address={issue.meter} kind="meter" /> },
              { head: "Issued (Wh)", cell: (issue) => whole(issue.issuedWh), numeric: true },
              { head: "Transaction", cell: (issue) => <Origin source={issue.tx} /> },
            ]}
            rows={slot.certificates}
            empty="No certificate was issued for this slot."
          />
        </Panel>
      </div>
      <Panel
        title="Events"
        wide
        note={<a href={`/events?zone=${String(slot.zone)}&slot=${String(slot.slot)}`}>All events of this slot</a>}
      >
        <EventTable caption="Newest events of this slot" events={slot.events.events} />
      </Panel>
    </>
  );
}
