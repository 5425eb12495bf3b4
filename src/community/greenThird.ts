/** A slot with its renewable share, and the energy that went into training in it. */
export interface TrainingSlot {
  readonly slot: number;
  /** Of what was supplied; undefined where nothing flowed. */
  readonly renewableShare: number | undefined;
  readonly trainingWh: number;
}

/** How much of the training energy fell into the greenest third of the slots, as shares of one. */
export interface GreenThird {
  readonly share: number;
  /** The same, had the same energy been used from `postedSlot` on without waiting, in as many slots in a row. */
  readonly shareAtOnce: number;
}

/**
 * Whether waiting for plentiful energy paid: the greenest third are the slots with the highest renewable share, the earlier
 * of equals first. Undefined where no energy was used.
 */
export function greenThird(slots: readonly TrainingSlot[], postedSlot: number): GreenThird | undefined {
  const total = slots.reduce((sum, { trainingWh }) => sum + trainingWh, 0);
  if (total === 0) return undefined;
  const greenest = new Set(
    [...slots]
      .sort((a, b) => (b.renewableShare ?? 0) - (a.renewableShare ?? 0) || a.slot - b.slot)
      .slice(0, Math.floor(slots.length / 3))
      .map(({ slot }) => slot),
  );
  const inThird = slots.reduce((sum, { slot, trainingWh }) => sum + (greenest.has(slot) ? trainingWh : 0), 0);
  const used = slots.map(({ trainingWh }) => trainingWh).filter((energyWh) => energyWh > 0);
  const atOnce = used.reduce((sum, energyWh, i) => sum + (greenest.has(postedSlot + i) ? energyWh : 0), 0);
  return { share: inThird / total, shareAtOnce: atOnce / total };
}
