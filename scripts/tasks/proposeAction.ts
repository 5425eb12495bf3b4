import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import { GOVERNOR_ABI } from "../../src/chain/governanceAbi.ts";
import { createLogDecoder } from "../../src/chain/logDecoder.ts";
import { encodeProposal, type ProposedCall } from "../../src/chain/proposals.ts";
import { printExplorerLink } from "../explorer/explorerLink.ts";
import { accountField, parseInput } from "./support/parseInput.ts";
import { printFacts } from "./support/printTable.ts";
import { readJsonFile } from "./support/readInput.ts";
import { runTask } from "./support/runTask.ts";
import { openSession } from "./support/session.ts";

const callSchema = z.object({ target: z.string().min(1), call: z.string().min(1), args: z.array(z.unknown()) });
const schema = z.object({
  description: z.string().min(1, "must say what for"),
  as: accountField,
  args: z.string().transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue({ code: "custom", message: "must be a JSON array" });
      return z.NEVER;
    }
  }),
});

type ProposeArguments = Record<"description" | "target" | "call" | "args" | "calls" | "as" | "deployment", string>;

export default function proposeAction(input: ProposeArguments, hre: HardhatRuntimeEnvironment): Promise<void> {
  return runTask(async () => {
    const { description, as, args } = parseInput(schema, input);
    const calls: readonly ProposedCall[] =
      input.calls === ""
        ? [parseInput(callSchema, { target: input.target, call: input.call, args })]
        : parseInput(z.array(callSchema).min(1, "must hold a call"), await readJsonFile(input.calls));
    const session = await openSession(hre, input.deployment);
    const parts = encodeProposal(session.exchange.deployment, calls, description);
    const governor = session.contract("GridGovernor");
    const { targets, values, calldatas } = parts;
    const { logs } = await session.send(
      as,
      governor.encode("propose", [targets, values, calldatas, description]),
      governor.address,
    );
    const decode = createLogDecoder(GOVERNOR_ABI);
    for (const event of logs.flatMap((log) => decode(log) ?? [])) {
      if (event.name !== "ProposalCreated") continue;
      const { proposalId, voteStart, voteEnd } = event.args;
      printFacts({ proposal: proposalId, "voting begins": instant(voteStart), "voting ends": instant(voteEnd) });
    }
    await printExplorerLink("/governance", session.exchange.rpc);
  });
}

function instant(unixSeconds: bigint): string {
  return new Date(Number(unixSeconds) * 1000).toISOString();
}
