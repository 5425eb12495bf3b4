import type { AuditRun } from "../../../../api/audit.ts";
import { words } from "../../format/names.ts";
import { Facts, type Fact } from "../../parts/facts.tsx";
import { PageLink } from "../../parts/links.tsx";
import { Panel } from "../../parts/panel.tsx";
import { Quantity, quantityName } from "../../parts/quantity.tsx";
import { Tag } from "../../parts/states.tsx";
import { Table } from "../../parts/table.tsx";

/** A check with the figures that it compared; each failure leads to the item concerned. */
export function Check({ check }: { readonly check: AuditRun["checks"][number] }) {
  const figures = Object.entries(check.figures);
  return (
    <Panel
      wide
      title={check.title}
      note={<Tag tone={check.passed ? "good" : "bad"}>{check.passed ? "passed" : "failed"}</Tag>}
    >
      {figures.length > 0 && (
        <Facts
          facts={figures.map(([name, value]): Fact => [
            words(quantityName(name)),
            <Quantity name={name} value={value} />,
          ])}
        />
      )}
      {check.failures.length > 0 && (
        <Table
          caption={`Differences found by the check ${check.name}`}
          columns={[
            {
              head: "Difference",
              cell: (failure) =>
                failure.page === null ? failure.text : <PageLink page={failure.page}>{failure.text}</PageLink>,
              rowHead: true,
            },
            { head: "Expected", cell: ({ expected }) => expected ?? "–", numeric: true },
            { head: "Found", cell: ({ found }) => found ?? "–", numeric: true },
          ]}
          rows={check.failures}
          empty=""
        />
      )}
    </Panel>
  );
}
