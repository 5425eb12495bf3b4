import type { ComponentChildren } from "preact";
import type { Source } from "../../../api/primitives.ts";
import { shortHex } from "../format/names.ts";

interface SourcedProps {
  readonly source: Source | null | undefined;
  readonly children: ComponentChildren;
}

function pathOf(source: Source): string {
  return `/tx/${source.transactionHash}#log-${String(source.logIndex)}`;
}

/** A figure that leads to the log it comes from. */
export function Sourced({ source, children }: SourcedProps) {
  if (source === null || source === undefined) return <>{children}</>;
  return (
    <a class="sourced" href={pathOf(source)} title={`Transaction ${source.transactionHash}`}>
      {children}
      <span class="unseen">, from transaction {shortHex(source.transactionHash)}</span>
    </a>
  );
}

/** The transaction of a whole row. */
export function Origin({ source }: { readonly source: Source }) {
  return (
    <a class="hex" href={pathOf(source)} title={source.transactionHash}>
      <span class="unseen">Transaction </span>
      {shortHex(source.transactionHash)}
    </a>
  );
}
