import type { Fleet } from "./fleet.ts";
import type { SiteReputation } from "../game/reputation.ts";
import type { PendingWork } from "../game/samples.ts";
import type { GameResult } from "./game.ts";
import type { OrderSide } from "./orders.ts";
import type { Scenario } from "./scenario.ts";
import type { SimulatedPrices } from "./settle.ts";

/** What of the suite is at work; each step has what the one before it has. */
export const STEPS = ["nothing", "trading", "moving prices", "reputation and seasons"] as const;
export type Step = (typeof STEPS)[number];

/** What happened, zone after zone with `slots` entries each. Energies in Wh, prices in ticks per Wh, money in ticks. */
export interface Simulation {
  readonly scenario: Scenario;
  readonly step: Step;
  readonly fleet: Fleet;
  readonly firstSlot: number;
  readonly slots: number;
  readonly importPrice: Int32Array;
  readonly exportPrice: Int32Array;
  readonly clearingPrice: Int32Array;
  readonly scarcityPpm: Int32Array;
  readonly matchedWh: Float64Array;
  /** Sums of the agents' meters. */
  readonly importWh: Float64Array;
  readonly exportWh: Float64Array;
  /** Net import of the agents, and what was lost on the zone's lines. */
  readonly netWh: Float64Array;
  readonly lossWh: Float64Array;
  readonly trainingWh: Float64Array;
  /** What plants of one source gave and was certified, and what of it training matched in the very slot. */
  readonly certifiedWh: Float64Array;
  readonly matchedTrainingWh: Float64Array;
  /** Generation that was turned down and load that was not served, because of the zone's line. */
  readonly curtailedWh: Float64Array;
  readonly unservedWh: Float64Array;
  /** Gains from trade: what buyers valued the traded energy at, less what sellers did. */
  readonly welfareTicks: Float64Array;
  /** Of each agent over the whole window: what it paid in all, less what it earned, and what it metered. */
  readonly costTicks: Float64Array;
  readonly takenWh: Float64Array;
  readonly givenWh: Float64Array;
  /** Of the earnings, what certificates brought to each agent, less what training cost it in them. */
  readonly certificateTicks: Float64Array;
  /** Of the earnings, the pay for training. */
  readonly payTicks: Float64Array;
  /** Reputation and seasons; undefined in the steps without them. */
  readonly game: GameResult | undefined;
}

/** A slot of a zone that was settled; arrays are the run's own and of all agents, so copy what is kept. */
export interface SettledSlot {
  /** The run so far. */
  readonly run: Simulation;
  readonly zone: number;
  readonly slot: number;
  /** The zone's agents are [from, to). */
  readonly from: number;
  readonly to: number;
  /** Sorted, with their fills; undefined where nobody trades. */
  readonly bids: OrderSide | undefined;
  readonly offers: OrderSide | undefined;
  readonly netWh: Int32Array;
  /** Without trades of meters whose reading was not in time. */
  readonly positionWh: Int32Array;
  readonly prices: Readonly<SimulatedPrices>;
  /** Trading fee of an agent's tier; that of the prices is the zone's. */
  readonly feePpmOf: (agent: number) => number;
  readonly scarcityPpm: number;
  /** Energy that waited for the slot when its prices were fixed. */
  readonly queuedWh: number;
}

/** An agent's reputation after the sync that ends a day. */
export interface DaySync {
  readonly agent: number;
  /** Slot / 96 of the day that ends. */
  readonly day: number;
  readonly after: SiteReputation;
  /** Training of the day, as it was noted. */
  readonly work: PendingWork;
}

/** What looks on while a scenario is played. */
export interface SlotWatcher {
  /** The orders of a slot before they are sorted: those of one price clear in the order in which they stand. */
  readonly placed?: (zone: number, slot: number, bids: OrderSide, offers: OrderSide) => void;
  readonly settled?: (slot: SettledSlot) => void;
  readonly synced?: (sync: DaySync) => void;
}
