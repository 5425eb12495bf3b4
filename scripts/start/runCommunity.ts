import { appendFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { audit, type AuditReport } from "../../src/audit/index.ts";
import { blockCall } from "../../src/chain/calls.ts";
import { connectExchange, type ConnectedExchange } from "../../src/chain/exchange.ts";
import { chooseCheat } from "../../src/community/cheat.ts";
import { gameOutcome } from "../../src/community/gameReport.ts";
import { communityMembers } from "../../src/community/members.ts";
import { COMMUNITY_PLACE, defaultCommunity } from "../../src/community/defaultCommunity.ts";
import { localClock, type LocalClock } from "../../src/community/localClock.ts";
import {
  openServices,
  requireNoJournals,
  type CommunityServices,
  type OpenServicesInput,
} from "../../src/community/openServices.ts";
import { COMMUNITY_TERMS, PREPARATION_SLOTS, registerCommunity } from "../../src/community/registerCommunity.ts";
import { peerToPeer } from "../../src/community/peerToPeer.ts";
import { runReport } from "../../src/community/runReport.ts";
import { runSlots } from "../../src/community/runSlots.ts";
import { startLocalNode } from "../../src/community/startLocalNode.ts";
import { summariseRun, type RunSummary } from "../../src/community/summariseRun.ts";
import type { CommunitySpec } from "../../src/community/types.ts";
import { playGame } from "../../src/community/playGame.ts";
import { playCertificates } from "../../src/community/certificates/playCertificates.ts";
import { openTraining } from "../../src/community/training/openTraining.ts";
import { playReproducible, type ReproducibleFigures } from "../../src/community/training/playReproducible.ts";
import type { TrainingResult } from "../../src/community/training/playTraining.ts";
import { TRAINING_EVENTS, trainingOutcome, type TrainingOutcome } from "../../src/community/training/trainingReport.ts";
import { repeatFirstSlots, warmUpSlots } from "../../src/community/warmUp.ts";
import { JouleworkError } from "../../src/errors.ts";
import type { EnergyProfile } from "../../src/meters/profiles/energyProfile.ts";
import { readProfiles } from "../../src/meters/profiles/readProfiles.ts";
import { simulateProfiles } from "../../src/meters/profiles/simulateProfiles.ts";
import { SLOT_SECONDS, SLOTS_PER_DAY } from "../../src/units.ts";
import { readDefaultCorpus } from "../../src/training/corpus.ts";
import { connectJobs } from "../../src/training/jobs/jobsLink.ts";
import { exploreRun, type ExploredRun } from "./exploreRun.ts";
import { deployLocally, type SeasonParameters } from "./deployLocally.ts";
import type { StartOptions } from "./options.ts";
import { printConnection, printResult } from "./print.ts";
import { createProgress } from "./progress.ts";

/** What the seasons contract allows: four weeks, and claims of two hours. */
const MAX_SEASON_SLOTS = 2_688;
const CLAIM_SLOTS = 8;

/** What shells give for a program that Ctrl-C ended. */
const INTERRUPTED = 130;

/** The main job, until it is done or somebody interrupts it. Returns the exit code. */
export async function runCommunity(options: StartOptions): Promise<number> {
  const interrupted = onInterrupt();
  try {
    return await tradeAndAudit(options, interrupted);
  } catch (error) {
    // Whatever was under way misses its node now.
    if (!interrupted.aborted) throw error;
    console.error("Interrupted; the chain is stopped.");
    return INTERRUPTED;
  }
}

/** Node, deployment, community, days of trading, audit, report. */
async function tradeAndAudit(options: StartOptions, interrupted: AbortSignal): Promise<number> {
  const { firstSlot, days, seed, rule, port, quiet, data } = options;
  const slots = days * SLOTS_PER_DAY;
  if (options.report !== undefined) await requireWritable(options.report);
  const warmUp = warmUpSlots(COMMUNITY_TERMS);
  const tradedFrom = firstSlot - warmUp;
  if (data !== undefined) requireNoJournals(data);
  // Measured data is read whole, and refused, before anything is started or sent.
  const { community, profiles } = energyOf(options, slots, warmUp);
  const members = communityMembers(community, seed);
  const progress = createProgress(quiet);

  progress.step("starting a local chain");
  const startsAt = (tradedFrom - PREPARATION_SLOTS) * SLOT_SECONDS;
  const node = await startLocalNode({ port, startsAt, signal: interrupted });
  let explored: ExploredRun | undefined;
  try {
    progress.step("deploying the contracts");
    const deployment = await deployLocally(node.url, seasonOver(firstSlot, slots));
    if (options.explorer) explored = await exploreRun(deployment, { rpcUrl: node.url, port: options.explorerPort });
    const exchange = await connectExchange({ rpcUrl: node.url, deployment });

    progress.step(`registering ${String(members.length)} meters`);
    const { zones } = community;
    const market = { exchange, members, zones, firstSlot: tradedFrom, days: days + warmUp / SLOTS_PER_DAY, rule };
    const { domain, senders, sites } = await registerCommunity(market);

    const warm = warmUp === 0 ? "" : `${String(warmUp)} slots that set their prices, then `;
    progress.begin(`trading ${warm}${String(slots)} slots`, warmUp + slots);
    const ground = { exchange, domain, senders, zones: zones.length };
    const feeders = new Set(zones.map(({ feeder }) => feeder.name));
    const playing = [...sites].flatMap(([name, site]) => (feeders.has(name) ? [] : [site]));
    const { counted, season, trained, certificates, reproducible } = await withServices(
      ground,
      data,
      async (services, clock, folder) => {
        const game = playGame({ ...ground, clock, members, sites: playing, firstSlot });
        const day = { ...ground, clock, members, firstSlot };
        const train = () =>
          openTraining({
            ...{ ...day, community, profiles, profiledFrom: tradedFrom, seed, folder },
            ...(explored === undefined ? {} : { models: explored.models }),
          });
        // Measured homes are played as they were: a training load would make up energy that nobody measured.
        const played = options.profiles === undefined ? await train() : undefined;
        const result = await runSlots({
          ...{ ...ground, services, clock, members, profiles, seed },
          firstSlot: tradedFrom,
          slots: warmUp + slots,
          countFrom: firstSlot,
          async afterSlot(slot, readings) {
            await game.afterSlot(slot, readings);
            await played?.afterSlot(slot);
          },
          onSlot: (done) => {
            progress.advance(done);
          },
        });
        progress.finish();
        progress.step("ending season and training");
        try {
          await played?.settleRound();
          const season = await game.finish();
          const trained = await played?.finish();
          progress.step("issuing certificates");
          const certificates = await playCertificates({ ...day, clock, slots, job: trained?.job });
          if (trained === undefined) return { counted: result, season, certificates };
          progress.step("training what anybody can repeat, and disputing it");
          const { bytes: corpus } = await readDefaultCorpus();
          const reproducible = await playReproducible({ ...day, corpus, seed, folder: join(folder, "reproducible") });
          return { counted: result, season, trained, certificates, reproducible };
        } finally {
          await played?.close();
        }
      },
    );

    progress.step("auditing from the chain alone");
    const audited = await audit({ deployment, rpcUrl: node.url });
    const events = await exchange.events();
    const summary = summariseRun(events, members, firstSlot, slots);
    const peers = peerToPeer(events, members, firstSlot, slots);
    const cheat = chooseCheat(members, firstSlot)?.member.key.address;
    const game = gameOutcome({ slots: summary.slots, events, season, cheat });
    const training = trained === undefined ? undefined : await outcomeOf(exchange, trained, reproducible, summary);
    const asked = { seed, days, rule, firstSlot };
    const outcome = {
      peers,
      counted,
      game: game.report,
      training: training?.report,
      certificates,
      audited,
      deployment,
    };
    const report = runReport({ options: asked, summary, ...outcome });
    if (options.report !== undefined) await writeFile(options.report, `${JSON.stringify(report, undefined, 2)}\n`);
    printResult({ summary, report, audited, events, sites, game, season, training });

    if (!options.once && !interrupted.aborted) {
      printConnection(node.url, deployment);
      await explored?.print({ events, job: trained?.job, reproducibleJob: training?.report.reproducible.job });
      await node.ended;
    }
    return exitCode(audited);
  } finally {
    progress.finish();
    await explored?.stop();
    await node.stop();
  }
}

async function outcomeOf(
  exchange: ConnectedExchange,
  result: TrainingResult,
  reproducible: ReproducibleFigures,
  { slots }: RunSummary,
): Promise<TrainingOutcome> {
  const events = await connectJobs(exchange).events(TRAINING_EVENTS, result.job);
  return trainingOutcome({ result, reproducible, events, slots });
}

/** Runs `work` with the services on journals in a folder of their own, which goes afterwards unless it was asked for. */
async function withServices<T>(
  { exchange, domain, senders, zones }: Omit<OpenServicesInput, "folder" | "clock">,
  data: string | undefined,
  work: (services: CommunityServices, clock: LocalClock, folder: string) => Promise<T>,
): Promise<T> {
  const folder = data ?? (await mkdtemp(join(tmpdir(), "joulework-")));
  try {
    const { timestamp = 0 } = (await exchange.rpc.call(blockCall("latest"))) ?? {};
    const clock = localClock(timestamp);
    const services = openServices({ exchange, domain, senders, zones, folder, clock });
    try {
      return await work(services, clock, folder);
    } finally {
      services.close();
    }
  } finally {
    if (data === undefined) await rm(folder, { recursive: true, force: true });
  }
}

/** A season as long as the run, as far as the contract allows; claims follow at once. */
function seasonOver(firstSlot: number, slots: number): SeasonParameters {
  return { seasonStart: firstSlot, seasonSlots: Math.min(slots, MAX_SEASON_SLOTS), claimSlots: CLAIM_SLOTS };
}

/** Energy of every meter, from `warmUp` slots before the first day on. */
function energyOf(
  { profiles: folder, start, days, meters, seed, firstSlot }: StartOptions,
  slots: number,
  warmUp: number,
): { community: CommunitySpec; profiles: ReadonlyMap<string, EnergyProfile> } {
  if (folder !== undefined) {
    const { community, profiles } = readProfiles(folder, { start, days });
    return { community, profiles: repeatFirstSlots(profiles, warmUp) };
  }
  const community = defaultCommunity({ meters, seed });
  const window = { firstSlot: firstSlot - warmUp, slots: warmUp + slots };
  return { community, profiles: simulateProfiles({ community, ...window, seed, ...COMMUNITY_PLACE }) };
}

/** A report that could not be written would be known only after the whole run. What the file holds stays until then. */
async function requireWritable(file: string): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true });
    await appendFile(file, "");
  } catch (error) {
    throw new JouleworkError({
      code: "REPORT_UNWRITABLE",
      what: "The report cannot be written there",
      values: { file },
      hint: "Give --report a file in a folder that you may write to.",
      cause: error,
    });
  }
}

function exitCode({ passed }: AuditReport): number {
  return passed ? 0 : 1;
}

/** Ctrl-C stops the node; the run then ends by itself, and its journals and the node go with it. */
function onInterrupt(): AbortSignal {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.once(name, () => {
      controller.abort();
    });
  }
  return controller.signal;
}
