import { ArgumentType } from "hardhat/types/arguments";
import { z } from "zod";
import { ENERGY_SOURCE_CODES, METER_KIND_CODES } from "../../../src/market/codes.ts";
import type { ConsentMessages } from "../../../src/market/messages.ts";
import { powerClassFor } from "../../../src/market/powerClass.ts";
import { textOption, wholeOption } from "./options.ts";
import { registerField, siteField } from "./parseInput.ts";

/** What a meter is: the arguments that its registration and its consents have in common. */
export const METER_ARGUMENTS = {
  site: { name: "site", description: "Site number", type: ArgumentType.INT },
  kind: {
    name: "kind",
    description: "feeder, consumer, prosumer, producer or storage",
    type: ArgumentType.STRING,
  },
  ratedPower: { name: "ratedPower", description: "Rated power, W", type: ArgumentType.INT },
  source: textOption("source", "none, solar, wind, hydro, geothermal, biomass or storage", "none"),
  storageCapacity: wholeOption("storageCapacity", "Storage meters: capacity, Wh", 0),
  efficiencyPpm: wholeOption("efficiencyPpm", "Storage meters: best round-trip efficiency, ppm", 0),
  importWh: wholeOption("importWh", "Import register as it stands, Wh", 0),
  exportWh: wholeOption("exportWh", "Export register as it stands, Wh", 0),
} as const;

export const METER_FIELDS = {
  site: siteField,
  kind: z.enum(["feeder", "consumer", "prosumer", "producer", "storage"]),
  ratedPower: z.int().min(1, "must be watts above zero"),
  source: z.enum(["none", "solar", "wind", "hydro", "geothermal", "biomass", "storage"]),
  storageCapacity: z.int().min(0).max(0xffffffff),
  efficiencyPpm: z.int().min(0).max(1_000_000),
  importWh: registerField,
  exportWh: registerField,
};

type MeterFacts = z.output<z.ZodObject<typeof METER_FIELDS>>;

export type MeterInput = Record<"site" | "ratedPower" | "storageCapacity" | "efficiencyPpm", number> &
  Record<"importWh" | "exportWh", number> &
  Record<"kind" | "source" | "deployment", string>;

/** The registration as owner and device sign it and as the exchange takes it. */
export function meterRegistration(meter: string, input: MeterFacts): ConsentMessages["MeterConsent"] {
  const { site, kind, source, ratedPower, storageCapacity, efficiencyPpm, importWh, exportWh } = input;
  return {
    site,
    meter,
    kind: METER_KIND_CODES[kind],
    source: ENERGY_SOURCE_CODES[source],
    powerClass: powerClassFor(ratedPower),
    storageCapacityWh: storageCapacity,
    bestEfficiencyPpm: efficiencyPpm,
    importWh,
    exportWh,
  };
}
