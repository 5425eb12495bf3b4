import { readDeployment } from "../../chain/deployment.ts";
import type { Deployment } from "../../chain/deployment.ts";
import { JouleworkError } from "../../errors.ts";
import { readServiceKey } from "./readServiceKey.ts";

/** What both services take from their command line. */
export interface ServiceOptions {
  readonly deployment: string;
  readonly deployments: string;
  readonly keystore?: string;
}

/** The parts of a service's start that are read from files and the environment. */
export async function loadService(
  { deployment, deployments, keystore }: ServiceOptions,
  variable: string,
): Promise<{ readonly deployment: Deployment; readonly privateKey: string }> {
  return {
    deployment: await readDeployment(deployment, deployments),
    privateKey: await readServiceKey({ variable, keystorePath: keystore }),
  };
}

/** A whole number within bounds, from a command line. */
export function parseWhole(name: string, least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw invalid(name, text, `Give a whole number from ${least} to ${most}.`);
  };
}

/** Zone numbers, separated by commas. */
export function parseZones(text: string): number[] {
  const zones = text.split(",").map((part) => Number(part.trim()));
  if (zones.every((zone) => Number.isInteger(zone) && zone >= 1 && zone <= 0xfff)) return [...new Set(zones)];
  throw invalid("zones", text, "Give zone numbers separated by commas, such as 1,2.");
}

function invalid(option: string, given: string, hint: string): JouleworkError {
  return new JouleworkError({
    code: "OPTION_INVALID",
    what: "The option has no such value",
    values: { option, given },
    hint,
  });
}
