import { ZeroHash } from "ethers";
import {
  measurementHash,
  measurementPrograms,
  type MeasurementPrograms,
} from "../../reproducible/scoring/measurementPrograms.ts";
import { jobError } from "../jobErrors.ts";
import { scoringRule, type JobSpec } from "../jobSpec.ts";
import type { JobTerms } from "../jobTypes.ts";

/** The programs by which the chain decides a job's results; undefined where the specification wants none. */
export function jobPrograms(spec: JobSpec, maxWorkers: number): MeasurementPrograms | undefined {
  const { model, sliceBytes } = spec;
  if (sliceBytes === undefined) return undefined;
  return measurementPrograms({ model, rule: scoringRule(spec), sliceBytes, maxWorkers });
}

/** The term by which a job names them. */
export function jobMeasurement(spec: JobSpec, maxWorkers: number): string {
  const programs = jobPrograms(spec, maxWorkers);
  return programs === undefined ? ZeroHash : measurementHash(programs);
}

/**
 * Compares the posted measurement with that of the specification: the contract takes it as it is posted, and whoever puts a bond has
 * to look at it.
 *
 * @throws JOB_TERMS_DIFFER
 */
export function requireMeasurement(
  job: number,
  { measurement, maxWorkers }: Pick<JobTerms, "measurement" | "maxWorkers">,
  spec: JobSpec,
): void {
  const derived = jobMeasurement(spec, maxWorkers);
  if (measurement === derived) return;
  throw jobError("JOB_TERMS_DIFFER", "A posted term is not what the specification gives", {
    job,
    term: "measurement",
    posted: measurement,
    derived,
  });
}
