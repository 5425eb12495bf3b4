import { getAddress, isAddress } from "ethers";
import { cell, csvTable, wholeNumber } from "../meters/profiles/csvTable.ts";
import { dataError } from "../meters/profiles/dataError.ts";
import { parseTimestamp } from "../meters/profiles/parseTimestamp.ts";
import { SLOT_SECONDS } from "../units.ts";
import type { Potential } from "./balance.ts";

const COLUMNS = ["timestamp", "meter", "potential_wh"] as const;

/**
 * What plants could have made, from a CSV file with a row a meter and market slot: the slot's start, the meter's address, Wh.
 * A register does not show what a plant held back, so curtailment needs this; a plant or slot without a row counts as
 * not curtailed.
 */
export function readPotential(file: string): Potential {
  const potential = new Map<string, number>();
  for (const row of csvTable(file, COLUMNS)) {
    const address = cell(row, "meter");
    const { line } = row;
    if (!isAddress(address)) {
      const hint = "Give the meter's address, 0x and 40 hexadecimal digits.";
      throw dataError({ what: "The text is not an address", file, line, column: "meter", value: address, hint });
    }
    const unixSeconds = parseTimestamp(row, "timestamp");
    const value = cell(row, "timestamp");
    if (unixSeconds % SLOT_SECONDS !== 0) {
      const hint = "Give a row for each market slot: a quarter hour of universal time.";
      throw dataError({ what: "The row begins within a slot", file, line, column: "timestamp", value, hint });
    }
    const key = `${getAddress(address)}/${String(unixSeconds / SLOT_SECONDS)}`;
    if (potential.has(key)) {
      const hint = "Give each meter one row a slot.";
      throw dataError({ what: "The meter has this slot twice", file, line, column: "timestamp", value, hint });
    }
    potential.set(key, wholeNumber(row, "potential_wh"));
  }
  return potential;
}
