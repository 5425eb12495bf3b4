import { Argument } from "../../parts/argument.tsx";
import { Table } from "../../parts/table.tsx";

interface CallProps {
  readonly signature: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/** A decoded call or error: its name and each argument. */
export function Call({ signature, args }: CallProps) {
  const rows = Object.entries(args);
  return (
    <>
      <p>
        <code class="break">{signature}</code>
      </p>
      {rows.length > 0 && (
        <Table
          caption={`Arguments of ${signature}`}
          columns={[
            { head: "Argument", cell: ([name]) => name, rowHead: true },
            { head: "Value", cell: ([, value]) => <Argument value={value} /> },
          ]}
          rows={rows}
          empty=""
        />
      )}
    </>
  );
}
