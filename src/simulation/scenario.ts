import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { parseDocument } from "yaml";
import { z } from "zod";
import { JouleworkError } from "../errors.ts";
import { requireTerms, type ZoneLimits, type ZoneTerms } from "../market/tariff.ts";

const share = z.number().min(0).max(1);
const positive = z.number().positive();

/** How an agent turns what its energy is worth to it into a limit price. */
const strategy = z.discriminatedUnion("kind", [
  /** Its limit price is its valuation. */
  z.strictObject({ kind: z.literal("truthful") }),
  /** A bid below and an offer above its valuation, by this share of the band between both backstop prices. */
  z.strictObject({ kind: z.literal("shading"), share }),
  /** Zero-intelligence-plus: a margin that learns from whether it traded (Cliff, 1997). */
  z.strictObject({ kind: z.literal("zip"), learningRate: share.default(0.3) }),
]);

/** A battery beside the meter's other energy. */
const storage = z.strictObject({
  capacityWh: z.int().positive().max(100_000_000),
  powerW: z.int().positive().max(65_000_000),
  roundTripPpm: z.int().positive().max(1_000_000),
});

/** Work that may run at any time of its day: what a data centre trains with its credits. */
const training = z.strictObject({
  /** Energy a day, Wh. */
  dailyWh: z.int().positive().max(1_000_000_000),
  powerW: z.int().positive().max(65_000_000),
});

const group = z.strictObject({
  name: z.string().min(1).max(40),
  kind: z.enum([
    "household",
    "prosumer",
    "solar",
    "wind",
    "hydro",
    "geothermal",
    "industry",
    "data centre",
    "measured",
  ]),
  count: z.int().min(1).max(1_000_000),
  /** Sizes are drawn evenly from one less to one more than this share of the middle one. */
  sizeSpread: share.default(0.3),
  ratedPowerW: z.int().min(1_024).max(65_011_712),
  /** Folder of measured energy, relative to the scenario's file: agent after agent is one of its meters. */
  profiles: z.string().min(1).optional(),
  /** Of a prosumer's panels. */
  solarPowerW: z.int().positive().max(65_011_712).optional(),
  storage: storage.optional(),
  training: training.optional(),
  /** Share of the load that may wait for up to half a day. */
  flexibleShare: share.default(0),
  /** Standard deviation of the error with which an order foresees its slot, as a share of the energy. */
  forecastError: z.number().min(0).max(1).default(0.08),
  /** How far from its backstop price an agent values a trade, as a share of the band: drawn evenly from this range. */
  reluctance: z.tuple([share, share]).default([0, 0.3]),
  strategy: strategy.default({ kind: "truthful" }),
});

const market = z.strictObject({
  rule: z.enum(["midpoint", "sbba"]).default("sbba"),
  /** Base prices and charges, ticks per Wh; see `docs/economics.md`. */
  importPrice: z.int().positive(),
  exportPrice: z.int().nonnegative(),
  slopePpm: z.int().nonnegative().default(500_000),
  feePpm: z.int().nonnegative().default(10_000),
  networkLocalPrice: z.int().nonnegative().default(20_000),
  networkGridPrice: z.int().nonnegative().default(60_000),
  levyPrice: z.int().nonnegative().default(10_000),
  floorPrice: z.int().nonnegative().default(40_000),
  capPrice: z.int().positive().default(600_000),
  exportCapPrice: z.int().positive().default(150_000),
});

const scenarioSchema = z.strictObject({
  name: z.string().min(1).max(80),
  description: z.string().max(2_000).default(""),
  start: z.iso.date(),
  days: z.int().min(1).max(400),
  seed: z.int().default(1),
  latitudeDeg: z.number().min(-90).max(90),
  longitudeDeg: z.number().min(-180).max(180),
  zones: z.int().min(1).max(4_095),
  /** Technical losses of a zone at its rated flow, as a share of that flow, ppm. */
  lossPpm: z.int().min(0).max(200_000).default(60_000),
  /** What the grid's energy emits, grams of CO2 per kWh. */
  gridIntensity: positive.default(300),
  market,
  agents: z.array(group).min(1).max(200),
});

export type Scenario = z.output<typeof scenarioSchema>;
export type AgentGroup = Scenario["agents"][number];
export type Strategy = AgentGroup["strategy"];

/** A scenario from a YAML or JSON file. An error names the file and the field, and says what may stand there. */
export function readScenario(file: string): Scenario {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    throw invalid(file, "the file", "it cannot be read", cause);
  }
  const document = parseDocument(text);
  const [problem] = document.errors;
  if (problem !== undefined) throw invalid(file, `line ${String(problem.linePos?.[0].line ?? 1)}`, problem.message);
  const scenario = parseScenario(document.toJS(), file);
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
  scenario.agents.forEach((agents, index) => checkGroup(agents, file, `agents.${String(index)}`));
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

function checkGroup(agents: AgentGroup, file: string, path: string): void {
  const { kind, solarPowerW, training: work, reluctance, ratedPowerW, profiles } = agents;
  if ((kind === "measured") !== (profiles !== undefined)) {
    throw invalid(file, `${path}.profiles`, "measured agents, and no others, have a folder of measurements");
  }
  if (kind === "prosumer" && solarPowerW === undefined) {
    throw invalid(file, `${path}.solarPowerW`, "a prosumer has panels: give their peak power in W");
  }
  if (kind !== "prosumer" && solarPowerW !== undefined) {
    throw invalid(file, `${path}.solarPowerW`, "only a prosumer has panels behind its meter");
  }
  if (work !== undefined && kind !== "data centre") {
    throw invalid(file, `${path}.training`, "only a data centre trains");
  }
  if (work !== undefined && work.dailyWh > work.powerW * 24) {
    throw invalid(file, `${path}.training.dailyWh`, "a day at full power does not suffice for it");
  }
  if (work !== undefined && work.powerW > ratedPowerW) {
    throw invalid(file, `${path}.training.powerW`, "it is more than the meter's rated power");
  }
  if (reluctance[0] > reluctance[1]) throw invalid(file, `${path}.reluctance`, "give the lower end first");
}

export function invalid(file: string, field: string, problem: string, cause?: unknown): JouleworkError {
  return new JouleworkError({
    code: "SCENARIO_INVALID",
    what: "The scenario cannot be used",
    values: { file, field, problem },
    hint: "Correct the field; docs/simulation.md lists all of them.",
    ...(cause === undefined ? {} : { cause }),
  });
}
