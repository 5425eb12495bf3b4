import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { govern } from "./support/govern.ts";
import { formatPayment, parsePayment, paymentTokenOf } from "./support/paymentToken.ts";
import { runTask } from "./support/runTask.ts";
import { openSession } from "./support/session.ts";

interface DeskPricesArguments {
  readonly sell: string;
  readonly redeem: string;
  readonly deployment: string;
}

export default function deskPricesAction(input: DeskPricesArguments, hre: HardhatRuntimeEnvironment): Promise<void> {
  return runTask(async () => {
    const session = await openSession(hre, input.deployment);
    const desk = session.contract("CreditDesk");
    const token = await paymentTokenOf(session);
    const sell = parsePayment(input.sell, token, "sell");
    const redeem = parsePayment(input.redeem, token, "redeem");
    const readyAt = await govern(session, desk.encode("setPrices", [sell, redeem]), desk.address);
    console.log(
      readyAt === undefined
        ? `The desk sells a credit for ${formatPayment(sell, token)} and redeems it for ${formatPayment(redeem, token)}.`
        : `Scheduled. Run the same command again after ${new Date(readyAt * 1000).toISOString()}.`,
    );
  });
}
