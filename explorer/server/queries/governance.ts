import { describeCalls, PROPOSAL_STATES, VOTES, type ProposalState } from "../../../src/chain/proposals.ts";
import type { Proposal } from "../../api/governance.ts";
import type { ServerContext } from "../context.ts";
import type { Query } from "./query.ts";
import { contractOf } from "./support/contracts.ts";
import { sourceOf } from "./support/answers.ts";
import { allEventsOf, eventsOf, newestOf, type IndexedEvent } from "./support/events.ts";
import { keyOf } from "./support/names.ts";

const PROPOSALS = 50;
const MOST_BALLOTS = 2_000;
/** Whoever proposes may write as much as a transaction holds. */
const LONGEST_TEXT = 20_000;

/** Proposals, newest first, and what waits in the timelock. */
export const governance: Query<"governance"> = async (context) => {
  const { store, rpc, deployment } = context;
  const [created, handedOver] = await Promise.all([
    eventsOf(store, "GridGovernor", ["ProposalCreated"], {}, { limit: PROPOSALS }),
    newestOf(store, "HandOver", ["HandedOver"], {}),
  ]);
  if (deployment.contracts.GridGovernor === undefined) return { handedOver: false, proposals: [], queue: [] };
  const governor = contractOf(context, "GridGovernor");
  const states = await rpc.all(created.map(({ args }) => governor.request("state", [BigInt(args.proposalId)])));
  const proposals = await Promise.all(
    created.map((event, place) => proposalOf(context, event, PROPOSAL_STATES[states[place] ?? 0] ?? "pending")),
  );
  return {
    handedOver: handedOver !== undefined,
    proposals,
    queue: proposals.flatMap(({ id, state, eta }) => (state === "queued" && eta !== null ? [{ id, eta }] : [])),
  };
};

type Created = IndexedEvent<"GridGovernor", "ProposalCreated">;

async function proposalOf(context: ServerContext, event: Created, state: ProposalState): Promise<Proposal> {
  const { proposalId, proposer, description, voteStart, voteEnd } = event.args;
  const key = { kind: "proposal", value: proposalId } as const;
  const [cast, moved] = await Promise.all([
    allEventsOf(context.store, "GridGovernor", ["VoteCast", "VoteCastWithParams"], { key }, MOST_BALLOTS),
    eventsOf(
      context.store,
      "GridGovernor",
      ["ProposalQueued", "ProposalExecuted", "ProposalCanceled"],
      { key },
      {
        limit: 10,
        order: "oldest",
      },
    ),
  ]);
  const queued = moved.find(({ name }) => name === "ProposalQueued");
  const weight = (support: number): string =>
    String(cast.reduce((sum, { args }) => (args.support === support ? sum + BigInt(args.weight) : sum), 0n));
  return {
    id: proposalId,
    state,
    proposer,
    description: description.slice(0, LONGEST_TEXT),
    calls: callsOf(context, event),
    voteStart: Number(voteStart),
    voteEnd: Number(voteEnd),
    eta: queued?.name === "ProposalQueued" ? Number(queued.args.etaSeconds) : null,
    votes: { for: weight(VOTES.for), against: weight(VOTES.against), abstain: weight(VOTES.abstain) },
    ballots: cast.map((ballot) => ({
      voter: ballot.args.voter,
      support: keyOf(VOTES, ballot.args.support),
      weight: ballot.args.weight,
      reason: ballot.args.reason.slice(0, LONGEST_TEXT),
      source: sourceOf(ballot),
    })),
    moves: moved.map((move) => ({ text: move.name.replace("Proposal", "").toLowerCase(), source: sourceOf(move) })),
    source: sourceOf(event),
  };
}

function callsOf({ deployment, nameOf }: ServerContext, { args }: Created): Proposal["calls"] {
  return args.targets.map((target, place) => {
    const data = args.calldatas[place] ?? "0x";
    return {
      target,
      contract: nameOf(target) ?? null,
      text: describe(deployment, target, data).slice(0, LONGEST_TEXT),
    };
  });
}

/** Nobody keeps a proposal from calling with data that fits no function. */
function describe(deployment: ServerContext["deployment"], target: string, data: string): string {
  try {
    const [text] = describeCalls(deployment, { targets: [target], values: [0n], calldatas: [data], description: "" });
    return text ?? data;
  } catch {
    return `${target} ${data}`;
  }
}
