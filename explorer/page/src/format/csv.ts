import type { EventAnswer } from "../../../api/primitives.ts";
import { valueText } from "./names.ts";
import { utc } from "./time.ts";

const HEAD = ["time", "block", "transaction", "log", "contract", "address", "event", "values"];

/** Events as CSV (RFC 4180); the decoded values are one column of JSON, since each event has its own. */
export function eventsAsCsv(events: readonly EventAnswer[]): string {
  const rows = events.map(({ time, source, contract, address, name, args }) => [
    `${utc(time).replace(" ", "T")}Z`,
    source.blockNumber,
    source.transactionHash,
    source.logIndex,
    contract,
    address,
    name,
    JSON.stringify(args),
  ]);
  return [HEAD, ...rows].map((row) => `${row.map(field).join(",")}\r\n`).join("");
}

/** A field that a spreadsheet would take for a formula starts with an apostrophe, so that it stays text. */
function field(value: unknown): string {
  const text = valueText(value);
  const safe = typeof value === "string" && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
