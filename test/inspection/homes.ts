import { readFileSync } from "node:fs";
import { parse } from "csv-parse/sync";
import type { InspectedZone, ReportedMeter } from "../../src/inspection/types.ts";
import { cityLearnSchema } from "../../src/meters/profiles/cityLearnSchema.ts";
import { randomStream } from "../../src/meters/profiles/randomStream.ts";

/** What flows through a meter in truth. */
export interface TrueMeter {
  readonly name: string;
  readonly importWh: number[];
  readonly exportWh: number[];
  /** What its panels gave, where they are behind this net meter. */
  readonly solarWh?: readonly number[];
  readonly slotLimitWh: number;
  readonly peerGroup?: string;
}

export interface Lie {
  readonly meter: string;
  /** Share of the import that it leaves out. */
  readonly missingImport?: number;
  /** Share of its solar energy that it adds: less import and more export than there was. */
  readonly inventedSolar?: number;
}

const SLOTS_PER_HOUR = 4;
const HOURS_PER_DAY = 24;
/** A feeder meter of accuracy class 0.5: two standard deviations are half a percent of the flow. */
const FEEDER_NOISE = 0.0025;
const LOSS_SHARE = 0.02;

/** The nine measured homes over some days, with their solar panels metered apart, or each behind one net meter. */
export function realHomes(dir: string, firstDay: number, days: number, apart: boolean): TrueMeter[] {
  return cityLearnSchema(dir).homes.flatMap(({ name, file, nominalPowerKw }): TrueMeter[] => {
    const rows: Record<string, string>[] = parse(readFileSync(file), { columns: true });
    const hours = rows.slice(firstDay * HOURS_PER_DAY, (firstDay + days) * HOURS_PER_DAY);
    const load = spread(hours.map((row) => Number(row.non_shiftable_load) * 1_000));
    const solar = spread(hours.map((row) => Number(row.solar_generation) * nominalPowerKw));
    const none = load.map(() => 0);
    const slotLimitWh = 4_096;
    if (apart) {
      return [
        { name, importWh: load, exportWh: none, slotLimitWh },
        {
          name: `${name}.solar`,
          importWh: none,
          exportWh: solar,
          solarWh: solar,
          slotLimitWh: nominalPowerKw * 250,
          peerGroup: "solar",
        },
      ];
    }
    const net = load.map((value, slot) => value - (solar[slot] ?? 0));
    return [
      {
        name,
        importWh: net.map((value) => Math.max(0, value)),
        exportWh: net.map((value) => Math.max(0, -value)),
        solarWh: solar,
        slotLimitWh,
      },
    ];
  });
}

/** What the meters report and what their feeder, a real instrument behind lossy lines, sees. */
export function reportedBy(meters: readonly TrueMeter[], lies: readonly Lie[], seed: number): InspectedZone {
  const slots = meters[0]?.importWh.length ?? 0;
  const noise = randomStream(seed, "feeder");
  const feederWh = Array.from({ length: slots }, (_, slot) => {
    const flow = meters.reduce((sum, { importWh, exportWh }) => sum + (importWh[slot] ?? 0) - (exportWh[slot] ?? 0), 0);
    const rated = meters.reduce((sum, { slotLimitWh }) => sum + slotLimitWh, 0);
    const loss = (LOSS_SHARE * flow * flow) / rated;
    return Math.round((flow + loss) * (1 + FEEDER_NOISE * noise.normal()));
  });
  const reported = meters.map(({ name, importWh, exportWh, solarWh, ...facts }): ReportedMeter => {
    const lie = lies.find(({ meter }) => meter === name);
    const invented = (lie?.inventedSolar ?? 0) * (solarWh === undefined ? 0 : 1);
    const net = importWh.map((value, slot) => {
      const honest = value * (1 - (lie?.missingImport ?? 0)) - (exportWh[slot] ?? 0);
      return honest - invented * (solarWh?.[slot] ?? 0);
    });
    return {
      ...facts,
      meter: name,
      importWh: net.map((value) => Math.round(Math.max(0, value))),
      exportWh: net.map((value) => Math.round(Math.max(0, -value))),
    };
  });
  return { meters: reported, feederWh };
}

function spread(hourly: readonly number[]): number[] {
  return hourly.flatMap((value) => Array.from({ length: SLOTS_PER_HOUR }, () => value / SLOTS_PER_HOUR));
}
