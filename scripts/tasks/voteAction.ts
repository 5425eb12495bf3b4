import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import { readProposal, VOTES } from "../../src/chain/proposals.ts";
import { formatVotes } from "./support/formatVotes.ts";
import { accountField, parseInput, proposalField } from "./support/parseInput.ts";
import { runTask } from "./support/runTask.ts";
import { openSession } from "./support/session.ts";

const schema = z.object({
  proposal: proposalField,
  choice: z.enum(["for", "against", "abstain"], "must be for, against or abstain"),
  as: accountField,
});

type VoteArguments = Record<"proposal" | "choice" | "as" | "deployment", string>;

export default function voteAction(input: VoteArguments, hre: HardhatRuntimeEnvironment): Promise<void> {
  return runTask(async () => {
    const { proposal: id, choice, as } = parseInput(schema, input);
    const { exchange, contract, send } = await openSession(hre, input.deployment);
    const governor = contract("GridGovernor");
    await send(as, governor.encode("castVote", [id, VOTES[choice]]), governor.address);
    const { forVotes, againstVotes, abstainVotes } = await readProposal({
      rpc: exchange.rpc,
      deployment: exchange.deployment,
      id,
    });
    console.log(
      `Voted ${choice}. For ${formatVotes(forVotes)}, against ${formatVotes(againstVotes)}, ` +
        `abstaining ${formatVotes(abstainVotes)}.`,
    );
  });
}
