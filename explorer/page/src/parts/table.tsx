import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { whole } from "../format/quantities.ts";
import { useScrolls } from "./useScrolls.ts";

export interface Column<Row> {
  readonly head: ComponentChildren;
  readonly cell: (row: Row) => ComponentChildren;
  readonly numeric?: boolean;
  /** Names the row to screen readers. */
  readonly rowHead?: boolean;
}

interface TableProps<Row> {
  readonly caption: string;
  /** The caption is for screen readers only, where a heading says the same. */
  readonly captionUnseen?: boolean;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly empty: string;
  readonly rowId?: (row: Row) => string;
  readonly rowClass?: (row: Row) => string | undefined;
  /** Longer tables show their beginning first: a thousand orders are one click away, not a second of layout. */
  readonly rowsAtFirst?: number;
}

export function Table<Row>({
  caption,
  captionUnseen = true,
  columns,
  rows,
  empty,
  rowId,
  rowClass,
  rowsAtFirst = 100,
}: TableProps<Row>) {
  const [all, setAll] = useState(false);
  const id = useId();
  const [box, scrolls] = useScrolls();
  const firstMore = useRef<HTMLTableRowElement>(null);
  // The button that had the focus is gone: whoever works with the keyboard goes on with the rows that it brought.
  useEffect(() => {
    if (all) firstMore.current?.focus();
  }, [all]);
  if (rows.length === 0) return <p class="empty">{empty}</p>;
  const shown = all ? rows : rows.slice(0, rowsAtFirst);
  return (
    <>
      <div ref={box} class="table-box" tabIndex={scrolls ? 0 : undefined} role="group" aria-labelledby={id}>
        <table>
          <caption id={id} class={captionUnseen ? "unseen" : undefined}>
            {caption}
          </caption>
          <thead>
            <tr>
              {columns.map((column, index) => (
                <th key={index} scope="col" class={column.numeric === true ? "numeric" : undefined}>
                  {column.head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((row, index) => (
              <tr
                key={index}
                id={rowId?.(row)}
                class={rowClass?.(row)}
                {...(index === rowsAtFirst && { ref: firstMore, tabIndex: -1 })}
              >
                {columns.map((column, place) => {
                  const look = column.numeric === true ? "numeric" : undefined;
                  return column.rowHead === true ? (
                    <th key={place} scope="row" class={look}>
                      {column.cell(row)}
                    </th>
                  ) : (
                    <td key={place} class={look}>
                      {column.cell(row)}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {shown.length < rows.length && (
        <button type="button" class="more" onClick={() => setAll(true)}>
          Show all {whole(rows.length)} rows
        </button>
      )}
    </>
  );
}
