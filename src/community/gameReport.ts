import type { ExchangeEvent } from "../chain/exchange.ts";
import { priceFigures, type PriceFigures } from "./priceFigures.ts";
import type { SeasonResult } from "./playSeason.ts";
import type { SlotTotals } from "./summariseRun.ts";

/** A site's tier after a change. */
export interface TierChange {
  readonly site: number;
  readonly from: number;
  readonly to: number;
}

/** A proven fault and what it cost. */
export interface ProvenFault {
  readonly site: number;
  readonly meter: string;
  readonly slot: number;
  readonly cutTicks: bigint;
  readonly rewardTicks: bigint;
}

/** What the game came to in figures. */
export interface GameReport extends PriceFigures {
  readonly tierChanges: number;
  readonly penalties: number;
  /** Whether the meter that signed a slot twice was punished for it. */
  readonly cheatCaught: boolean;
  /** What the season had to share and what it paid: base units of the credit, as text. */
  readonly seasonPool: string;
  readonly seasonPaid: string;
}

/** The figures with what they count. */
export interface GameOutcome {
  readonly report: GameReport;
  readonly tiers: readonly TierChange[];
  readonly faults: readonly ProvenFault[];
}

export interface GameOutcomeInput {
  readonly slots: readonly SlotTotals[];
  readonly events: readonly ExchangeEvent[];
  readonly season: SeasonResult;
  /** The cheat's meter, if there is one. */
  readonly cheat: string | undefined;
}

/** Reads what became of the game from the chain's events. */
export function gameOutcome({ slots, events, season, cheat }: GameOutcomeInput): GameOutcome {
  const faults = events.flatMap((event) => (event.name === "Penalised" ? [event.args] : []));
  const tiers = tierChanges(events);
  return {
    report: {
      ...priceFigures(slots),
      tierChanges: tiers.length,
      penalties: faults.length,
      cheatCaught: faults.some(({ meter }) => meter === cheat),
      seasonPool: String(season.pool),
      seasonPaid: String(season.paid),
    },
    tiers,
    faults,
  };
}

/** A penalty takes a site's tier, a sync gives it. */
function tierChanges(events: readonly ExchangeEvent[]): TierChange[] {
  const tiers = new Map<number, number>();
  const changes: TierChange[] = [];
  for (const event of events) {
    if (event.name !== "TierSet" && event.name !== "Penalised") continue;
    const { site } = event.args;
    const from = tiers.get(site) ?? 0;
    const to = event.name === "TierSet" ? event.args.tier : 0;
    tiers.set(site, to);
    if (to !== from) changes.push({ site, from, to });
  }
  return changes;
}
