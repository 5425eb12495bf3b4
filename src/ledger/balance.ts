import { PPM } from "../units.ts";
import { storageLoss } from "./storageLoss.ts";
import type { BalanceTotals, LedgerInput, LedgerMeter, SlotBalance } from "./types.ts";

type Open<T> = { -readonly [Key in keyof T]: T[Key] };
type OpenBalance = Open<SlotBalance> & { read: number; netWh: number; feederWh: number | null };

/** What plants could have made, by `meter/slot`, in Wh. */
export type Potential = ReadonlyMap<string, number>;

/**
 * The first law, slot by slot: generation + surplus + storage out + feeder import = consumption + storage in + feeder
 * export + line loss. All but the last are readings, so it closes to the Wh wherever everything was read.
 */
export function slotBalances(
  { meters, readings }: Pick<LedgerInput, "meters" | "readings">,
  potential: Potential = new Map(),
): SlotBalance[] {
  const known = new Map(meters.map((meter) => [meter.meter, meter]));
  const rows = new Map<string, OpenBalance>();
  const takenWh = new Map<string, number>();
  for (const { meter: address, slot, importWh, exportWh, gap } of readings) {
    const meter = known.get(address);
    if (meter === undefined) continue;
    const lossWh = lossOf(meter, takenWh, importWh);
    if (gap) continue;
    const key = `${String(meter.zone)}/${String(slot)}`;
    const row = rows.get(key) ?? emptyRow(meter.zone, slot);
    rows.set(key, row);
    const potentialWh = potential.get(`${address}/${String(slot)}`) ?? 0;
    addReading(row, meter, { importWh, exportWh, lossWh, potentialWh });
  }
  return [...rows.values()].sort((a, b) => a.zone - b.zone || a.slot - b.slot).map((row) => closeRow(row, meters));
}

/** Sums of complete slots; `startWh` of storage is not known, so what it holds is told as a change. */
export function totalsOf(rows: readonly SlotBalance[]): BalanceTotals {
  const complete = rows.filter((row) => row.complete);
  const sum = (of: (row: SlotBalance) => number): number => complete.reduce((total, row) => total + of(row), 0);
  const amounts = {
    generationWh: sum(({ generationWh }) => generationWh),
    surplusWh: sum(({ surplusWh }) => surplusWh),
    consumptionWh: sum(({ consumptionWh }) => consumptionWh),
    storageInWh: sum(({ storageInWh }) => storageInWh),
    storageOutWh: sum(({ storageOutWh }) => storageOutWh),
    storageLossWh: sum(({ storageLossWh }) => storageLossWh),
    importWh: sum(({ importWh }) => importWh),
    exportWh: sum(({ exportWh }) => exportWh),
    lineLossWh: sum(({ lineLossWh }) => lineLossWh ?? 0),
    curtailedWh: sum(({ curtailedWh }) => curtailedWh),
    localWh: sum(({ localWh }) => localWh),
  };
  const storedWh = amounts.storageInWh - amounts.storageLossWh - amounts.storageOutWh;
  const destroyedWh = amounts.storageLossWh + amounts.lineLossWh + amounts.curtailedWh;
  const suppliedWh =
    amounts.generationWh + amounts.surplusWh + amounts.importWh + amounts.curtailedWh + Math.max(0, -storedWh);
  const { consumptionWh, importWh } = amounts;
  return {
    slots: complete.length,
    ...amounts,
    storedWh,
    destroyedWh,
    efficiencyPpm: suppliedWh === 0 ? null : Math.floor(((suppliedWh - destroyedWh) / suppliedWh) * PPM),
    selfSufficiencyPpm:
      consumptionWh === 0 ? null : Math.floor((Math.max(0, consumptionWh - importWh) / consumptionWh) * PPM),
  };
}

function lossOf({ meter, storage }: LedgerMeter, takenWh: Map<string, number>, importWh: number): number {
  if (storage === undefined) return 0;
  const before = takenWh.get(meter) ?? 0;
  takenWh.set(meter, before + importWh);
  return storageLoss(storage, before, importWh);
}

interface Amounts {
  readonly importWh: number;
  readonly exportWh: number;
  readonly lossWh: number;
  readonly potentialWh: number;
}

function addReading(
  row: OpenBalance,
  { role }: LedgerMeter,
  { importWh, exportWh, lossWh, potentialWh }: Amounts,
): void {
  if (role === "feeder") {
    row.feederWh = importWh - exportWh;
    return;
  }
  row.read += 1;
  row.netWh += importWh - exportWh;
  if (role === "storage") {
    row.storageInWh += importWh;
    row.storageOutWh += exportWh;
    row.storageLossWh += lossWh;
    return;
  }
  row.consumptionWh += importWh;
  if (role === "generator") {
    row.generationWh += exportWh;
    row.curtailedWh += Math.max(0, potentialWh - exportWh);
  } else {
    row.surplusWh += exportWh;
  }
}

function closeRow({ read, netWh, feederWh, ...row }: OpenBalance, meters: readonly LedgerMeter[]): SlotBalance {
  const present = meters.filter(
    ({ zone, role, firstSlot, endSlot }) =>
      zone === row.zone && role !== "feeder" && row.slot >= firstSlot && row.slot < (endSlot ?? Infinity),
  );
  const complete = feederWh !== null && read === present.length;
  const supplyWh = row.generationWh + row.surplusWh + row.storageOutWh;
  return {
    ...row,
    complete,
    importWh: Math.max(0, feederWh ?? 0),
    exportWh: Math.max(0, -(feederWh ?? 0)),
    lineLossWh: complete ? feederWh - netWh : null,
    localWh: Math.min(supplyWh, row.consumptionWh + row.storageInWh),
  };
}

function emptyRow(zone: number, slot: number): OpenBalance {
  return {
    zone,
    slot,
    complete: false,
    generationWh: 0,
    surplusWh: 0,
    consumptionWh: 0,
    storageInWh: 0,
    storageOutWh: 0,
    storageLossWh: 0,
    importWh: 0,
    exportWh: 0,
    lineLossWh: null,
    curtailedWh: 0,
    localWh: 0,
    read: 0,
    netWh: 0,
    feederWh: null,
  };
}
