import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import { BASE_UNITS_PER_TICK, formatCredits, ticksToBaseUnits } from "../../src/units.ts";
import { deskEventsOf } from "./support/deskEvents.ts";
import { addressField, creditsField, holderField, parseInput } from "./support/parseInput.ts";
import { formatPayment, parsePayment, paymentTokenOf } from "./support/paymentToken.ts";
import { runTask } from "./support/runTask.ts";
import { openSession, type Session } from "./support/session.ts";

const BASE_UNITS_PER_CREDIT = 10n ** 18n;
const number = z.int().min(0, "must be the number of a redemption");
const schema = z
  .object({
    amount: z.literal("").or(creditsField),
    to: z.literal("").or(addressField),
    now: z.boolean(),
    cancel: number,
    collect: number,
    account: holderField,
  })
  .refine(
    ({ amount, cancel, collect }) => Number(amount !== "") + Number(cancel !== 0) + Number(collect !== 0) === 1,
    "give exactly one of --amount, --cancel and --collect",
  );

type RedeemArguments = Omit<z.input<typeof schema>, "account"> &
  Record<"account" | "minPayment" | "deployment", string>;

export default function redeemAction(input: RedeemArguments, hre: HardhatRuntimeEnvironment): Promise<void> {
  return runTask(async () => {
    const { amount, to, now, cancel, collect, account } = parseInput(schema, input);
    const session = await openSession(hre, input.deployment);
    const desk = session.contract("CreditDesk");
    const receiver = to === "" ? (await session.key(account)).address : to;
    const act = async (data: string): Promise<void> => {
      await printOutcome(session, await session.send(account, data, desk.address));
    };
    if (cancel !== 0) {
      await act(desk.encode("cancelRedemption", [BigInt(cancel)]));
      return;
    }
    if (amount === "") {
      await act(desk.encode("collectRedemption", [BigInt(collect), receiver]));
      return;
    }
    const baseUnits = ticksToBaseUnits(amount);
    const least =
      input.minPayment === ""
        ? (baseUnits * (await desk.read("redeemPrice", []))) / BASE_UNITS_PER_CREDIT
        : parsePayment(input.minPayment, await paymentTokenOf(session), "minPayment");
    const credit = session.contract("EnergyCredit");
    await session.send(account, credit.encode("approve", [desk.address, baseUnits]), credit.address);
    await act(desk.encode(now ? "redeem" : "redeemOrQueue", [receiver, baseUnits, least]));
  });
}

async function printOutcome(session: Session, receipt: Parameters<typeof deskEventsOf>[1]): Promise<void> {
  const token = await paymentTokenOf(session);
  const credits = (amount: bigint): string => formatCredits(amount / BASE_UNITS_PER_TICK);
  for (const { name, args } of deskEventsOf(session, receipt)) {
    if (name === "CreditsRedeemed") {
      const { amount, payment, to } = args;
      console.log(`${credits(amount)} credits redeemed: ${formatPayment(payment, token)} paid to ${to}.`);
    } else if (name === "RedemptionQueued") {
      const { id, amount, payment, to } = args;
      const owed = `${formatPayment(payment, token)} for ${to}`;
      console.log(`Redemption ${String(id)} of ${credits(amount)} credits waits its turn: ${owed}.`);
    } else if (name === "RedemptionCancelled") {
      console.log(`Redemption ${String(args.id)} cancelled: ${credits(args.amount)} credits given back.`);
    } else if (name === "RedemptionCollected") {
      const paid = `${formatPayment(args.payment, token)} paid to ${args.to}`;
      console.log(`Redemption ${String(args.id)} collected: ${paid}.`);
    }
  }
}
