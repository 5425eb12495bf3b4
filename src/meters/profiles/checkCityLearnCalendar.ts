import { cell, type CsvRow, wholeNumber } from "./csvTable.ts";
import { dataError } from "./dataError.ts";

const HOURS_PER_DAY = 24;
const DAYS_PER_WEEK = 7;
/** A holiday stands in place of its weekday, so what comes next in the week cannot be told from it. */
const HOLIDAY = 8;
const MONTHS = 12;

interface Calendar {
  month: number;
  hour: number;
  dayType: number;
}

/**
 * Insists that rows follow each other hour by hour: hours count from 1 to 24 and start again, and with hour 1 the
 * day of the week moves on by one and the month by none or one. The hours alone would not show a missing day.
 * The file may begin at any hour.
 */
export function checkCityLearnCalendar(rows: readonly CsvRow[]): void {
  let before: Calendar | undefined;
  for (const row of rows) {
    const now = {
      month: inRange(row, "month", MONTHS),
      hour: inRange(row, "hour", HOURS_PER_DAY),
      dayType: inRange(row, "day_type", HOLIDAY),
    };
    if (before !== undefined) checkNext(row, before, now);
    before = now;
  }
}

function checkNext(row: CsvRow, before: Calendar, now: Calendar): void {
  const nextHour = (before.hour % HOURS_PER_DAY) + 1;
  if (now.hour !== nextHour) throw outOfOrder(row, "hour", String(nextHour));

  const newDay = now.hour === 1;
  const nextDay = newDay ? (before.dayType % DAYS_PER_WEEK) + 1 : before.dayType;
  const aroundHoliday = newDay && (before.dayType === HOLIDAY || now.dayType === HOLIDAY);
  if (now.dayType !== nextDay && !aroundHoliday) throw outOfOrder(row, "day_type", String(nextDay));

  const nextMonth = (before.month % MONTHS) + 1;
  if (now.month !== before.month && !(newDay && now.month === nextMonth)) {
    throw outOfOrder(row, "month", newDay ? `${before.month} or ${nextMonth}` : String(before.month));
  }
}

function inRange(row: CsvRow, column: string, highest: number): number {
  const value = wholeNumber(row, column);
  if (value < 1 || value > highest) throw outOfOrder(row, column, `1 to ${highest}`);
  return value;
}

function outOfOrder(row: CsvRow, column: string, expected: string): Error {
  return dataError({
    what: `The ${column} is out of order`,
    file: row.file,
    line: row.line,
    column,
    value: cell(row, column),
    hint: `Expected ${expected}: restore the order of the rows.`,
  });
}
