import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { audit, type AuditReport } from "../../src/audit/index.ts";
import { connectExchange, type ConnectedExchange } from "../../src/chain/exchange.ts";
import { communityMembers } from "../../src/community/members.ts";
import { defaultCommunity } from "../../src/community/defaultCommunity.ts";
import { localClock, type LocalClock } from "../../src/community/localClock.ts";
import { openServices, requireNoJournals, type CommunityServices } from "../../src/community/openServices.ts";
import {
  PREPARATION_SLOTS,
  registerCommunity,
  type RegisteredCommunity,
} from "../../src/community/registerCommunity.ts";
import { runReport } from "../../src/community/runReport.ts";
import { runSlots } from "../../src/community/runSlots.ts";
import { startLocalNode, type LocalNode } from "../../src/community/startLocalNode.ts";
import { summariseRun } from "../../src/community/summariseRun.ts";
import type { CommunitySpec } from "../../src/community/types.ts";
import type { EnergyProfile } from "../../src/meters/profiles/energyProfile.ts";
import { readProfiles } from "../../src/meters/profiles/readProfiles.ts";
import { simulateProfiles } from "../../src/meters/profiles/simulateProfiles.ts";
import { SLOT_SECONDS, SLOTS_PER_DAY, slotStart } from "../../src/units.ts";
import { deployLocally } from "./deployLocally.ts";
import type { StartOptions } from "./options.ts";
import { printConnection, printResult } from "./print.ts";
import { createProgress } from "./progress.ts";

/** Where the simulated community lies: sun, wind and seasons follow from it. */
const PLACE = { latitudeDeg: 47.4, longitudeDeg: 8.5 };

/** The main job: node, deployment, community, days of trading, audit, report. Returns the exit code. */
export async function runCommunity(options: StartOptions): Promise<number> {
  const { firstSlot, days, seed, rule, port, quiet } = options;
  const slots = days * SLOTS_PER_DAY;
  if (options.data !== undefined) requireNoJournals(options.data);
  // Measured data is read whole, and refused, before anything is started or sent.
  const { community, profiles } = energyOf(options, slots);
  const members = communityMembers(community, seed);
  const progress = createProgress(quiet);

  progress.step("starting a local chain");
  const node = await startLocalNode({ port, startsAt: (firstSlot - PREPARATION_SLOTS) * SLOT_SECONDS });
  const interrupted = onInterrupt(node);
  try {
    progress.step("deploying the contracts");
    const deployment = await deployLocally(node.url);
    const exchange = await connectExchange({ rpcUrl: node.url, deployment });

    progress.step(`registering ${String(members.length)} meters`);
    const zones = community.zones;
    const registered = await registerCommunity({ exchange, members, zones, firstSlot, days, rule });

    progress.begin(`trading ${String(slots)} slots`, slots);
    const counted = await withServices(options, exchange, registered, zones.length, (services, clock) => {
      const { domain } = registered;
      const place = { exchange, services, clock, domain, members, zones: zones.length };
      return runSlots({ ...place, profiles, firstSlot, slots, countFrom: firstSlot, seed, onSlot: progress.advance });
    });
    progress.finish();

    progress.step("auditing from the chain alone");
    const audited = await audit({ deployment, rpcUrl: node.url });
    const summary = summariseRun(await exchange.events(), members, firstSlot, slots);
    const report = runReport({ options: { seed, days, rule, firstSlot }, summary, counted, audited, deployment });
    if (options.report !== undefined) await writeReport(options.report, report);
    printResult({ summary, report, audited, community });

    if (!options.once && !interrupted.signal.aborted) {
      printConnection(node.url, deployment);
      await Promise.race([node.ended, interrupted.promise]);
    }
    return exitCode(audited);
  } finally {
    progress.finish();
    await node.stop();
  }
}

/** Runs `work` with the services on journals in a folder of their own, which goes afterwards unless it was asked for. */
async function withServices<T>(
  { data, firstSlot }: StartOptions,
  exchange: ConnectedExchange,
  { domain, senders }: RegisteredCommunity,
  zones: number,
  work: (services: CommunityServices, clock: LocalClock) => Promise<T>,
): Promise<T> {
  const folder = data ?? (await mkdtemp(join(tmpdir(), "joulework-")));
  try {
    const clock = localClock(slotStart(firstSlot - 1));
    const services = openServices({ exchange, domain, senders, zones, folder, clock });
    try {
      return await work(services, clock);
    } finally {
      services.close();
    }
  } finally {
    if (data === undefined) await rm(folder, { recursive: true, force: true });
  }
}

function energyOf(
  { profiles: folder, start, days, meters, seed, firstSlot }: StartOptions,
  slots: number,
): { community: CommunitySpec; profiles: ReadonlyMap<string, EnergyProfile> } {
  if (folder !== undefined) return readProfiles(folder, { start, days });
  const community = defaultCommunity({ meters, seed });
  return { community, profiles: simulateProfiles({ community, firstSlot, slots, seed, ...PLACE }) };
}

async function writeReport(file: string, report: object): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify(report, undefined, 2)}\n`);
}

function exitCode({ passed }: AuditReport): number {
  return passed ? 0 : 1;
}

/** Ctrl-C stops the node first; the run then ends by itself. */
function onInterrupt(node: LocalNode): { signal: AbortSignal; promise: Promise<void> } {
  const controller = new AbortController();
  const promise = new Promise<void>((resolve) => {
    const stop = (): void => {
      controller.abort();
      resolve();
      void node.stop();
    };
    process.once("SIGINT", stop);
    process.once("SIGTERM", stop);
  });
  return { signal: controller.signal, promise };
}
