import type { LedgerInput, SlotBalance, TrainingUse } from "./types.ts";

/**
 * The same slots without what incentives moved: training runs at once, in as many slots in a row from the one after its
 * posting, and load that demand-response events took out is back. Trading itself moves no energy, so nothing else changes.
 * Line losses follow the square of the zone's net flow, with the factor that fits the measured slots best.
 *
 * Training that would fall on a slot without a complete balance stays where it was.
 */
export function withoutMarket(
  rows: readonly SlotBalance[],
  { training, shed }: Pick<LedgerInput, "training" | "shed">,
): SlotBalance[] {
  const complete = new Map(rows.filter((row) => row.complete).map((row) => [keyOf(row), row]));
  const addedWh = new Map<string, number>();
  const add = (key: string, energyWh: number): void => {
    addedWh.set(key, (addedWh.get(key) ?? 0) + energyWh);
  };
  for (const use of atOnce(training)) {
    const from = keyOf(use);
    const to = keyOf({ zone: use.zone, slot: use.movedSlot });
    if (!complete.has(from) || !complete.has(to)) continue;
    add(from, -use.energyWh);
    add(to, use.energyWh);
  }
  for (const load of shed) if (complete.has(keyOf(load))) add(keyOf(load), load.energyWh);

  const factors = new Map<number, number>();
  return rows.map((row) => {
    const energyWh = addedWh.get(keyOf(row)) ?? 0;
    if (energyWh === 0) return row;
    const factor = factors.get(row.zone) ?? lossFactor(rows.filter(({ zone }) => zone === row.zone));
    factors.set(row.zone, factor);
    return withMoreLoad(row, energyWh, factor);
  });
}

/** Least squares of `loss = factor * net^2` over complete slots, per Wh. */
export function lossFactor(rows: readonly SlotBalance[]): number {
  let products = 0;
  let squares = 0;
  for (const row of rows) {
    if (row.lineLossWh === null) continue;
    const flow = netWh(row) ** 2;
    products += row.lineLossWh * flow;
    squares += flow * flow;
  }
  return squares === 0 ? 0 : products / squares;
}

/** Each use with the slot that it would have had: a job's slots of a zone, in their order, moved to the first ones. */
function atOnce(training: readonly TrainingUse[]): (TrainingUse & { readonly movedSlot: number })[] {
  const slots = new Map<string, number[]>();
  for (const { job, zone, slot } of training) {
    const key = `${job}/${String(zone)}`;
    const known = slots.get(key) ?? [];
    if (!known.includes(slot)) known.push(slot);
    slots.set(key, known);
  }
  for (const known of slots.values()) known.sort((a, b) => a - b);
  return training.map((use) => {
    const place = slots.get(`${use.job}/${String(use.zone)}`)?.indexOf(use.slot) ?? 0;
    return { ...use, movedSlot: use.postedSlot + 1 + place };
  });
}

function withMoreLoad(row: SlotBalance, energyWh: number, factor: number): SlotBalance {
  const before = netWh(row);
  const after = before + energyWh;
  const lineLossWh = (row.lineLossWh ?? 0) + Math.round(factor * (after ** 2 - before ** 2));
  const feederWh = after + lineLossWh;
  const consumptionWh = row.consumptionWh + energyWh;
  return {
    ...row,
    consumptionWh,
    lineLossWh,
    importWh: Math.max(0, feederWh),
    exportWh: Math.max(0, -feederWh),
    localWh: Math.min(row.generationWh + row.surplusWh + row.storageOutWh, consumptionWh + row.storageInWh),
  };
}

/** Net import of the meters. */
function netWh(row: SlotBalance): number {
  return row.consumptionWh + row.storageInWh - row.generationWh - row.surplusWh - row.storageOutWh;
}

function keyOf({ zone, slot }: { zone: number; slot: number }): string {
  return `${String(zone)}/${String(slot)}`;
}
