import { CONDUCTS } from "./fleet.ts";
import type { Simulation } from "./run.ts";

const TICKS_PER_CREDIT = 1e9;
const WH_PER_KWH = 1_000;

/** What agents of one group came to that behave alike, so that cheats can be held against the honest ones beside them. */
export interface ConductFigures {
  readonly group: string;
  readonly conduct: keyof typeof CONDUCTS;
  readonly agents: number;
  /** What their meters took and gave. */
  readonly energyWh: number;
  /** Negative is earned; null where no energy flowed. */
  readonly creditsPerKwh: number | null;
  readonly costCredits: number;
  readonly rewardCredits: number;
  readonly points: number;
  /** Mean of their last scores; null without reputation. */
  readonly scorePpm: number | null;
}

/** Figures of every group of which a part is dishonest: the honest first. */
export function conductsOf(run: Simulation): ConductFigures[] {
  return run.scenario.agents.flatMap(({ name, dishonest }, group) =>
    dishonest === undefined
      ? []
      : (["honest", dishonest.kind] as const).map((conduct) => figuresOf(run, name, group, conduct)),
  );
}

function figuresOf(run: Simulation, name: string, group: number, conduct: keyof typeof CONDUCTS): ConductFigures {
  const { fleet, costTicks, takenWh, givenWh, game } = run;
  const sums = { agents: 0, energyWh: 0, cost: 0, reward: 0, points: 0, score: 0 };
  for (let agent = 0; agent < fleet.count; ++agent) {
    if (fleet.group[agent] !== group || fleet.conduct[agent] !== CONDUCTS[conduct]) continue;
    sums.agents += 1;
    sums.energyWh += (takenWh[agent] ?? 0) + (givenWh[agent] ?? 0);
    sums.cost += costTicks[agent] ?? 0;
    sums.reward += game?.rewardTicks[agent] ?? 0;
    sums.points += game?.points[agent] ?? 0;
    sums.score += game?.scorePpm[agent] ?? 0;
  }
  const costCredits = sums.cost / TICKS_PER_CREDIT;
  return {
    ...{ group: name, conduct, agents: sums.agents, energyWh: sums.energyWh, costCredits },
    creditsPerKwh: sums.energyWh === 0 ? null : (costCredits / sums.energyWh) * WH_PER_KWH,
    rewardCredits: sums.reward / TICKS_PER_CREDIT,
    points: sums.points,
    scorePpm: game === undefined || sums.agents === 0 ? null : sums.score / sums.agents,
  };
}
