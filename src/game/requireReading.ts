import { JouleworkError } from "../errors.ts";
import type { ProvenReading, SettledReadings } from "./settledReadings.ts";

/**
 * The settled reading of a meter and one slot, as evidence of what it took or gave in that slot.
 *
 * @throws READING_NOT_SETTLED, READING_IS_GAP
 */
export function requireReading(readings: SettledReadings, meter: string, slot: number): ProvenReading {
  const reading = readings.prove(meter, slot);
  if (reading === undefined) {
    throw new JouleworkError({
      code: "READING_NOT_SETTLED",
      what: "No reading of the meter is settled for the slot",
      values: { meter, slot },
      hint: "Settle it first (joulework:settle), in time: a reading that spans several slots proves nothing of one.",
    });
  }
  if (reading.leaf.flags !== 0) {
    throw new JouleworkError({
      code: "READING_IS_GAP",
      what: "The reading spans more than its slot, so it proves nothing of it",
      values: { meter, slot },
      hint: "Name a slot that was read in time.",
    });
  }
  return reading;
}
