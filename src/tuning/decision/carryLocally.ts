import { chainTime } from "../../chain/chainTime.ts";
import type { ConnectedExchange } from "../../chain/exchange.ts";
import { LOCAL_ACCOUNTS, localKey, mineAt, type LocalAccount } from "../../chain/localChain.ts";
import { proposalArguments, readProposal, VOTES, type Proposal, type ProposalParts } from "../../chain/proposals.ts";
import type { LocalSenders } from "../../community/localSenders.ts";
import { JouleworkError } from "../../errors.ts";
import { signingKey } from "../../market/signer.ts";
import {
  connectGovernance,
  councilGoverns,
  propose,
  requireProposer,
  withoutVotes,
  type Governance,
} from "./governance.ts";

/** A step of a decision as it was made. */
export type DecisionStep =
  | { readonly step: "handed over"; readonly votingSites: bigint }
  | { readonly step: "proposed"; readonly id: bigint; readonly by: LocalAccount }
  | { readonly step: "voted"; readonly by: LocalAccount; readonly votes: bigint }
  | { readonly step: "queued"; readonly executableFrom: number }
  | { readonly step: "executed"; readonly block: number };

export interface CarryLocallyInput {
  readonly exchange: ConnectedExchange;
  readonly senders: LocalSenders;
  readonly parts: ProposalParts;
  readonly onStep?: (step: DecisionStep) => void;
}

/** A local account with its votes. */
interface Voter {
  readonly account: LocalAccount;
  readonly votes: bigint;
}

/**
 * Takes a proposal through the governor on a local chain, whose time is moved on: the account with most votes proposes, every local account that has
 * votes votes for it, and it is queued and executed. Where enough sites have votes the council's rule is ended first.
 *
 * @throws JouleworkError COUNCIL_GOVERNS, PROPOSER_WITHOUT_VOTES, PROPOSAL_DEFEATED.
 */
export async function carryLocally({ exchange, senders, parts, onStep }: CarryLocallyInput): Promise<Proposal> {
  const { rpc, deployment } = exchange;
  const governance = connectGovernance(exchange);
  const { governor } = governance;
  const owner = senders.of("owner");
  const call = (data: string) => owner.send([{ to: governor.address, data }]);
  const waitUntil = async (unixSeconds: number): Promise<void> => {
    if ((await chainTime(rpc)) <= unixSeconds) await mineAt(rpc, unixSeconds + 1);
  };

  await endCouncil(governance, senders, onStep);
  const voters = await localVoters(governance);
  const [first] = voters;
  if (first === undefined) {
    const threshold = await governor.read("proposalThreshold", []);
    throw withoutVotes({ proposer: signingKey(localKey("owner")).address, votes: 0n, threshold });
  }
  // Votes count from the second after the sync on.
  await mineAt(rpc, (await chainTime(rpc)) + 1);
  await requireProposer(governance, signingKey(localKey(first.account)).address);
  const id = await propose(governance, senders.of(first.account), parts);
  onStep?.({ step: "proposed", id, by: first.account });
  const read = () => readProposal({ rpc, deployment, id });

  await waitUntil((await read()).votingStart);
  for (const { account, votes } of voters) {
    const data = governor.encode("castVote", [id, VOTES.for]);
    await senders.of(account).send([{ to: governor.address, data }]);
    onStep?.({ step: "voted", by: account, votes });
  }
  const voted = await read();
  await waitUntil(voted.votingEnd);
  const decided = await read();
  if (decided.state !== "succeeded") throw defeated(decided);
  await call(governor.encode("queue", proposalArguments(parts)));
  const { executableFrom } = await read();
  onStep?.({ step: "queued", executableFrom });
  await waitUntil(executableFrom);
  const receipts = await call(governor.encode("execute", proposalArguments(parts)));
  onStep?.({ step: "executed", block: receipts[0]?.blockNumber ?? 0 });
  return read();
}

async function endCouncil(
  governance: Governance,
  senders: LocalSenders,
  onStep: CarryLocallyInput["onStep"],
): Promise<void> {
  const { handOver, reputation } = governance;
  if (await handOver.read("completed", [])) return;
  const [votingSites, needed] = await Promise.all([reputation.read("votingSites", []), handOver.read("threshold", [])]);
  if (votingSites < needed) throw await councilGoverns(governance);
  await senders.of("owner").send([{ to: handOver.address, data: handOver.encode("complete", []) }]);
  onStep?.({ step: "handed over", votingSites });
}

/** Who of the local accounts has votes, the most first. */
async function localVoters({ reputation }: Governance): Promise<Voter[]> {
  const accounts = Object.keys(LOCAL_ACCOUNTS) as LocalAccount[];
  const held = await Promise.all(
    accounts.map((account) => reputation.read("getVotes", [signingKey(localKey(account)).address])),
  );
  return accounts
    .map((account, place): Voter => ({ account, votes: held[place] ?? 0n }))
    .filter(({ votes }) => votes > 0n)
    .sort((a, b) => Number(b.votes - a.votes));
}

function defeated({ id, state, forVotes, againstVotes, quorum }: Proposal): JouleworkError {
  return new JouleworkError({
    code: "PROPOSAL_DEFEATED",
    what: "The proposal did not get the votes that it needs",
    values: { proposal: id, state, for: forVotes, against: againstVotes, quorum: quorum ?? 0n },
    hint: "Owners whose keys are not local accounts hold the other votes; ask them, or propose something else.",
  });
}
