/** Energy through one meter, one entry a market slot, in whole Wh. */
export interface EnergyProfile {
  importWh: Uint32Array;
  exportWh: Uint32Array;
}

/** A profile of `slots` slots in which nothing flows. */
export function emptyProfile(slots: number): EnergyProfile {
  return { importWh: new Uint32Array(slots), exportWh: new Uint32Array(slots) };
}
