import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { formatPayment, letDeskTake, parsePayment, paymentTokenOf } from "./support/paymentToken.ts";
import { runTask } from "./support/runTask.ts";
import { openSession } from "./support/session.ts";

interface PledgeArguments {
  readonly payment: string;
  readonly deployment: string;
}

export default function pledgeAction(input: PledgeArguments, hre: HardhatRuntimeEnvironment): Promise<void> {
  return runTask(async () => {
    const session = await openSession(hre, input.deployment);
    const desk = session.contract("CreditDesk");
    const token = await paymentTokenOf(session);
    const payment = parsePayment(input.payment, token, "payment");
    await letDeskTake(session, "grid", token, payment);
    await session.send("grid", desk.encode("pledge", [payment]), desk.address);
    const funds = await desk.read("funds", []);
    console.log(`${formatPayment(payment, token)} pledged; the desk holds ${formatPayment(funds, token)}.`);
  });
}
