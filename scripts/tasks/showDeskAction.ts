import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { BASE_UNITS_PER_TICK, formatCredits } from "../../src/units.ts";
import { formatPayment, paymentTokenOf } from "./support/paymentToken.ts";
import { printFacts, printJson } from "./support/printTable.ts";
import { runTask } from "./support/runTask.ts";
import { openSession } from "./support/session.ts";

interface ShowDeskArguments {
  readonly json: boolean;
  readonly deployment: string;
}

export default function showDeskAction(input: ShowDeskArguments, hre: HardhatRuntimeEnvironment): Promise<void> {
  return runTask(async () => {
    const session = await openSession(hre, input.deployment);
    const desk = session.contract("CreditDesk");
    const token = await paymentTokenOf(session);
    const facts = {
      paymentToken: token.contract.address,
      sellPrice: await desk.read("sellPrice", []),
      redeemPrice: await desk.read("redeemPrice", []),
      funds: await desk.read("funds", []),
      owed: await desk.read("owed", []),
      setAside: await desk.read("setAside", []),
      creditLine: await desk.read("creditLine", []),
      backing: await desk.read("backing", []),
      supply: await session.contract("EnergyCredit").read("totalSupply", []),
      headroomTicks: await desk.read("headroomTicks", []),
      queue: await desk.read("queue", []),
    };
    if (input.json) {
      printJson(facts);
      return;
    }
    const credits = (amount: bigint): string => formatCredits(amount / BASE_UNITS_PER_TICK);
    printFacts({
      "payment token": `${token.symbol} ${facts.paymentToken}`,
      "sells a credit for": formatPayment(facts.sellPrice, token),
      "redeems a credit for": formatPayment(facts.redeemPrice, token),
      funds: formatPayment(facts.funds, token),
      "owed to queued redemptions": formatPayment(facts.owed, token),
      "set aside": formatPayment(facts.setAside, token),
      "credit line, credits": credits(facts.creditLine),
      "backing, credits": credits(facts.backing),
      "in circulation, credits": credits(facts.supply),
      "may still be minted, credits": formatCredits(facts.headroomTicks),
      "queued, credits": credits(facts.queue.amount),
      "newest redemption": facts.queue.last,
    });
  });
}
