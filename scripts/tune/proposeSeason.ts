import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { localSenders } from "../../src/community/localSenders.ts";
import { playNextSeason, requireCommunity, type SimulatedCommunity } from "../../src/community/playNextSeason.ts";
import { JouleworkError } from "../../src/errors.ts";
import { METER_KIND_CODES } from "../../src/market/codes.ts";
import type { Scenario } from "../../src/simulation/scenario.ts";
import { connectGovernance, requireProposer } from "../../src/tuning/decision/index.ts";
import { readSettings } from "../../src/tuning/index.ts";
import {
  measureEffect,
  predictSeason,
  presentTerms,
  readSeason,
  seasonFigures,
  seasonScenario,
  type ChainSeason,
  type MeasuredEffect,
  type SeasonFigures,
  underOwnRules,
  type TunedSeason,
} from "../../src/tuning/season/index.ts";
import { writeWhole } from "../simulate/report/writeWhole.ts";
import { decide } from "./decide.ts";
import { effectTable } from "./effectTable.ts";
import { openChain, type OpenChain } from "./openChain.ts";
import type { ProposeOptions } from "./options.ts";
import { planDecision } from "./planDecision.ts";
import { search, seedsOf, type Searched } from "./search.ts";
import { modelText, seasonText } from "./seasonText.ts";
import { slotBar } from "./slotBar.ts";

/**
 * Tunes the rules of a running chain from a season of its own, takes the proposal through the governor, and plays and measures the next season
 * where that is asked for. False where it was interrupted.
 */
export async function proposeSeason(options: ProposeOptions): Promise<boolean> {
  const chain = await openChain(options);
  const { exchange } = chain;
  const season = await readSeason({ exchange, season: options.season, zone: options.zone });
  // What cannot be carried out is refused before anything is searched.
  const played = options.playOn ? await communityOf(chain, season, options.seed) : undefined;
  const sender = chain.isLocal ? undefined : await chain.owner();
  if (sender !== undefined) await requireProposer(connectGovernance(exchange), sender.address);

  const found = await searchSeason(chain, options, season);
  if (found === undefined) return false;
  const { scenario, searched, before, present } = found;
  const report = async (more: object): Promise<void> => {
    if (options.json === undefined) return;
    await writeWhole(options.json, `${JSON.stringify({ before, present, ...searched, ...more }, undefined, 2)}\n`);
  };
  // A report that cannot be written must not be known only after the vote.
  await report({});
  const { chosen } = searched.tuning;
  const { predicted } = found;
  if (chosen === undefined || predicted === undefined) {
    console.log("Nothing is proposed.");
    return true;
  }
  const { heldOutSeeds } = seedsOf(options);
  const decision = { scenario, season, before, present, predicted, tuning: searched.tuning, chosen, heldOutSeeds };
  const planned = await planDecision({ exchange, onlyZone: options.zone, ...decision });
  const { tuned, calls } = planned;
  const { id, state, description, calldatas } = await decide(chain, planned, sender);
  const proposal = { id: String(id), state, description, calls, calldatas };
  // The prediction is kept before anything can go wrong with the next season.
  await report({ ...tuned, proposal });
  if (played === undefined) return true;
  const { measured, unchanged, rows } = await playOn(chain, tuned, played);
  await report({ ...tuned, proposal, measured, unchanged, effect: rows });
  return true;
}

/** What a search found for a season, and what the simulator says of the season under the present rules and under the chosen ones. */
interface FoundForSeason {
  readonly scenario: Scenario;
  readonly searched: Searched;
  readonly before: SeasonFigures;
  readonly present: SeasonFigures;
  readonly predicted: SeasonFigures | undefined;
}

/** Makes the season's scenario and searches; undefined where Ctrl-C ended it. */
async function searchSeason(
  { exchange }: OpenChain,
  options: ProposeOptions,
  season: ChainSeason,
): Promise<FoundForSeason | undefined> {
  const folder = options.save ?? mkdtempSync(join(tmpdir(), "joulework-tune-"));
  try {
    mkdirSync(folder, { recursive: true });
    const { scenario } = seasonScenario(season, folder);
    if (options.save !== undefined) await saveScenario(scenario, options.save);
    console.log(seasonText(season, scenario));
    const searched = await search(scenario, options);
    if (searched === undefined) return undefined;
    const { chosen, present: held } = searched.tuning;
    const { heldOutSeeds } = seedsOf(options);
    const before = await seasonFigures(exchange, season, presentTerms(season));
    const own = underOwnRules(scenario, season);
    if (own !== undefined) console.log(modelText(before, predictSeason(own, readSettings(own), heldOutSeeds)));
    const present = predictSeason(scenario, held.settings, heldOutSeeds);
    const predicted = chosen === undefined ? undefined : predictSeason(scenario, chosen.settings, heldOutSeeds);
    return { scenario, searched, before, present, predicted };
  } finally {
    if (options.save === undefined) rmSync(folder, { recursive: true, force: true });
  }
}

async function communityOf(
  { exchange, isLocal }: OpenChain,
  { events }: ChainSeason,
  seed: number,
): Promise<SimulatedCommunity> {
  const meters = events.filter(
    (event) => event.name === "MeterRegistered" && event.args.kind !== METER_KIND_CODES.feeder,
  ).length;
  if (isLocal) return requireCommunity(exchange, { seed, meters });
  throw new JouleworkError({
    code: "CHAIN_NOT_LOCAL",
    what: "Only a local chain's next season can be played here",
    values: { chainId: exchange.deployment.chainId },
    hint: "Leave --play-on out; when the season is over, compare with --measure.",
  });
}

/** Plays the first season under the new rules, and holds it against its prediction. */
async function playOn(
  { exchange }: OpenChain,
  tuned: TunedSeason,
  played: SimulatedCommunity,
): Promise<MeasuredEffect> {
  const { nextSeason: season, rules } = tuned;
  const [first] = rules;
  if (first === undefined) throw new RangeError("a tuned season has rules");
  const { limits } = await exchange.zone(first.zone);
  console.log(`\nPlaying season ${String(season)} and the day before it.`);
  const bar = slotBar();
  try {
    const senders = localSenders(exchange);
    await playNextSeason({
      exchange,
      senders,
      played,
      season,
      market: { terms: first.after, limits },
      onSlot: bar.advance,
    });
  } finally {
    bar.finish();
  }
  const effect = await measureEffect(exchange, tuned);
  console.log(effectTable(effect.rows, tuned));
  return effect;
}

/** The scenario beside its measurements, for `npm run simulate`. */
async function saveScenario(scenario: Scenario, folder: string): Promise<void> {
  const agents = scenario.agents.map(({ profiles, ...group }) => ({
    ...group,
    ...(profiles === undefined ? {} : { profiles: relative(folder, profiles) }),
  }));
  await writeWhole(join(folder, "scenario.json"), `${JSON.stringify({ ...scenario, agents }, undefined, 2)}\n`);
}
