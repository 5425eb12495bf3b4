import { contractAddress } from "../../chain/deployment.ts";
import { connectContract, type ConnectedContract } from "../../chain/contract.ts";
import type { ConnectedExchange } from "../../chain/exchange.ts";
import { GOVERNOR_ABI, HAND_OVER_ABI, REPUTATION_ABI, TIMELOCK_ABI } from "../../chain/governanceAbi.ts";
import { createLogDecoder } from "../../chain/logDecoder.ts";
import type { ProposalParts } from "../../chain/proposals.ts";
import type { Sender } from "../../chain/sender.ts";
import { JouleworkError } from "../../errors.ts";
import { seasonAt, seasonBounds, type SeasonClock } from "../../game/seasonClock.ts";
import { firstUnopenedSlot } from "../../market/timeline.ts";
import { SLOTS_PER_DAY } from "../../units.ts";

/** The contracts by which a community decides. */
export interface Governance {
  readonly governor: ConnectedContract<typeof GOVERNOR_ABI>;
  readonly timelock: ConnectedContract<typeof TIMELOCK_ABI>;
  readonly reputation: ConnectedContract<typeof REPUTATION_ABI>;
  readonly handOver: ConnectedContract<typeof HAND_OVER_ABI>;
}

export function connectGovernance({ rpc, deployment }: ConnectedExchange): Governance {
  const at = (name: string) => ({ rpc, address: contractAddress(deployment, name) });
  return {
    governor: connectContract({ ...at("GridGovernor"), abi: GOVERNOR_ABI }),
    timelock: connectContract({ ...at("TimelockController"), abi: TIMELOCK_ABI }),
    reputation: connectContract({ ...at("Reputation"), abi: REPUTATION_ABI }),
    handOver: connectContract({ ...at("HandOver"), abi: HAND_OVER_ABI }),
  };
}

/**
 * The first season that begins at least a day after a proposal made now can be executed: time to queue and execute it by hand, and a day of
 * readings between two seasons.
 */
export async function firstSeasonAfter(
  { governor, timelock }: Governance,
  clock: SeasonClock,
  now: number,
): Promise<{ readonly season: number; readonly firstSlot: number }> {
  const [delay, period, wait] = await Promise.all([
    governor.read("votingDelay", []),
    governor.read("votingPeriod", []),
    timelock.read("getMinDelay", []),
  ]);
  const earliest = firstUnopenedSlot(now + Number(delay) + Number(period) + Number(wait)) + SLOTS_PER_DAY;
  const season = seasonAt(clock, earliest - 1) + 1;
  return { season, firstSlot: seasonBounds(clock, season).firstSlot };
}

/**
 * Refuses a proposal that could not be made, or not be executed.
 *
 * @throws JouleworkError COUNCIL_GOVERNS before the hand-over, PROPOSER_WITHOUT_VOTES where the account has fewer votes than a proposer needs.
 */
export async function requireProposer(governance: Governance, proposer: string): Promise<void> {
  const { governor, reputation, handOver } = governance;
  const [completed, threshold, votes] = await Promise.all([
    handOver.read("completed", []),
    governor.read("proposalThreshold", []),
    reputation.read("getVotes", [proposer]),
  ]);
  if (!completed) throw await councilGoverns(governance);
  if (votes < threshold || votes === 0n) throw withoutVotes({ proposer, votes, threshold });
}

/** Why the community cannot decide yet. */
export async function councilGoverns({ handOver, reputation }: Governance): Promise<JouleworkError> {
  const [sites, threshold] = await Promise.all([reputation.read("votingSites", []), handOver.read("threshold", [])]);
  return new JouleworkError({
    code: "COUNCIL_GOVERNS",
    what: "The founding council still governs, so a decision by votes would have no effect",
    values: { votingSites: sites, needed: threshold },
    hint: "Sync sites (joulework:sync) until enough of them have votes, then hand over (joulework:hand-over).",
  });
}

/** Who has too few votes to propose. */
export function withoutVotes({
  proposer,
  votes,
  threshold,
}: {
  readonly proposer: string;
  readonly votes: bigint;
  readonly threshold: bigint;
}): JouleworkError {
  return new JouleworkError({
    code: "PROPOSER_WITHOUT_VOTES",
    what: "The account has fewer votes than a proposer needs",
    values: { account: proposer, votes, needed: threshold },
    hint: "Propose with the key of a site's owner whose sites were synced and are in good standing, or delegate votes to it.",
  });
}

/** Proposes, and returns the proposal's number. */
export async function propose({ governor }: Governance, sender: Sender, parts: ProposalParts): Promise<bigint> {
  const { targets, values, calldatas, description } = parts;
  const receipts = await sender.send([
    { to: governor.address, data: governor.encode("propose", [targets, values, calldatas, description]) },
  ]);
  const decode = createLogDecoder(GOVERNOR_ABI);
  const events = receipts.flatMap(({ logs }) => logs.flatMap((log) => decode(log) ?? []));
  const created = events.find(({ name }) => name === "ProposalCreated");
  if (created?.name !== "ProposalCreated") throw new RangeError("a proposal's receipt names no proposal");
  return created.args.proposalId;
}
