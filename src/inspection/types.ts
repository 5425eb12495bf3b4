/** What a meter reported, one entry a market slot, in Wh. */
export interface ReportedMeter {
  readonly meter: string;
  readonly importWh: ArrayLike<number>;
  readonly exportWh: ArrayLike<number>;
  /** Most energy a slot in one direction, by its rated power. */
  readonly slotLimitWh: number;
  /**
   * Most export that the source allows in each slot, for example under a cloudless sky, zero at night; only of meters with
   * a single source.
   */
  readonly exportBoundWh?: ArrayLike<number>;
  /** Meters that ought to behave alike have the same group, for example all solar meters of a zone. */
  readonly peerGroup?: string;
}

/** A zone over a run of slots. */
export interface InspectedZone {
  readonly meters: readonly ReportedMeter[];
  /** Net import of the zone at its feeder, Wh; null where the feeder was not read. */
  readonly feederWh: ArrayLike<number | null>;
}

/** How one meter looks in the light of the feeder, of physics and of its peers. */
export interface Suspicion {
  readonly meter: string;
  /** Whether the evidence is strong enough to send an inspector. */
  readonly suspect: boolean;
  /** Import that is missing from its readings, as a share of what it reported, ppm: from the fit to the feeder. */
  readonly missingImportPpm: number;
  /** Export that it reported and that never came, as a share of what it reported, ppm: from the same fit. */
  readonly inventedExportPpm: number;
  /** Energy behind the two shares, Wh. */
  readonly unexplainedWh: number;
  /**
   * Leave-one-out: how much worse the fit gets without the meter, as the F statistic of its two shares. What the other
   * meters explain as well counts for nothing.
   */
  readonly leaveOneOut: number;
  /** Correlation of the feeder's residual with the meter's reported flow (import plus export), -1 to 1. */
  readonly correlation: number;
  /** Slots in which it reported more than its source or its rating allows. */
  readonly impossibleSlots: number;
  /** Its reported export beside the median of its peers', each by its own bound; undefined without peers. */
  readonly peerRatio?: number;
}
