import { z } from "zod";
import { HALF_LIFE_DAYS } from "../game/components.ts";
import { SHARES_OF_CHARGES } from "../game/points.ts";
import { STEP_DIVISOR } from "../market/tariffRule.ts";

const share = z.number().min(0).max(1);
const positive = z.number().positive();
const wholePositive = z.int().positive();
const ppm = z.int().min(0).max(1_000_000);

/** How an agent turns what its energy is worth to it into a limit price. */
const strategy = z.discriminatedUnion("kind", [
  /** Its limit price is its valuation. */
  z.strictObject({ kind: z.literal("truthful") }),
  /** A bid below and an offer above its valuation, by this share of the band between both backstop prices. */
  z.strictObject({ kind: z.literal("shading"), share }),
  /** Zero-intelligence-plus: a margin that learns from whether it traded (Cliff, 1997). */
  z.strictObject({ kind: z.literal("zip"), learningRate: share.default(0.3) }),
  /** Reinforcement: margins are chosen as often as they paid (Roth and Erev, 1995; Nicolaisen et al., 2001). */
  z.strictObject({ kind: z.literal("roth-erev"), recency: share.default(0.1), experimentation: share.default(0.2) }),
]);

/** What a part of a group does that the contracts make it pay for; the rest of the group is honest. */
const dishonest = z.discriminatedUnion("kind", [
  /** Offers this many times what it will deliver. */
  z.strictObject({ kind: z.literal("overstating"), share, factor: z.number().min(1).max(100).default(2) }),
  /** Keeps back this share of its readings, so that the next one is a gap reading. */
  z.strictObject({ kind: z.literal("withholding"), share, often: share.default(0.1) }),
  /** Runs its battery for points alone, whatever its own load and the price. */
  z.strictObject({ kind: z.literal("farming"), share }),
  /** Hands in others' training work as its own. */
  z.strictObject({ kind: z.literal("copying"), share }),
]);

const device = {
  capacityWh: wholePositive.max(100_000_000),
  powerW: wholePositive.max(65_000_000),
  roundTripPpm: ppm.min(1),
};

/** A battery beside the meter's other energy. */
const storage = z.strictObject({
  ...device,
  /** Answers to the price of the slot alone, or plans a day ahead with a forecast of it. */
  control: z.enum(["reactive", "forecast"]).default("reactive"),
});

/** An electric vehicle at the meter, away on working days; it needs six tenths of its capacity in the morning. */
const vehicle = z.strictObject(device);

/** Work that may run at any time of its day: what a data centre trains with its credits. */
const training = z.strictObject({
  /** Energy a day, Wh. */
  dailyWh: wholePositive.max(1_000_000_000),
  powerW: wholePositive.max(65_000_000),
  /** Waits for cheap slots, for slots with more supply than demand, or for either. */
  placement: z.enum(["price", "green", "either"]).default("either"),
  /** What requesters pay for the work, ticks per Wh that it takes. */
  payPrice: z.int().min(0).max(4_000_000).default(0),
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
    "battery",
    "measured",
  ]),
  count: z.int().min(1).max(1_000_000),
  /** The only zone, from 1 on, that its agents are in; without it they are dealt out over all zones. */
  zone: z.int().min(1).max(4_095).optional(),
  /** Of measured agents: a folder of measurements, relative to the scenario's file. */
  profiles: z.string().min(1).optional(),
  /** Which homes of the folder: every third one is held out, so that a rule tuned on the kept ones is judged on others. */
  homes: z.enum(["all", "kept", "held-out"]).default("all"),
  /** Sizes are drawn evenly from one less to one more than this share of the middle one. */
  sizeSpread: share.default(0.3),
  ratedPowerW: z.int().min(1_024).max(65_011_712),
  /** Of a prosumer's panels. */
  solarPowerW: wholePositive.max(65_011_712).optional(),
  storage: storage.optional(),
  vehicle: vehicle.optional(),
  training: training.optional(),
  /** Share of the load that may wait for up to half a day. */
  flexibleShare: share.default(0),
  /** Standard deviation of the error with which an order foresees its slot, as a share of the energy. */
  forecastError: share.default(0.08),
  /** How far from its backstop price an agent values a trade, as a share of the band: drawn evenly from this range. */
  reluctance: z.tuple([share, share]).default([0, 0.3]),
  /** What its standing is worth to an agent beside money, ticks per Wh traded and not delivered. */
  standingPrice: z.int().min(0).max(4_000_000).default(0),
  strategy: strategy.default({ kind: "truthful" }),
  dishonest: dishonest.optional(),
});

const market = z.strictObject({
  rule: z.enum(["midpoint", "sbba"]).default("sbba"),
  /** Base prices and charges, ticks per Wh; see `docs/economics.md`. */
  importPrice: wholePositive,
  exportPrice: z.int().nonnegative(),
  slopePpm: z.int().nonnegative().default(500_000),
  feePpm: z.int().nonnegative().default(10_000),
  networkLocalPrice: z.int().nonnegative().default(20_000),
  networkGridPrice: z.int().nonnegative().default(60_000),
  levyPrice: z.int().nonnegative().default(10_000),
  floorPrice: z.int().nonnegative().default(40_000),
  capPrice: wholePositive.default(600_000),
  exportCapPrice: wholePositive.default(150_000),
});

/** Reputation and seasons. The default figures are those of a new deployment, but for the gift. */
const game = z.strictObject({
  seasonSlots: z.int().min(96).max(8_640).default(672),
  /** What is given to the pool of every season, credits. */
  giftCredits: z.int().min(0).max(1_000_000_000).default(0),
  /** Rebate of each tier from 0 on, ticks per imported Wh; further tiers have the last one. */
  rebatePrices: z.array(z.int().min(0).max(1_000_000)).min(1).max(8).default([0, 500, 1_000, 2_000, 4_000]),
  /** Discount of the trading fee by tier. */
  feeDiscountsPpm: z.array(ppm).min(1).max(8).default([0]),
  /** Whose storage counts in its efficiency: all, as though each had a meter of its own, or that which is the meter's only energy. */
  storageMeters: z.enum(["all", "own"]).default("all"),
});

/** What the contracts have as constants, so that another value is a question about another deployment. */
const constants = z.strictObject({
  /** The reference price moves by at most this part of itself a slot. */
  stepDivisor: z.int().min(1).max(64).default(STEP_DIVISOR),
  /** Days in which an idle score loses half of its distance from neutral. */
  halfLifeDays: z.int().min(1).max(64).default(HALF_LIFE_DAYS),
  /** A point is worth at most this part of the least charges; below five it can be earned in a circle. */
  pointShares: z.int().min(SHARES_OF_CHARGES).max(100).default(SHARES_OF_CHARGES),
});

/** The line between a zone and the grid. */
const grid = z.strictObject({
  /** Most power that a zone may take and give; 0 for both is an island. Without them there is no limit. */
  importLimitW: z.int().nonnegative().optional(),
  exportLimitW: z.int().nonnegative().optional(),
  /** What load that was not served is worth, ticks per Wh. */
  unservedPrice: z.int().nonnegative().default(5_000_000),
});

export const scenarioSchema = z.strictObject({
  name: z.string().min(1).max(80),
  description: z.string().max(2_000).default(""),
  start: z.iso.date(),
  days: z.int().min(1).max(400),
  seed: z.int().default(1),
  /** Measured agents and batteries alone: the folders hold the day before the first too, which the first day's prices look back at. */
  dayBefore: z.boolean().default(false),
  latitudeDeg: z.number().min(-90).max(90),
  longitudeDeg: z.number().min(-180).max(180),
  zones: z.int().min(1).max(4_095),
  /** Technical losses of a zone at its rated flow, as a share of that flow, ppm. */
  lossPpm: z.int().min(0).max(200_000).default(60_000),
  /** What the grid's energy emits, grams of CO2 per kWh. */
  gridIntensity: positive.default(300),
  market,
  game: game.prefault({}),
  constants: constants.prefault({}),
  grid: grid.prefault({}),
  /** How agents that plan ahead forecast prices. */
  forecaster: z.enum(["yesterday", "smoothing", "learned"]).default("smoothing"),
  /** What a certificate of one Wh is worth, ticks. */
  certificatePrice: z.int().min(0).max(1_000_000).default(0),
  agents: z.array(group).min(1).max(200),
});

export type Scenario = z.output<typeof scenarioSchema>;
export type AgentGroup = Scenario["agents"][number];
export type Strategy = AgentGroup["strategy"];
export type Dishonesty = NonNullable<AgentGroup["dishonest"]>;
