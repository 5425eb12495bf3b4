import { JouleworkError } from "../errors.ts";
import { createFleet } from "../simulation/fleet.ts";
import { netSeries } from "../simulation/netSeries.ts";
import type { Scenario } from "../simulation/scenario.ts";
import { Draws } from "./draws.ts";
import type { DrawnMarket, MarketPrices, Population, Trader } from "./types.ts";

/** Purpose of these draws among those of a seed. */
const SCENARIO_TRADERS = 2;
/** Slots of night, when nobody sells, are passed over; so often a market is drawn anew before that is given up. */
const TRIES = 500;

export function marketPrices({ market }: Scenario): MarketPrices {
  const { importPrice, exportPrice, feePpm, networkLocalPrice, networkGridPrice, levyPrice, capPrice, floorPrice } =
    market;
  return { importPrice, exportPrice, feePpm, networkLocalPrice, networkGridPrice, levyPrice, capPrice, floorPrice };
}

/**
 * Traders of a scenario: agents of its fleet in a slot of its days, with the net energy of their simulated meters before storage, and a
 * reluctance drawn anew from their group's range. Only slots with both buyers and sellers count.
 */
export function scenarioPopulation(scenario: Scenario): Population {
  const series = netSeries(scenario);
  const fleet = createFleet(scenario, series);
  const prices = marketPrices(scenario);
  const kindOf = (agent: number): string => scenario.agents[fleet.group[agent] ?? 0]?.kind ?? "";
  const ofKind = new Map<string, number[]>();
  for (let agent = 0; agent < fleet.count; ++agent) {
    const kind = kindOf(agent);
    const known = ofKind.get(kind);
    if (known === undefined) ofKind.set(kind, [agent]);
    else known.push(agent);
  }

  const traderOf = (agent: number, place: number, reluctance: number): Trader | undefined => {
    const limitWh = fleet.limitWh[agent] ?? 0;
    const measured = (series.netWh[(fleet.shape[agent] ?? 0) + place] ?? 0) * (fleet.size[agent] ?? 1);
    const energyWh = Math.min(limitWh, Math.floor(Math.abs(measured)));
    if (energyWh === 0) return undefined;
    const buys = measured > 0;
    const [low, high] = scenario.agents[fleet.group[agent] ?? 0]?.reluctance ?? [0, 0];
    const away = Math.floor((prices.importPrice - prices.exportPrice) * (low + (high - low) * reluctance));
    const value = buys ? prices.importPrice - away : prices.exportPrice + away;
    return { kind: kindOf(agent), buys, energyWh, value, limitWh };
  };

  const anybody = Array.from({ length: fleet.count }, (_, agent) => agent);
  const attempt = (kind: string | undefined, size: number, draws: Draws): DrawnMarket | undefined => {
    const place = draws.below(series.slots);
    const alike = kind === undefined ? anybody : (ofKind.get(kind) ?? []);
    const first = traderOf(alike[draws.below(alike.length)] ?? 0, place, draws.next());
    if (first === undefined) return undefined;
    const traders = [first];
    while (traders.length < size) {
      // With replacement: a scenario stands for many more agents than it has.
      const other = traderOf(draws.below(fleet.count), place, draws.next());
      if (other !== undefined) traders.push(other);
    }
    if (traders.every(({ buys }) => buys === first.buys)) return undefined;
    // Ties go by place, so the focal trader must not always be first.
    const focal = draws.below(size);
    [traders[0], traders[focal]] = [traders[focal] ?? first, first];
    const partner = traders.findIndex(({ buys }, index) => index !== focal && buys === first.buys);
    return { traders, focal, partner: partner === -1 ? (focal + 1) % size : partner };
  };

  return {
    name: scenario.name,
    prices,
    kinds: [...ofKind.keys()],
    draw(kind, size, seed) {
      const draws = new Draws(seed, SCENARIO_TRADERS);
      for (let tries = 0; tries < TRIES; ++tries) {
        const market = attempt(kind, size, draws);
        if (market !== undefined) return market;
      }
      throw new JouleworkError({
        code: "EQUILIBRIUM_NO_MARKET",
        what: "No slot of the scenario has both a buyer and a seller for the market",
        values: { scenario: scenario.name, kind: kind ?? "any", size },
        hint: "Use a scenario in which both sides have energy in the same slots, or larger markets.",
      });
    },
  };
}
