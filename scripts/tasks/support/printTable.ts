import Table from "cli-table3";

export type Cell = string | number | bigint | boolean;

/** Names and values below each other. */
export function printFacts(facts: Readonly<Record<string, Cell>>): void {
  const table = new Table({ style: { head: [], border: [] } });
  for (const [name, value] of Object.entries(facts)) table.push([name, String(value)]);
  console.log(table.toString());
}

/** Rows of one kind, with the names of their columns above. */
export function printRows(head: readonly string[], rows: readonly (readonly Cell[])[]): void {
  const table = new Table({ head: [...head], style: { head: [], border: [] } });
  for (const row of rows) table.push(row.map(String));
  console.log(table.toString());
}

/** Plain data as JSON; bigints as text, because JSON's numbers are not exact. */
export function printJson(value: unknown): void {
  console.log(JSON.stringify(value, (_, part: unknown) => (typeof part === "bigint" ? part.toString() : part), 2));
}
