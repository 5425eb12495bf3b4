import type { DisputeStep, ReproducibleAnswer } from "../../../../api/reproducible.ts";
import { words } from "../../format/names.ts";
import { whole } from "../../format/quantities.ts";
import { utc } from "../../format/time.ts";
import { Credits } from "../../parts/amounts.tsx";
import { Value } from "../../parts/events.tsx";
import { Facts, type Fact } from "../../parts/facts.tsx";
import { AddressLink } from "../../parts/links.tsx";
import { Panel } from "../../parts/panel.tsx";
import { Sourced } from "../../parts/sourced.tsx";
import { Tag } from "../../parts/states.tsx";
import { Table, type Column } from "../../parts/table.tsx";

type DisputeAnswer = ReproducibleAnswer["disputes"][number];

const MOVES: readonly Column<DisputeStep>[] = [
  { head: "Time (UTC)", cell: ({ time }) => <span class="number">{utc(time)}</span> },
  { head: "Who", cell: ({ party }) => <AddressLink address={party} /> },
  { head: "Move", cell: ({ text, source }) => <Sourced source={source}>{text}</Sourced>, rowHead: true },
  { head: "Then about", cell: ({ phase }) => words(phase) },
  {
    head: "Node",
    cell: ({ height, index }) => <span class="number">{`${index}, ${String(height)} above the leaves`}</span>,
  },
  { head: "Hash", cell: ({ node }) => <Value value={node} /> },
  { head: "Provider's clock (s)", cell: ({ providerSeconds }) => whole(providerSeconds), numeric: true },
  { head: "Challenger's clock (s)", cell: ({ challengerSeconds }) => whole(challengerSeconds), numeric: true },
  { head: "Gas", cell: ({ gasUsed }) => whole(gasUsed), numeric: true },
];

/** A dispute from its beginning to the transition that the contract computed. */
export function Dispute({ dispute }: { readonly dispute: DisputeAnswer }) {
  const { state, moves, opened } = dispute;
  return (
    <Panel
      wide
      title={`Dispute ${String(dispute.dispute)} about round ${String(dispute.round)}`}
      note={
        <>
          <Tag>{dispute.byClock ? `${state} by the clock` : state}</Tag>{" "}
          <span>
            challenged in <Sourced source={opened}>block {opened.blockNumber}</Sourced>
          </span>
        </>
      }
    >
      <Facts facts={factsOf(dispute)} />
      <Table
        caption={`Moves of dispute ${String(dispute.dispute)}`}
        columns={MOVES}
        rows={moves}
        empty="No move is known."
      />
    </Panel>
  );
}

function factsOf({ challenger, winner, ended, turn, bondTicks, place, refereed, moves }: DisputeAnswer): Fact[] {
  const gas = moves.reduce((sum, { gasUsed }) => sum + gasUsed, 0);
  return [
    ["Challenger", <AddressLink address={challenger} />],
    ["Its bond", <Credits ticks={bondTicks} />],
    ["Winner", winner === null ? "–" : <AddressLink address={winner} />],
    ["Ended", ended === null ? "not yet" : <Sourced source={ended}>block {ended.blockNumber}</Sourced>],
    ...(turn === null
      ? []
      : [
          [
            "To move",
            <>
              <AddressLink address={turn.party} />, until {utc(turn.until)} UTC
            </>,
          ] satisfies Fact,
        ]),
    ["Led to", placeWords(place)],
    ...(refereed === null
      ? []
      : [
          ["Operation", `${words(refereed.kind)}: ${refereed.formula}`] satisfies Fact,
          ["Claimed", refereed.claimed] satisfies Fact,
          ["Computed", refereed.computed] satisfies Fact,
          ["Gas of the proof", <Sourced source={refereed.source}>{whole(refereed.gasUsed)}</Sourced>] satisfies Fact,
        ]),
    ["Gas of all moves", whole(gas)],
  ];
}

function placeWords({ step, operation, element, term }: DisputeAnswer["place"]): string {
  const parts = [
    step === null ? "" : `step ${String(step)}`,
    operation === null ? "" : `operation ${String(operation)}`,
    element === null ? "" : `element ${element}`,
    term === null ? "" : `term ${String(term)}`,
  ].filter((part) => part !== "");
  return parts.length === 0 ? "nothing yet" : parts.join(", ");
}
