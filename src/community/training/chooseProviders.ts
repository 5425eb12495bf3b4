import type { Member } from "../members.ts";

/** What a worker of the demonstration has to train on, and how it plays. */
export type WorkerPart = "clean" | "half-corrupted" | "tiny" | "poisoned";

export interface ChosenWorker {
  readonly member: Member;
  readonly part: WorkerPart;
}

/** Who takes part in the demonstration's training job. */
export interface ChosenProviders {
  /** Zone of the workers, from 1. */
  readonly zone: number;
  readonly workers: readonly ChosenWorker[];
  readonly evaluators: readonly Member[];
}

const PARTS: readonly WorkerPart[] = ["clean", "clean", "half-corrupted", "tiny", "poisoned"];
/** Three are drawn for a round; the others are there for a redraw. */
const EVALUATORS = 4;

/**
 * Workers of one zone, a data centre first, and evaluators of other sites, each of a site of its own with a meter that takes
 * energy. Undefined where the community has too few such sites.
 */
export function chooseProviders(members: readonly Member[]): ChosenProviders | undefined {
  const sites = new Map<string, Member>();
  for (const member of members) {
    const takes = member.kind === "consumer" || member.kind === "prosumer";
    if (takes && member.siteKind !== "industry" && !sites.has(member.site)) sites.set(member.site, member);
  }
  const candidates = [...sites.values()].sort((a, b) => rank(a) - rank(b));
  const zone = candidates[0]?.zone;
  const workers = candidates.filter((member) => member.zone === zone).slice(0, PARTS.length);
  const evaluators = candidates
    .filter((member) => !workers.includes(member))
    .reverse()
    .slice(0, EVALUATORS);
  if (zone === undefined || workers.length < PARTS.length || evaluators.length < EVALUATORS) return undefined;
  return {
    zone,
    workers: workers.map((member, place) => ({ member, part: PARTS[place] ?? "clean" })),
    evaluators,
  };
}

/** Data centres come first; among the others their order stays. */
function rank({ siteKind }: Member): number {
  return siteKind === "data centre" ? 0 : 1;
}
