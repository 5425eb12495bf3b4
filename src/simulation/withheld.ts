import { CONDUCTS, type Fleet } from "./fleet.ts";
import { evenNoise } from "./noise.ts";
import { gapCostTicks, unreadCostTicks, type SimulatedPrices } from "./settle.ts";
import type { ZoneLimits } from "../market/tariff.ts";

/** Told apart from other draws of the same agent and slot. */
const WITHHOLD_SEED = 0x2c1b3c6d;

/** Where a meter that withholds readings stands in a slot. */
const READ = 0;
/** The slot before was not read: this one is settled with it, as a gap. */
const OWING = 1;
/** The slot's auction was held before the gap was read, so the meter was in no position to trade. */
const BARRED = 2;

/** A reading that was not in time, as the game counts it. */
export interface LateReading {
  readonly agent: number;
  /** Of the trade that was settled as if nothing had flowed. */
  readonly positionWh: number;
  /** Import and export of a gap reading together; none where the slot stays unread for now. */
  readonly gapWh: number;
}

/**
 * The meters of a zone that keep readings back. A slot without a reading is closed as if nothing had flowed; the next reading is a gap: it is settled gross, import
 * at the cap and export at the floor price, closes its own slot's trade likewise, and the meter stands aside of one more auction.
 */
export class WithheldReadings {
  readonly #agents: Int32Array;
  readonly #state: Uint8Array;
  readonly #importWh: Float64Array;
  readonly #exportWh: Float64Array;
  readonly #netWh: Int32Array;
  readonly #often: (agent: number) => number;
  readonly #seed: number;

  constructor(fleet: Fleet, from: number, to: number, seed: number, often: (agent: number) => number) {
    const agents: number[] = [];
    for (let agent = from; agent < to; ++agent) {
      if (fleet.conduct[agent] === CONDUCTS.withholding) agents.push(agent);
    }
    this.#agents = Int32Array.from(agents);
    this.#state = new Uint8Array(agents.length);
    this.#importWh = new Float64Array(agents.length);
    this.#exportWh = new Float64Array(agents.length);
    this.#netWh = new Int32Array(agents.length);
    this.#often = often;
    this.#seed = seed;
  }

  get count(): number {
    return this.#agents.length;
  }

  /** Leaves out of the auction who may not trade in it, until `rejoin`. */
  standAside(netWh: Int32Array): void {
    this.#agents.forEach((agent, row) => {
      if (this.#state[row] !== BARRED) return;
      this.#netWh[row] = netWh[agent] ?? 0;
      netWh[agent] = 0;
    });
  }

  rejoin(netWh: Int32Array): void {
    this.#agents.forEach((agent, row) => {
      if (this.#state[row] === BARRED) netWh[agent] = this.#netWh[row] ?? 0;
    });
  }

  /**
   * Settles those whose reading of the slot is not in time and hides their energy and trade from the settlement of the others, until `reveal`. Adds to
   * `costTicks`, and tells every late reading.
   */
  settle(
    slot: number,
    netWh: Int32Array,
    positionWh: Int32Array,
    prices: SimulatedPrices,
    limits: Pick<ZoneLimits, "capPrice" | "floorPrice">,
    costTicks: Float64Array,
    feePpmOf: (agent: number) => number,
    onLate: (late: LateReading) => void,
  ): void {
    this.#agents.forEach((agent, row) => {
      const net = netWh[agent] ?? 0;
      const position = positionWh[agent] ?? 0;
      this.#netWh[row] = 0;
      const before = this.#state[row];
      if (before === BARRED) {
        this.#state[row] = READ;
        return;
      }
      if (before === READ && evenNoise(this.#seed ^ WITHHOLD_SEED, agent, slot) >= this.#often(agent)) return;
      this.#importWh[row] = (this.#importWh[row] ?? 0) + Math.max(0, net);
      this.#exportWh[row] = (this.#exportWh[row] ?? 0) + Math.max(0, -net);
      prices.feePpm = feePpmOf(agent);
      let cost = unreadCostTicks(position, prices);
      let gapWh = 0;
      if (before === OWING) {
        const [importWh, exportWh] = [this.#importWh[row] ?? 0, this.#exportWh[row] ?? 0];
        cost += gapCostTicks(importWh, exportWh, limits, prices);
        gapWh = importWh + exportWh;
        this.#importWh[row] = 0;
        this.#exportWh[row] = 0;
      }
      this.#state[row] = before === OWING ? BARRED : OWING;
      costTicks[agent] = (costTicks[agent] ?? 0) + cost;
      onLate({ agent, positionWh: position, gapWh });
      this.#netWh[row] = net;
      netWh[agent] = 0;
      positionWh[agent] = 0;
    });
  }

  /** Puts the energy that was hidden back and returns its sums. */
  reveal(netWh: Int32Array, note: (agent: number, netWh: number) => void): void {
    this.#agents.forEach((agent, row) => {
      const net = this.#netWh[row] ?? 0;
      if (net === 0) return;
      netWh[agent] = net;
      note(agent, net);
    });
  }
}
