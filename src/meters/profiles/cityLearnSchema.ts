import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { z } from "zod";
import { dataError } from "./dataError.ts";

const schema = z.object({
  simulation_start_time_step: z.literal(0),
  simulation_end_time_step: z.int().positive(),
  seconds_per_time_step: z.literal(3_600).default(3_600),
  buildings: z.record(
    z.string(),
    z.object({
      include: z.boolean().default(true),
      energy_simulation: z
        .string()
        .refine((name) => name !== "" && basename(name) === name, "must be a plain file name"),
      pv: z.object({ attributes: z.object({ nominal_power: z.number().nonnegative() }) }).nullish(),
    }),
  ),
});

export interface CityLearnHome {
  name: string;
  file: string;
  /** Installed panels in kW; 0 without any. */
  nominalPowerKw: number;
}

/** What we need of a CityLearn folder's `schema.json`: its homes in order and the number of hours of their files. */
export function cityLearnSchema(dir: string): { hours: number; homes: CityLearnHome[] } {
  const file = join(dir, "schema.json");
  const parsed = schema.safeParse(readJson(file));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw dataError({
      what: "The schema does not describe hourly CityLearn homes",
      file,
      value: `${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`,
      hint: "Use the schema.json of the CityLearn 2022 data, or correct this entry.",
      cause: parsed.error,
    });
  }
  const { buildings, simulation_end_time_step } = parsed.data;
  const homes = Object.entries(buildings)
    .filter(([, building]) => building.include)
    .map(([name, building]) => ({
      name,
      file: join(dir, building.energy_simulation),
      nominalPowerKw: building.pv?.attributes.nominal_power ?? 0,
    }));
  if (homes.length === 0) {
    throw dataError({ what: "The schema includes no building", file, hint: "Set include to true for at least one." });
  }
  return { hours: simulation_end_time_step + 1, homes };
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw dataError({
      what: "The schema cannot be read as JSON",
      file,
      value: cause instanceof Error ? cause.message : String(cause),
      hint: "Check the file's path and its brackets and commas.",
      cause,
    });
  }
}
