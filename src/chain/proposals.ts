import { id, Interface, type Result } from "ethers";
import { JouleworkError } from "../errors.ts";
import type { Abi } from "./abiTypes.ts";
import { blockNumberCall } from "./calls.ts";
import { connectContract } from "./contract.ts";
import { contractAddress, type Deployment } from "./deployment.ts";
import { CREDIT_ABI, DESK_ABI, MANAGER_ABI } from "./tokenAbi.ts";
import { EXCHANGE_ABI } from "./exchangeAbi.ts";
import { GOVERNOR_ABI, HAND_OVER_ABI, REPUTATION_ABI, TIMELOCK_ABI } from "./governanceAbi.ts";
import { INSPECTIONS_ABI } from "./inspectionsAbi.ts";
import { fetchEvents } from "./logs.ts";
import type { RpcClient } from "./rpc.ts";
import { BADGES_ABI, SEASONS_ABI } from "./seasonsAbi.ts";

/** Where a proposal stands, by the governor's numbers. */
export const PROPOSAL_STATES = [
  "pending",
  "active",
  "canceled",
  "defeated",
  "succeeded",
  "queued",
  "expired",
  "executed",
] as const;
export type ProposalState = (typeof PROPOSAL_STATES)[number];

/** The governor's numbers of a vote. */
export const VOTES = { against: 0, for: 1, abstain: 2 } as const;

const ABIS: Readonly<Record<string, Abi>> = {
  EnergyExchange: EXCHANGE_ABI,
  EnergyCredit: CREDIT_ABI,
  CreditDesk: DESK_ABI,
  AccessManager: MANAGER_ABI,
  Reputation: REPUTATION_ABI,
  GridGovernor: GOVERNOR_ABI,
  TimelockController: TIMELOCK_ABI,
  HandOver: HAND_OVER_ABI,
  Seasons: SEASONS_ABI,
  Badges: BADGES_ABI,
  Inspections: INSPECTIONS_ABI,
};

/** What a proposal calls when it is executed. */
export interface ProposedCall {
  /** Name of a contract of the deployment. */
  readonly target: string;
  /** Name of its function. */
  readonly call: string;
  /** In the function's order; a struct as an array or by names. */
  readonly args: readonly unknown[];
}

export interface ProposalParts {
  readonly targets: readonly string[];
  readonly values: readonly bigint[];
  readonly calldatas: readonly string[];
  readonly description: string;
}

export interface Proposal extends ProposalParts {
  readonly id: bigint;
  readonly proposer: string;
  readonly state: ProposalState;
  /** Unix seconds: who has votes then may vote, until the end. */
  readonly votingStart: number;
  readonly votingEnd: number;
  /** Unix seconds from which it may be executed; 0 = not queued. */
  readonly executableFrom: number;
  readonly forVotes: bigint;
  readonly againstVotes: bigint;
  readonly abstainVotes: bigint;
  /** Votes for it or abstaining that it needs; undefined before voting begins. */
  readonly quorum: bigint | undefined;
}

/** The parts of a proposal as the governor takes them. */
export function encodeProposal(
  deployment: Deployment,
  calls: readonly ProposedCall[],
  description: string,
): ProposalParts {
  return {
    targets: calls.map(({ target }) => contractAddress(deployment, target)),
    values: calls.map(() => 0n),
    calldatas: calls.map(encodeProposedCall),
    description,
  };
}

/** A proposal in readable words: `CreditDesk.setPrices(320000, 310000)`. */
export function describeCalls(deployment: Deployment, { targets, calldatas }: ProposalParts): string[] {
  const names = new Map(Object.entries(deployment.contracts).map(([name, address]) => [address, name]));
  return targets.map((target, place) => {
    const name = names.get(target);
    const abi = name === undefined ? undefined : ABIS[name];
    const data = calldatas[place] ?? "0x";
    const parsed = abi === undefined ? null : new Interface(abi).parseTransaction({ data });
    return parsed === null ? `${name ?? target} ${data}` : `${name ?? target}.${parsed.name}(${written(parsed.args)})`;
  });
}

export interface ReadProposalParameters {
  readonly rpc: RpcClient;
  readonly deployment: Deployment;
  readonly id: bigint;
}

/** A proposal as its event and the governor tell it. */
export async function readProposal({ rpc, deployment, id: proposalId }: ReadProposalParameters): Promise<Proposal> {
  const address = contractAddress(deployment, "GridGovernor");
  const events = await fetchEvents({
    rpc,
    abi: GOVERNOR_ABI,
    address,
    fromBlock: deployment.deployBlock,
    toBlock: await rpc.call(blockNumberCall()),
    names: ["ProposalCreated"],
  });
  const created = events.find(({ args }) => args.proposalId === proposalId);
  if (created === undefined) {
    throw new JouleworkError({
      code: "PROPOSAL_UNKNOWN",
      what: "There is no such proposal",
      values: { proposal: proposalId },
      hint: "Take its number from what `joulework:propose` printed.",
    });
  }
  const governor = connectContract({ rpc, abi: GOVERNOR_ABI, address });
  const [state, votes, eta] = await Promise.all([
    governor.read("state", [proposalId]),
    governor.read("proposalVotes", [proposalId]),
    governor.read("proposalEta", [proposalId]),
  ]);
  const { proposer, targets, values, calldatas, voteStart, voteEnd, description } = created.args;
  const name = PROPOSAL_STATES[state] ?? "pending";
  return {
    id: proposalId,
    proposer,
    targets,
    values,
    calldatas,
    description,
    state: name,
    votingStart: Number(voteStart),
    votingEnd: Number(voteEnd),
    executableFrom: Number(eta),
    ...votes,
    quorum: name === "pending" ? undefined : await governor.read("quorum", [voteStart]),
  };
}

/** Arguments of the governor's `queue`, `execute` and `cancel`. */
export function proposalArguments({
  targets,
  values,
  calldatas,
  description,
}: ProposalParts): [readonly string[], readonly bigint[], readonly string[], string] {
  return [targets, values, calldatas, id(description)];
}

function encodeProposedCall({ target, call, args }: ProposedCall): string {
  const abi = ABIS[target];
  const known = abi === undefined ? undefined : new Interface(abi);
  try {
    if (known?.getFunction(call) === null || known === undefined) throw new TypeError("no such function");
    return known.encodeFunctionData(call, args);
  } catch (cause) {
    throw new JouleworkError({
      code: "PROPOSED_CALL_INVALID",
      what: `The call cannot be made (${cause instanceof Error ? cause.message : String(cause)})`,
      values: { target, call, known: Object.keys(ABIS).join(", ") },
      hint: "Name a contract, one of its functions, and its arguments in order; numbers beyond 2^53 as text.",
      cause,
    });
  }
}

function written(args: Result): string {
  const text = (value: unknown): string => (Array.isArray(value) ? `[${value.map(text).join(", ")}]` : String(value));
  return args.toArray().map(text).join(", ");
}
