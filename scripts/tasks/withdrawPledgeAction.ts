import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import { addressField, parseInput } from "./support/parseInput.ts";
import { formatPayment, parsePayment, paymentTokenOf } from "./support/paymentToken.ts";
import { runTask } from "./support/runTask.ts";
import { openSession } from "./support/session.ts";

interface WithdrawPledgeArguments {
  readonly payment: string;
  readonly to: string;
  readonly deployment: string;
}

export default function withdrawPledgeAction(
  input: WithdrawPledgeArguments,
  hre: HardhatRuntimeEnvironment,
): Promise<void> {
  return runTask(async () => {
    const { to } = parseInput(z.object({ to: z.literal("").or(addressField) }), { to: input.to });
    const session = await openSession(hre, input.deployment);
    const desk = session.contract("CreditDesk");
    const token = await paymentTokenOf(session);
    const payment = parsePayment(input.payment, token, "payment");
    const receiver = to === "" ? (await session.key("grid")).address : to;
    await session.send("grid", desk.encode("withdrawPledge", [receiver, payment]), desk.address);
    const funds = await desk.read("funds", []);
    console.log(
      `${formatPayment(payment, token)} taken back to ${receiver}; the desk holds ${formatPayment(funds, token)}.`,
    );
  });
}
