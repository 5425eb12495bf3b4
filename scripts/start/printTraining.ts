import Table from "cli-table3";
import type { TrainingOutcome } from "../../src/community/training/trainingReport.ts";
import { formatCredits, formatSlot } from "../../src/units.ts";

const DECIMALS = 4;

/** Losses, payouts by what the workers did, the receipt of the training job, and the dispute, for people. */
export function trainingText({ report, result, scores }: TrainingOutcome): string {
  const { federated, receipts } = report;
  const [receipt] = receipts;
  if (receipt === undefined) return "Training: no job was posted";
  const curve = result.losses.map((loss) => loss.toFixed(3)).join(" -> ");
  return [
    `Training job ${String(result.job)}: ${String(federated.rounds)} rounds paid by score; loss on held-out text, nats a byte: ${curve}`,
    payouts({ report, result, scores }),
    receiptText(report),
    reproducibleText(report),
  ].join("\n");
}

function payouts({ report, result, scores }: TrainingOutcome): string {
  const table = new Table({
    head: ["worker", "data", "scores by round, milli-nats", "paid, credits"],
    colAligns: ["left", "left", "left", "right"],
    style: { head: [], border: [], compact: true },
  });
  result.workers.forEach(({ name, part, account }, place) => {
    const rounds = scores[place]?.map((score) => (score === undefined ? "-" : (Number(score) / 1e3).toFixed(0))) ?? [];
    const paid = BigInt(report.federated.payouts[account] ?? "0");
    table.push([name, part, rounds.join(" "), formatCredits(paid, DECIMALS)]);
  });
  return table.toString();
}

function receiptText({ receipts, greenThirdShare, greenThirdShareAtOnce }: TrainingOutcome["report"]): string {
  const [receipt] = receipts;
  if (receipt === undefined) return "";
  const { tokens, steps, energyWh, slots, co2Grams, paidTicks, feeTicks, refundedTicks } = receipt;
  const credits = (ticks: string): string => formatCredits(BigInt(ticks), DECIMALS);
  const [first, last] = [slots[0], slots.at(-1)];
  const when =
    first === undefined || last === undefined ? "" : `, ${formatSlot(first.slot)} to ${formatSlot(last.slot)}`;
  const green =
    greenThirdShare === null || greenThirdShareAtOnce === null
      ? ""
      : `\n  ${percent(greenThirdShare)} of it in the greenest third of the slots; ${percent(greenThirdShareAtOnce)} had the job not waited`;
  return (
    `Receipt: ${tokens} tokens in ${steps} steps; ${String(energyWh)} Wh proved by meter readings in ` +
    `${String(slots.length)} slots${when}; ${co2Grams.toFixed(1)} g CO2${green}\n` +
    `  ${credits(paidTicks)} credits to workers, ${credits(feeTicks)} to evaluators, ${credits(refundedTicks)} back`
  );
}

function reproducibleText({ reproducible }: TrainingOutcome["report"]): string {
  const { rounds, disputes, disputeWinner, refereeOperation, disputeMoves, disputeGas } = reproducible;
  return (
    `Reproducible job: ${String(rounds)} rounds claimed, one with a changed bit of one weight; ${String(disputes)} dispute\n` +
    `  won by the ${disputeWinner ?? "nobody"} after ${String(disputeMoves)} moves, ${disputeGas.toLocaleString("en")} gas of both ` +
    `parties: the chain computed an element of ${refereeOperation ?? "nothing"}`
  );
}

function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}
