import { z } from "zod";
import { JouleworkError } from "../errors.ts";
import { readYaml } from "../readYaml.ts";

const whole = z.int().nonnegative();
const share = z.int().min(0).max(1_000_000);

const job = z.strictObject({
  name: z.string().min(1).max(40),
  /** Slots that it runs, one after the other, in one data centre. */
  slots: z.int().min(1).max(96),
  /** Energy of each of these slots, Wh. */
  energyWh: z.int().positive().max(100_000_000),
  /** It must have ended with this slot, counted from 0; the last slot unless told. */
  deadline: whole.optional(),
  /** Least renewable share of its energy, ppm. */
  minGreenPpm: share.default(0),
  /** The most that it pays, in the mean of its slots, ticks per Wh. */
  priceLimit: z.int().positive().max(16_777_215),
});

const dataCentre = z.strictObject({
  name: z.string().min(1).max(40),
  /** Energy for jobs in each slot, Wh. */
  capacityWh: z.array(whole).min(1).max(96),
  /** Price of each slot, ticks per Wh. */
  prices: z.array(whole).min(1).max(96),
  /** Renewable share of each slot's energy, ppm. */
  greenPpm: z.array(share).min(1).max(96),
});

const schema = z.strictObject({
  name: z.string().min(1).max(80),
  jobs: z.array(job).min(1).max(200),
  dataCentres: z.array(dataCentre).min(1).max(50),
});

/** Training jobs and the data centres that may take them. */
export type Placement = z.output<typeof schema>;
export type PlacementJob = Placement["jobs"][number];

/** A placement problem from a YAML or JSON file. An error names the file and the field. */
export function readPlacement(file: string): Placement {
  return parsePlacement(
    readYaml(file, (part, problem, cause) => invalid(file, part, problem, cause)),
    file,
  );
}

/** A placement problem from a plain object, checked. */
export function parsePlacement(input: unknown, file = "the given object"): Placement {
  const parsed = schema.safeParse(input);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw invalid(file, issue?.path.join(".") ?? "", issue?.message ?? "unreadable");
  }
  const { jobs, dataCentres } = parsed.data;
  const slots = dataCentres[0]?.prices.length ?? 0;
  dataCentres.forEach((centre, index) => {
    for (const field of ["capacityWh", "prices", "greenPpm"] as const) {
      if (centre[field].length === slots) continue;
      throw invalid(file, `dataCentres.${index}.${field}`, `give a value for each of the ${slots} slots`);
    }
  });
  jobs.forEach(({ deadline }, index) => {
    if (deadline === undefined || deadline < slots) return;
    throw invalid(file, `jobs.${index}.deadline`, `the last slot is ${slots - 1}`);
  });
  return parsed.data;
}

function invalid(file: string, field: string, problem: string, cause?: unknown): JouleworkError {
  return new JouleworkError({
    code: "PLACEMENT_INVALID",
    what: "The placement problem cannot be used",
    values: { file, field, problem },
    hint: "Correct the field; docs/placement.md lists all of them.",
    ...(cause === undefined ? {} : { cause }),
  });
}
