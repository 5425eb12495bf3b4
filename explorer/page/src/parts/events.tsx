import type { EventAnswer } from "../../../api/primitives.ts";
import { flatValues, shortHex, valueText } from "../format/names.ts";
import { utc } from "../format/time.ts";
import { AddressLink } from "./links.tsx";
import { Origin } from "./sourced.tsx";
import { Table, type Column } from "./table.tsx";

const ADDRESS = /^0x[0-9a-fA-F]{40}$/;
const LONG_HEX = /^0x[0-9a-fA-F]{41,}$/;

/** A value of a call or an event; addresses lead to their page. */
export function Value({ value }: { readonly value: unknown }) {
  if (typeof value === "string" && ADDRESS.test(value)) return <AddressLink address={value} />;
  const text = valueText(value);
  if (LONG_HEX.test(text)) {
    return (
      <code class="number" title={text}>
        {shortHex(text)}
      </code>
    );
  }
  return <span class="value-text">{text}</span>;
}

/** Named values of a call or an event; those of a struct after its name and a point. */
export function Args({ args }: { readonly args: Readonly<Record<string, unknown>> }) {
  return (
    <span class="args">
      {flatValues(args).map(([name, value]) => (
        <span key={name}>
          <span class="muted">{name}</span> <Value value={value} />{" "}
        </span>
      ))}
    </span>
  );
}

const COLUMNS: readonly Column<EventAnswer>[] = [
  { head: "Event", cell: (event) => event.name, rowHead: true },
  { head: "Contract", cell: (event) => <AddressLink address={event.address} kind="contract" name={event.contract} /> },
  { head: "Values", cell: (event) => <Args args={event.args} /> },
];

/** Within a list, when and in which transaction. */
const LIST_COLUMNS: readonly Column<EventAnswer>[] = [
  { head: "Time (UTC)", cell: (event) => <span class="number">{utc(event.time)}</span> },
  ...COLUMNS,
  { head: "Transaction", cell: (event) => <Origin source={event.source} /> },
];

/** Within a transaction, at which place. */
const TRANSACTION_COLUMNS: readonly Column<EventAnswer>[] = [
  { head: "Log", cell: (event) => event.source.logIndex, numeric: true },
  ...COLUMNS,
];

interface EventTableProps {
  readonly caption: string;
  readonly events: readonly EventAnswer[];
}

/** Events of many transactions. */
export function EventTable({ caption, events }: EventTableProps) {
  return <Table caption={caption} columns={LIST_COLUMNS} rows={events} empty="No events." />;
}

/** Events of one transaction; each row is where links to its log lead. */
export function LogTable({ caption, events }: EventTableProps) {
  return (
    <Table
      caption={caption}
      columns={TRANSACTION_COLUMNS}
      rows={events}
      empty="No events."
      rowId={(event) => `log-${String(event.source.logIndex)}`}
      rowsAtFirst={Infinity}
    />
  );
}
