import { describeCalls, readProposal, type Proposal } from "../../src/chain/proposals.ts";
import { localSenders } from "../../src/community/localSenders.ts";
import type { Sender } from "../../src/chain/sender.ts";
import { carryLocally, connectGovernance, propose } from "../../src/tuning/decision/index.ts";
import { connectSeasons } from "../../src/game/seasonsLink.ts";
import { decisionLine, nextSteps, ruleTable } from "./decisionText.ts";
import type { OpenChain } from "./openChain.ts";
import type { PlannedDecision } from "./planDecision.ts";

/**
 * Takes a planned decision through the governor: on a local chain to its end, elsewhere as far as proposing it, which `sender` does.
 */
export async function decide(
  { exchange }: OpenChain,
  { parts, tuned }: PlannedDecision,
  sender: Sender | undefined,
): Promise<Proposal> {
  const { rpc, deployment } = exchange;
  console.log(`\nThe proposal: ${parts.description}`);
  for (const [place, call] of describeCalls(deployment, parts).entries()) {
    console.log(`  ${call}\n    ${parts.targets[place] ?? ""} ${parts.calldatas[place] ?? ""}`);
  }
  if (sender !== undefined) {
    const id = await propose(connectGovernance(exchange), sender, parts);
    const proposal = await readProposal({ rpc, deployment, id });
    console.log(nextSteps(proposal, deployment.network));
    return proposal;
  }
  const senders = localSenders(exchange);
  const proposal = await carryLocally({
    ...{ exchange, senders, parts },
    onStep: (step) => {
      console.log(decisionLine(step));
    },
  });
  const [terms, { contract: seasons }] = await Promise.all([
    Promise.all(tuned.rules.map(({ zone }) => exchange.terms(zone, tuned.nextFirstSlot))),
    connectSeasons(rpc, deployment),
  ]);
  console.log(ruleTable(tuned, terms, await seasons.read("rebatePrices", [])));
  return proposal;
}
