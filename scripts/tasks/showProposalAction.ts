import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import { describeCalls, readProposal } from "../../src/chain/proposals.ts";
import { formatVotes } from "./support/formatVotes.ts";
import { parseInput, proposalField } from "./support/parseInput.ts";
import { printFacts, printJson } from "./support/printTable.ts";
import { runTask } from "./support/runTask.ts";
import { openSession } from "./support/session.ts";

const schema = z.object({ proposal: proposalField });

interface ShowProposalArguments {
  readonly proposal: string;
  readonly json: boolean;
  readonly deployment: string;
}

export default function showProposalAction(
  input: ShowProposalArguments,
  hre: HardhatRuntimeEnvironment,
): Promise<void> {
  return runTask(async () => {
    const { proposal: id } = parseInput(schema, input);
    const { exchange } = await openSession(hre, input.deployment);
    const { rpc, deployment } = exchange;
    const proposal = await readProposal({ rpc, deployment, id });
    const calls = describeCalls(deployment, proposal);
    if (input.json) {
      printJson({ ...proposal, calls });
      return;
    }
    const { description, proposer, state, votingStart, votingEnd, executableFrom, quorum } = proposal;
    printFacts({
      proposal: id,
      description,
      proposer,
      ...Object.fromEntries(calls.map((call, place) => [`call ${String(place + 1)}`, call])),
      state,
      "voting begins": instant(votingStart),
      "voting ends": instant(votingEnd),
      for: formatVotes(proposal.forVotes),
      against: formatVotes(proposal.againstVotes),
      abstaining: formatVotes(proposal.abstainVotes),
      quorum: quorum === undefined ? "known when voting begins" : formatVotes(quorum),
      ...(executableFrom === 0 ? {} : { "executable from": instant(executableFrom) }),
    });
  });
}

function instant(unixSeconds: number): string {
  return new Date(unixSeconds * 1000).toISOString();
}
