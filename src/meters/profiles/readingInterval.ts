import { SLOT_SECONDS } from "../../units.ts";
import { cell, type CsvRow } from "./csvTable.ts";
import { dataError } from "./dataError.ts";

export interface LongRow {
  source: CsvRow;
  unixSeconds: number;
  importWh: number;
  exportWh: number;
}

/**
 * How far apart a meter's readings are, in seconds, once it is certain that they ascend in equal steps, that the
 * step fits into market slots or they into it, and that they begin and end with a slot.
 */
export function readingInterval(rows: readonly LongRow[]): number {
  const [first] = rows;
  const last = rows.at(-1);
  if (first === undefined || last === undefined) throw new RangeError("a meter without rows");
  const intervalSeconds = commonestStep(rows);
  if (intervalSeconds === undefined) {
    throw rowError(first, "The meter has a single moment, so its interval is unknown", "Give it at least two rows.");
  }
  if (SLOT_SECONDS % intervalSeconds !== 0 && intervalSeconds % SLOT_SECONDS !== 0) {
    const hint = `The step of ${intervalSeconds} s must divide ${SLOT_SECONDS} s or be a multiple of it.`;
    throw rowError(rows[1] ?? first, "The meter's interval does not fit market slots", hint);
  }

  const grid = Math.min(intervalSeconds, SLOT_SECONDS);
  if (first.unixSeconds % SLOT_SECONDS !== 0) {
    throw rowError(first, "The meter's first reading is not aligned with a market slot", alignment(SLOT_SECONDS));
  }
  rows.forEach((row, index) => {
    if (row.unixSeconds % grid !== 0) throw rowError(row, "The timestamp is not aligned", alignment(grid));
    const before = rows[index - 1];
    if (before !== undefined) checkStep(before, row, intervalSeconds);
  });
  if ((last.unixSeconds + intervalSeconds) % SLOT_SECONDS !== 0) {
    throw rowError(
      last,
      "The meter's last market slot is incomplete",
      "Add the rows that complete it, or drop its rows.",
    );
  }
  return intervalSeconds;
}

/** The step that occurs most often: a gap, a duplicate or a swapped row then stands out against it. */
function commonestStep(rows: readonly LongRow[]): number | undefined {
  const counts = new Map<number, number>();
  rows.forEach((row, index) => {
    const step = row.unixSeconds - (rows[index - 1]?.unixSeconds ?? row.unixSeconds);
    if (step > 0) counts.set(step, (counts.get(step) ?? 0) + 1);
  });
  const [commonest] = [...counts].sort(([stepA, countA], [stepB, countB]) => countB - countA || stepA - stepB);
  return commonest?.[0];
}

function checkStep(before: LongRow, row: LongRow, intervalSeconds: number): void {
  const step = row.unixSeconds - before.unixSeconds;
  if (step === intervalSeconds) return;
  const previous = `The reading before it, at ${cell(before.source, "timestamp")}, is on line ${before.source.line}.`;
  if (step === 0) throw rowError(row, "The reading is a duplicate", `${previous} Keep one of them.`);
  if (step < 0) throw rowError(row, "The readings are in the wrong order", `${previous} Sort the rows by time.`);
  if (step > intervalSeconds) {
    throw rowError(
      row,
      "There is a gap before this reading",
      `${previous} Add the missing rows, with zero if nothing flowed.`,
    );
  }
  throw rowError(row, "The reading comes too early", `${previous} Readings are ${intervalSeconds} s apart elsewhere.`);
}

function alignment(seconds: number): string {
  return `Timestamps must be multiples of ${seconds} s of universal time.`;
}

function rowError(row: LongRow, what: string, hint: string): Error {
  const { file, line } = row.source;
  return dataError({ what, file, line, column: "timestamp", value: cell(row.source, "timestamp"), hint });
}
