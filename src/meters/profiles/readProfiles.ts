import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { JouleworkError } from "../../errors.ts";
import { dataError } from "./dataError.ts";
import type { ProfileData } from "./profileData.ts";
import { readCityLearn, type CityLearnOptions } from "./readCityLearn.ts";
import { readLongCsv } from "./readLongCsv.ts";
import { VEHICLES_FILE } from "./readVehicles.ts";

/** `firstDay` and `homes` are for CityLearn folders alone. */
export type ReadProfilesOptions = CityLearnOptions;

/**
 * Reads measured energy from a folder: a CityLearn folder if it holds a `schema.json`, otherwise all its `.csv`
 * files in the long format. A single `.csv` file of the long format will do as well. Beside files in the long format,
 * `vehicles.csv` may say when electric vehicles stay at which of the homes.
 */
export function readProfiles(path: string, options: ReadProfilesOptions = {}): ProfileData {
  if (!existsSync(path)) {
    throw dataError({ what: "The data do not exist", file: path, hint: "Give the path of a folder or of a CSV file." });
  }
  if (existsSync(join(path, "schema.json"))) return readCityLearn(path, options);

  const { firstDay, homes, ...longOptions } = options;
  if (firstDay !== undefined || homes !== undefined) {
    throw new JouleworkError({
      code: "PROFILE_OPTION_INVALID",
      what: "firstDay and homes apply to CityLearn folders, and this one has no schema.json",
      values: { path },
      hint: "Choose the window with start and days instead.",
    });
  }
  const vehicles = join(path, VEHICLES_FILE);
  return readLongCsv(csvFiles(path), { ...longOptions, ...(existsSync(vehicles) ? { vehicles } : {}) });
}

function csvFiles(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  const files = readdirSync(path)
    .filter((name) => name.toLowerCase().endsWith(".csv") && name !== VEHICLES_FILE)
    .sort()
    .map((name) => join(path, name));
  if (files.length > 0) return files;
  throw dataError({
    what: "The folder holds neither a schema.json nor a CSV file",
    file: path,
    hint: "Give a CityLearn folder, or CSV files with timestamp,meter,import_wh,export_wh.",
  });
}
