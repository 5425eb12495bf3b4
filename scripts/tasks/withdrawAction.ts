import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import { formatCredits } from "../../src/units.ts";
import { addressField, creditsField, parseInput } from "./support/parseInput.ts";
import { runTask } from "./support/runTask.ts";
import { openSession } from "./support/session.ts";

const requestSchema = z.object({ meter: addressField, amount: creditsField, to: z.literal("").or(addressField) });
const collectSchema = z.object({ collect: z.int().min(1, "must be the number of a withdrawal") });

interface WithdrawArguments {
  readonly meter: string;
  readonly amount: string;
  readonly to: string;
  readonly collect: number;
  readonly deployment: string;
}

export default function withdrawAction(input: WithdrawArguments, hre: HardhatRuntimeEnvironment): Promise<void> {
  return runTask(async () => {
    if (input.collect !== 0) {
      const { collect } = parseInput(collectSchema, input);
      const { exchange, send, eventsOf } = await openSession(hre, input.deployment);
      const receipt = await send("owner", exchange.contract.encode("collectWithdrawal", [collect]));
      for (const event of eventsOf(receipt)) {
        if (event.name !== "WithdrawalCollected") continue;
        const { to, amountTicks, debtTicks } = event.args;
        console.log(`${formatCredits(amountTicks)} credits paid to ${to}; ${formatCredits(debtTicks)} went to debt.`);
      }
      return;
    }
    const { meter, amount, to } = parseInput(requestSchema, input);
    const { exchange, key, send, eventsOf } = await openSession(hre, input.deployment);
    const receiver = to === "" ? (await key("owner")).address : to;
    const receipt = await send("owner", exchange.contract.encode("requestWithdrawal", [meter, amount, receiver]));
    for (const event of eventsOf(receipt)) {
      if (event.name !== "WithdrawalRequested") continue;
      const { id, maturitySlot } = event.args;
      console.log(
        `Withdrawal ${String(id)} of ${formatCredits(amount)} credits; collect it once slot ${String(maturitySlot)} is closed.`,
      );
    }
  });
}
