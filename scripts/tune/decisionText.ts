import Table from "cli-table3";
import type { ZoneTerms } from "../../src/chain/exchange.ts";
import type { Proposal } from "../../src/chain/proposals.ts";
import { REBATE_LANES, rebatePriceOf } from "../../src/game/seasonRewards.ts";
import type { DecisionStep } from "../../src/tuning/decision/index.ts";
import type { TunedSeason } from "../../src/tuning/season/index.ts";
import { formatSlot } from "../../src/units.ts";
import { formatVotes } from "../tasks/support/formatVotes.ts";

/** A step of a decision in a line. */
export function decisionLine(step: DecisionStep): string {
  switch (step.step) {
    case "handed over":
      return `The council's rule is ended: ${String(step.votingSites)} sites have votes.`;
    case "proposed":
      return `Proposed by ${step.by}: ${String(step.id)}`;
    case "voted":
      return `Voted for by ${step.by} with ${formatVotes(step.votes)} votes.`;
    case "queued":
      return `Queued; it may be executed from ${instant(step.executableFrom)} on.`;
    case "executed":
      return `Executed in block ${String(step.block)}.`;
  }
}

/** What comes next where a proposal has to wait for its voters. */
export function nextSteps({ id, votingStart, votingEnd }: Proposal, network: string): string {
  const task = (verb: string) => `  npx hardhat joulework:${verb} --network ${network}`;
  return [
    `Proposed: ${String(id)}`,
    `Voting is from ${instant(votingStart)} to ${instant(votingEnd)}. What comes next:`,
    task(`vote ${String(id)} for`),
    task(`queue ${String(id)}`),
    task(`execute ${String(id)}`),
  ].join("\n");
}

/** The rules as they were and as the chain holds them now. */
export function ruleTable(
  { rules, nextSeason, nextFirstSlot }: TunedSeason,
  held: readonly ZoneTerms[],
  rebates: bigint,
): string {
  const table = new Table({
    head: ["zone", "term", "before", "read back"],
    colAligns: ["right", "left", "right", "right"],
    style: { head: [], border: [], compact: true },
  });
  rules.forEach(({ zone, before }, place) => {
    for (const name of ["importPrice", "exportPrice", "slopePpm"] as const) {
      table.push([String(zone), name, String(before[name]), String(held[place]?.[name] ?? "")]);
    }
  });
  const lanes = Array.from({ length: REBATE_LANES }, (_, tier) => rebatePriceOf(rebates, tier));
  return [
    `The chain's rules from season ${String(nextSeason)} on (slot ${String(nextFirstSlot)}, ${formatSlot(nextFirstSlot)}):`,
    table.toString(),
    `Rebates by tier, ticks per Wh: ${lanes.join(", ")}`,
  ].join("\n");
}

function instant(unixSeconds: number): string {
  return new Date(unixSeconds * 1_000).toISOString();
}
