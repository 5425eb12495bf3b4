import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import { formatCredits } from "../../src/units.ts";
import { buyCredits } from "./support/buyCredits.ts";
import { addressField, creditsField, holderField, parseInput } from "./support/parseInput.ts";
import { formatPayment, parsePayment, paymentTokenOf } from "./support/paymentToken.ts";
import { runTask } from "./support/runTask.ts";
import { openSession } from "./support/session.ts";

const schema = z.object({ amount: creditsField, to: z.literal("").or(addressField), account: holderField });

type BuyArguments = Record<"amount" | "to" | "maxPayment" | "account" | "deployment", string>;

export default function buyAction(input: BuyArguments, hre: HardhatRuntimeEnvironment): Promise<void> {
  return runTask(async () => {
    const { amount, to, account } = parseInput(schema, input);
    const session = await openSession(hre, input.deployment);
    const token = await paymentTokenOf(session);
    const payment = await buyCredits(session, {
      account,
      ticks: amount,
      ...(to === "" ? {} : { to }),
      ...(input.maxPayment === "" ? {} : { maxPayment: parsePayment(input.maxPayment, token, "maxPayment") }),
    });
    console.log(`${formatCredits(amount)} credits bought for ${formatPayment(payment, token)}.`);
  });
}
