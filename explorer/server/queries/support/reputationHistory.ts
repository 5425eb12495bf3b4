import type { MeterAnswer } from "../../../api/meter.ts";
import { FAULT_CODES } from "../../../../src/market/penalties.ts";
import { formatSlot } from "../../../../src/units.ts";
import type { Store } from "../../../store/store.ts";
import { sourceOf } from "./answers.ts";
import { eventsOf, type IndexedEvent } from "./events.ts";
import { keyOf } from "./names.ts";

/** A sync a day: two months. */
const SYNCS = 60;
const MOST_CAUSES = 500;
/** What the contract writes where a component has no sample. */
const NO_SAMPLE = 0xffffff;
const PERCENT = 10_000;

type Change = MeterAnswer["reputation"][number];
type Cause = Change["causes"][number];

/** How a site's scores changed, newest first, each with the samples and faults since the change before. */
export async function reputationHistory(store: Store, site: number): Promise<Change[]> {
  const key = { kind: "site", value: String(site) } as const;
  const synced = await eventsOf(store, "Reputation", ["ReputationSynced"], { key }, { limit: SYNCS });
  const oldest = synced.at(-1);
  if (oldest === undefined) return [];
  const [samples, faults] = await Promise.all([
    eventsOf(store, "Reputation", ["ReputationSampled", "WorkNoted", "FlexibleNoted"], { key }, { limit: MOST_CAUSES }),
    eventsOf(store, "EnergyExchange", ["Penalised"], { key }, { limit: MOST_CAUSES }),
  ]);
  const causes = [...samples, ...faults].sort((a, b) => a.blockNumber - b.blockNumber || a.logIndex - b.logIndex);
  return synced.map((event, place) => {
    const previous = synced[place + 1];
    const own = causes.filter(
      (cause) => isBefore(cause, event) && (previous === undefined || isBefore(previous, cause)),
    );
    const { day, reliabilityPpm, efficiencyPpm, contributionPpm, tier, votes } = event.args;
    return {
      ...{ day, reliabilityPpm, efficiencyPpm, contributionPpm, tier, votes: String(votes) },
      causes: own.flatMap(causeOf),
      source: sourceOf(event),
    };
  });
}

type Placed = Pick<IndexedEvent<"Reputation">, "blockNumber" | "logIndex">;

function isBefore(a: Placed, b: Placed): boolean {
  return a.blockNumber < b.blockNumber || (a.blockNumber === b.blockNumber && a.logIndex < b.logIndex);
}

type CauseEvent =
  | IndexedEvent<"Reputation", "ReputationSampled" | "WorkNoted" | "FlexibleNoted">
  | IndexedEvent<"EnergyExchange", "Penalised">;

function causeOf(event: CauseEvent): Cause[] {
  const source = sourceOf(event);
  switch (event.name) {
    case "Penalised": {
      const { kind, meter, slot, cutTicks } = event.args;
      const text = `fault of ${meter} in slot ${formatSlot(slot)}: ${keyOf(FAULT_CODES, kind)}, ${cutTicks} ticks cut from the bond`;
      return [{ text, source }];
    }
    case "WorkNoted": {
      const { contributionPpm, efficiencyPpm } = event.args;
      return sampleTexts({ "work's contribution": contributionPpm, "work's efficiency": efficiencyPpm }, source);
    }
    case "FlexibleNoted":
      return [{ text: `${String(event.args.energyWh)} Wh of flexible energy`, source }];
    case "ReputationSampled": {
      const { reliabilitySample, efficiencySample, contributionSample } = event.args;
      return sampleTexts(
        { reliability: reliabilitySample, efficiency: efficiencySample, contribution: contributionSample },
        source,
      );
    }
  }
}

function sampleTexts(samples: Readonly<Record<string, number>>, source: Cause["source"]): Cause[] {
  return Object.entries(samples)
    .filter(([, ppm]) => ppm !== NO_SAMPLE)
    .map(([name, ppm]) => ({ text: `${name} sampled at ${(ppm / PERCENT).toFixed(1)} %`, source }));
}
