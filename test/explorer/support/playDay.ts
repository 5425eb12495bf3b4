import { id } from "ethers";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { deployLocally } from "../../../scripts/start/deployLocally.ts";
import { blockCall } from "../../../src/chain/calls.ts";
import { connectContract } from "../../../src/chain/contract.ts";
import { contractAddress, type Deployment } from "../../../src/chain/deployment.ts";
import { connectExchange, type ConnectedExchange } from "../../../src/chain/exchange.ts";
import { GOVERNOR_ABI } from "../../../src/chain/governanceAbi.ts";
import { encodeProposal, VOTES } from "../../../src/chain/proposals.ts";
import { playCertificates, type CertificatesResult } from "../../../src/community/certificates/playCertificates.ts";
import { defaultCommunity } from "../../../src/community/defaultCommunity.ts";
import { clockedSender, localClock, type LocalClock } from "../../../src/community/localClock.ts";
import type { LocalSenders } from "../../../src/community/localSenders.ts";
import { communityMembers, type Member } from "../../../src/community/members.ts";
import { openServices } from "../../../src/community/openServices.ts";
import { PREPARATION_SLOTS, registerCommunity } from "../../../src/community/registerCommunity.ts";
import { runSlots } from "../../../src/community/runSlots.ts";
import { connectReputation, syncSites } from "../../../src/community/standing.ts";
import { startLocalNode } from "../../../src/community/startLocalNode.ts";
import { playReproducible, type ReproducibleFigures } from "../../../src/community/training/playReproducible.ts";
import { openTraining } from "../../../src/community/training/openTraining.ts";
import { simulateProfiles } from "../../../src/meters/profiles/simulateProfiles.ts";
import { readDefaultCorpus } from "../../../src/training/corpus.ts";
import { SLOT_SECONDS } from "../../../src/units.ts";
import { freePort } from "./freePort.ts";

/** 2025-06-21 10:00 UTC: the sun shines, so that neighbours trade. */
const FIRST_SLOT = 1_945_000;
const SLOTS = 6;
const SEED = 1;
const METERS = 24;
const ZONES = 2;
const PLACE = { latitudeDeg: 47.4, longitudeDeg: 8.5 };
const HOUR = 3_600;

/** Text that must never become markup wherever a page shows a proposal. */
export const HOSTILE_DESCRIPTION = `Cheaper credits <img src=x onerror="document.title='owned'"> </script><script>alert(1)</script>`;

/** A node on which a community has traded, trained and proposed. */
export interface PlayedDay {
  readonly rpcUrl: string;
  readonly deployment: Deployment;
  readonly exchange: ConnectedExchange;
  readonly members: readonly Member[];
  /** Numbers of the sites, by name. */
  readonly sites: ReadonlyMap<string, number>;
  readonly firstSlot: number;
  readonly slots: number;
  /** Number of the training job, which waits for its next round. */
  readonly job: number;
  /** Folder of the job's update store. */
  readonly models: string;
  /** What the producers issued for these slots, and what the job's buyer cancelled. */
  readonly certificates: CertificatesResult;
  /** The one reproducible job, number 1: a provider lied and was refuted. */
  readonly reproducible: ReproducibleFigures;
  readonly proposal: bigint;
  /** A transaction that the exchange refused. */
  readonly refused: string;
  readonly close: () => Promise<void>;
}

/**
 * The smallest day with trades in two zones, rounds of a training job, certificates, a disputed reproducible job, and a
 * proposal that is voted on.
 */
export async function playDay(): Promise<PlayedDay> {
  const port = await freePort();
  const record = `localhost-test-${String(port)}`;
  const node = await startLocalNode({ port, startsAt: (FIRST_SLOT - PREPARATION_SLOTS) * SLOT_SECONDS });
  const folder = await mkdtemp(join(tmpdir(), "joulework-explored-"));
  const close = async (): Promise<void> => {
    await node.stop();
    await rm(folder, { recursive: true, force: true });
    await rm(fileURLToPath(new URL(`../../../deployments/${record}`, import.meta.url)), {
      recursive: true,
      force: true,
    });
  };
  try {
    const season = { seasonStart: FIRST_SLOT, seasonSlots: 96, claimSlots: 8 };
    const deployment = await deployLocally(node.url, season, record);
    const exchange = await connectExchange({ rpcUrl: node.url, deployment });
    const played = await play(exchange, folder);
    const models = join(folder, "training", "store");
    return { rpcUrl: node.url, deployment, exchange, firstSlot: FIRST_SLOT, slots: SLOTS, models, ...played, close };
  } catch (error) {
    await close();
    throw error;
  }
}

type Played = Pick<PlayedDay, "members" | "sites" | "job" | "certificates" | "reproducible" | "proposal" | "refused">;

async function play(exchange: ConnectedExchange, folder: string): Promise<Played> {
  const community = defaultCommunity({ meters: METERS, seed: SEED });
  const window = { firstSlot: FIRST_SLOT, slots: SLOTS };
  const profiles = simulateProfiles({ community, ...window, seed: SEED, ...PLACE });
  const members = communityMembers(community, SEED);
  const market = { exchange, members, zones: community.zones, firstSlot: FIRST_SLOT, days: 1 };
  const { domain, senders, sites } = await registerCommunity({ ...market, rule: "midpoint" });
  const { timestamp = 0 } = (await exchange.rpc.call(blockCall("latest"))) ?? {};
  const clock = localClock(timestamp);
  const services = openServices({ exchange, domain, senders, zones: ZONES, folder, clock });
  const ground = { exchange, senders, clock, members, profiles, seed: SEED };
  const training = await openTraining({
    ...ground,
    community,
    profiledFrom: FIRST_SLOT,
    firstSlot: FIRST_SLOT,
    folder,
  });
  if (training === undefined) throw new Error("the community has too few sites for a job");
  try {
    await runSlots({
      ...{ ...ground, ...window, domain, services, zones: ZONES, countFrom: FIRST_SLOT },
      afterSlot: (slot) => training.afterSlot(slot),
    });
    await training.settleRound();
  } finally {
    await training.close();
    services.close();
  }
  const certificates = await playCertificates({ exchange, senders, clock, members, ...window, job: 1 });
  const { bytes: corpus } = await readDefaultCorpus();
  const repeatable = { exchange, senders, clock, corpus, seed: SEED, folder: join(folder, "reproducible") };
  const reproducible = await playReproducible(repeatable);
  const refused = await beRefused(exchange, senders, clock);
  const proposal = await propose(exchange, senders, clock, [...sites.values()]);
  return { members, sites, job: 1, certificates, reproducible, proposal, refused };
}

/** A clearing of a slot whose gate is not open yet. */
async function beRefused({ rpc, address, contract }: ConnectedExchange, senders: LocalSenders, clock: LocalClock) {
  const sender = clockedSender(rpc, senders.of("watcher"), clock);
  const data = contract.encode("clear", [1, FIRST_SLOT + 1_000, "0x", "0x"]);
  await sender.send([{ to: address, data }]).catch(() => undefined);
  const { hash } = (await rpc.call({
    method: "eth_getBlockByNumber",
    params: ["latest", true],
    parse: (block) => (block as { transactions: { hash: string }[] }).transactions[0] ?? { hash: "" },
  })) satisfies { hash: string };
  return hash;
}

/** The owner of all sites proposes new prices of the desk, and votes for them. */
async function propose(
  exchange: ConnectedExchange,
  senders: LocalSenders,
  clock: LocalClock,
  sites: readonly number[],
): Promise<bigint> {
  const { rpc, deployment } = exchange;
  const owner = clockedSender(rpc, senders.of("owner"), clock);
  await syncSites(connectReputation(exchange), owner, sites);
  const to = contractAddress(deployment, "GridGovernor");
  const governor = connectContract({ rpc, abi: GOVERNOR_ABI, address: to });
  const calls = [{ target: "CreditDesk", call: "setPrices", args: ["320000", "310000"] }];
  const { targets, values, calldatas, description } = encodeProposal(deployment, calls, HOSTILE_DESCRIPTION);
  clock.set(clock.now() + 60);
  await owner.send([{ to, data: governor.encode("propose", [targets, values, calldatas, description]) }]);
  const proposal = await governor.read("getProposalId", [targets, values, calldatas, id(description)]);
  clock.set(clock.now() + 2 * HOUR);
  const reason = "so that <b>everybody</b> may buy";
  await owner.send([{ to, data: governor.encode("castVoteWithReason", [proposal, VOTES.for, reason]) }]);
  return proposal;
}
