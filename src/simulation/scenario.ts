import { dirname, resolve } from "node:path";
import { JouleworkError } from "../errors.ts";
import { encodeTierDiscounts } from "../market/fees.ts";
import { readYaml } from "../readYaml.ts";
import { requireTerms, type ZoneLimits, type ZoneTerms } from "../market/tariff.ts";
import { scenarioSchema, type AgentGroup, type Scenario } from "./scenarioSchema.ts";

export type { AgentGroup, Dishonesty, Scenario, Strategy } from "./scenarioSchema.ts";

/** A scenario from a YAML or JSON file. An error names the file and the field, and says what may stand there. */
export function readScenario(file: string): Scenario {
  const document = readYaml(file, (part, problem, cause) => invalid(file, part, problem, cause));
  const scenario = parseScenario(document, file);
  const agents = scenario.agents.map(({ profiles, ...others }) =>
    profiles === undefined ? others : { ...others, profiles: resolve(dirname(file), profiles) },
  );
  return { ...scenario, agents };
}

/** A scenario from a plain object, checked. */
export function parseScenario(input: unknown, file = "the given object"): Scenario {
  const parsed = scenarioSchema.safeParse(input);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw invalid(file, issue?.path.join(".") ?? "", issue?.message ?? "unreadable");
  }
  const scenario = parsed.data;
  requireTerms(zoneLimits(scenario), zoneTerms(scenario));
  encodeTierDiscounts(scenario.game.feeDiscountsPpm);
  scenario.agents.forEach((agents, index) => {
    const path = `agents.${String(index)}`;
    checkGroup(agents, file, path);
    if ((agents.zone ?? 1) > scenario.zones) {
      throw invalid(file, `${path}.zone`, `there are ${String(scenario.zones)} zones only`);
    }
  });
  if (scenario.dayBefore && scenario.agents.some(({ kind }) => kind !== "measured" && kind !== "battery")) {
    throw invalid(file, "dayBefore", "only what was measured has a day before: agents must be measured, or batteries");
  }
  return scenario;
}

export function zoneTerms({ market }: Scenario): ZoneTerms {
  const { rule, importPrice, exportPrice, slopePpm, feePpm, networkLocalPrice, networkGridPrice, levyPrice } = market;
  return {
    fromSlot: 0,
    rule,
    importPrice,
    exportPrice,
    slopePpm,
    feePpm,
    networkLocalPrice,
    networkGridPrice,
    levyPrice,
  };
}

export function zoneLimits({ market, lossPpm }: Scenario): ZoneLimits {
  const { floorPrice, capPrice, exportCapPrice } = market;
  return { floorPrice, capPrice, exportCapPrice, lossPpm, toleranceWh: 0 };
}

/** What the schema of one field alone cannot say. */
function checkGroup(agents: AgentGroup, file: string, path: string): void {
  const { kind, profiles, solarPowerW, storage, vehicle, training, dishonest, reluctance, ratedPowerW } = agents;
  const refuse = (field: string, problem: string): never => {
    throw invalid(file, `${path}.${field}`, problem);
  };
  if (kind === "prosumer" && solarPowerW === undefined) {
    refuse("solarPowerW", "a prosumer has panels: give their peak power in W");
  }
  if (kind !== "prosumer" && solarPowerW !== undefined) {
    refuse("solarPowerW", "only a prosumer has panels behind its meter");
  }
  if ((kind === "measured") !== (profiles !== undefined)) {
    refuse("profiles", "name a folder of measurements for measured agents, and for no others");
  }
  if (kind !== "measured" && agents.homes !== "all") refuse("homes", "only measured homes can be held back");
  if (kind === "battery" && storage === undefined) refuse("storage", "a battery stores: give its capacity and power");
  if (vehicle !== undefined && kind !== "household" && kind !== "prosumer") {
    refuse("vehicle", "only households and prosumers have vehicles");
  }
  if (training !== undefined && kind !== "data centre") refuse("training", "only a data centre trains");
  if (training !== undefined && training.dailyWh > training.powerW * 24) {
    refuse("training.dailyWh", "a day at full power does not suffice for it");
  }
  for (const field of ["storage", "vehicle", "training"] as const) {
    if ((agents[field]?.powerW ?? 0) > ratedPowerW) {
      refuse(`${field}.powerW`, "it is more than the meter's rated power");
    }
  }
  if (dishonest?.kind === "farming" && storage === undefined)
    refuse("dishonest.kind", "points are farmed with storage");
  if (dishonest?.kind === "copying" && training === undefined) refuse("dishonest.kind", "only training can be copied");
  if (reluctance[0] > reluctance[1]) refuse("reluctance", "give the lower end first");
}

/** A scenario's field that cannot be used. */
export function invalid(file: string, field: string, problem: string, cause?: unknown): JouleworkError {
  return new JouleworkError({
    code: "SCENARIO_INVALID",
    what: "The scenario cannot be used",
    values: { file, field, problem },
    hint: "Correct the field; docs/simulation.md lists all of them.",
    ...(cause === undefined ? {} : { cause }),
  });
}
