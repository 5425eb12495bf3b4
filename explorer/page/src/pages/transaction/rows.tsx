import type { TransactionRow } from "../../../../api/block.ts";
import { whole } from "../../format/quantities.ts";
import { AddressLink, TransactionLink } from "../../parts/links.tsx";
import { Tag } from "../../parts/states.tsx";
import type { Column } from "../../parts/table.tsx";

export const TRANSACTION_COLUMNS: readonly Column<TransactionRow>[] = [
  { head: "Index", cell: ({ index }) => index, numeric: true },
  { head: "Transaction", cell: ({ hash }) => <TransactionLink hash={hash} />, rowHead: true },
  {
    head: "Function",
    cell: ({ method, to }) => (to === null ? "creation of a contract" : (method ?? <span class="muted">unknown</span>)),
  },
  { head: "From", cell: ({ from }) => <AddressLink address={from} /> },
  {
    head: "To",
    cell: ({ to, contract }) => (to === null ? "–" : <AddressLink address={to} name={contract} />),
  },
  { head: "Gas", cell: ({ gasUsed }) => whole(gasUsed), numeric: true },
  {
    head: "Outcome",
    cell: ({ succeeded }) => <Tag tone={succeeded ? "good" : "bad"}>{succeeded ? "succeeded" : "reverted"}</Tag>,
  },
];
