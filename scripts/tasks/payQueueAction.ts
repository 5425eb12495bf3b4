import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import { deskEventsOf } from "./support/deskEvents.ts";
import { parseInput } from "./support/parseInput.ts";
import { formatPayment, paymentTokenOf } from "./support/paymentToken.ts";
import { runTask } from "./support/runTask.ts";
import { openSession } from "./support/session.ts";

const schema = z.object({ max: z.int().min(1, "must be a number from 1 on").max(500) });

type PayQueueArguments = z.input<typeof schema> & { readonly deployment: string };

export default function payQueueAction(input: PayQueueArguments, hre: HardhatRuntimeEnvironment): Promise<void> {
  return runTask(async () => {
    const { max } = parseInput(schema, input);
    const session = await openSession(hre, input.deployment);
    const desk = session.contract("CreditDesk");
    const token = await paymentTokenOf(session);
    const receipt = await session.send("gateway", desk.encode("payQueue", [BigInt(max)]), desk.address);
    for (const { name, args } of deskEventsOf(session, receipt)) {
      if (name === "RedemptionPaid") {
        console.log(`Redemption ${String(args.id)}: ${formatPayment(args.payment, token)} paid to ${args.to}.`);
      } else if (name === "RedemptionRefused") {
        console.log(
          `Redemption ${String(args.id)}: ${args.to} cannot be paid; ${formatPayment(args.payment, token)} set aside.`,
        );
      }
    }
    const [owed, { passed, last }] = [await desk.read("owed", []), await desk.read("queue", [])];
    console.log(
      owed === 0n
        ? "Nothing waits."
        : `Up to ${String(last - passed)} redemptions wait for ${formatPayment(owed, token)}.`,
    );
  });
}
