import { concludedPoints, pointsOfReading, unprovedWh, type Flow } from "./points.ts";

/** A settled reading of one slot, with the scarcity that was published for it. */
export interface TalliedReading extends Flow {
  readonly slot: number;
  readonly scarcityPpm: number;
}

/** A meter's part in a season. */
export interface TalliedMeter {
  /** Registers at the beginning and at the end. */
  readonly start: Flow;
  readonly end: Flow;
  readonly proved: readonly TalliedReading[];
}

export interface SiteSeason {
  readonly firstSlot: number;
  readonly lastSlot: number;
  readonly meters: readonly TalliedMeter[];
  /** Points of demand-response events, in millionths. */
  readonly eventPointsPpm?: bigint;
}

export interface SiteResult {
  readonly pointsPpm: bigint;
  readonly unprovedWh: number;
  readonly points: bigint;
  /** Proved import in the season's slots, Wh. */
  readonly importWh: number;
}

/** What a site's season comes to; the same arithmetic as on chain. */
export function tallySite({ firstSlot, lastSlot, meters, eventPointsPpm = 0n }: SiteSeason): SiteResult {
  let pointsPpm = eventPointsPpm;
  let unproved = 0;
  let importWh = 0;
  for (const { start, end, proved } of meters) {
    const sum = { importWh: 0, exportWh: 0 };
    for (const reading of proved) {
      sum.importWh += reading.importWh;
      sum.exportWh += reading.exportWh;
      if (reading.slot < firstSlot || reading.slot > lastSlot) continue;
      pointsPpm += pointsOfReading(reading.scarcityPpm, reading);
      importWh += reading.importWh;
    }
    unproved += unprovedWh(end, start, sum);
  }
  return {
    pointsPpm,
    unprovedWh: unproved,
    points: concludedPoints({ pointsPpm, unprovedWh: unproved }),
    importWh,
  };
}
