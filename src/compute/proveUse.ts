import { JouleworkError } from "../errors.ts";
import { requireReading } from "../game/requireReading.ts";
import type { ProvenReading, SettledReadings } from "../game/settledReadings.ts";

export interface ProveUseParameters {
  readonly readings: SettledReadings;
  /** The provider's meter. */
  readonly meter: string;
  readonly slot: number;
  readonly acceleratorSeconds: number;
  /** What an accelerator takes, as its offer declares. */
  readonly powerW: number;
  /** Energy of the use; what the offer declares for it where absent. */
  readonly energyWh?: number | undefined;
  /** What the reading has served for as evidence already. */
  readonly usedWh: number;
}

/** Use of a slot as the market takes it. */
export interface ProvenUse {
  readonly energyWh: number;
  readonly reading: ProvenReading;
}

const HOUR_SECONDS = 3_600;

/**
 * The energy of a slot's use with the settled reading that proves it.
 *
 * @throws READING_NOT_SETTLED, READING_IS_GAP, EVIDENCE_SHORT
 */
export function proveUse(parameters: ProveUseParameters): ProvenUse {
  const { readings, meter, slot, acceleratorSeconds, powerW, usedWh } = parameters;
  const reading = requireReading(readings, meter, slot);
  const energyWh = parameters.energyWh ?? Math.ceil((acceleratorSeconds * powerW) / HOUR_SECONDS);
  const unusedWh = reading.leaf.importWh - usedWh;
  if (energyWh > unusedWh) {
    throw new JouleworkError({
      code: "EVIDENCE_SHORT",
      what: "The reading does not prove that much energy",
      values: { meter, slot, energyWh, importWh: reading.leaf.importWh, usedWh },
      hint: "Say with --energy how much the work took; a watt-hour proves one thing only.",
    });
  }
  return { energyWh, reading };
}
