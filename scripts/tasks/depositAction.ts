import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import { formatCredits, ticksToBaseUnits } from "../../src/units.ts";
import { buyCredits } from "./support/buyCredits.ts";
import { addressField, creditsField, parseInput, siteField } from "./support/parseInput.ts";
import { runTask } from "./support/runTask.ts";
import { openSession } from "./support/session.ts";

const schema = z
  .object({
    amount: creditsField,
    meter: z.literal("").or(addressField),
    site: z.literal(0).or(siteField),
    matcher: z.literal("").or(addressField),
    buy: z.boolean(),
  })
  .refine(
    ({ meter, site, matcher }) => Number(meter !== "") + Number(site !== 0) + Number(matcher !== "") === 1,
    "give exactly one of --meter, --site and --matcher",
  );

type DepositArguments = z.input<typeof schema> & { readonly deployment: string };

export default function depositAction(input: DepositArguments, hre: HardhatRuntimeEnvironment): Promise<void> {
  return runTask(async () => {
    const { amount, meter, site, matcher, buy } = parseInput(schema, input);
    const session = await openSession(hre, input.deployment);
    const { exchange, send } = session;
    if (buy) await buyCredits(session, { account: "treasury", ticks: amount });
    const credit = session.contract("EnergyCredit");
    await send("treasury", credit.encode("approve", [exchange.address, ticksToBaseUnits(amount)]), credit.address);
    const { contract } = exchange;
    if (meter !== "") await send("treasury", contract.encode("deposit", [meter, amount]));
    else if (site !== 0) await send("treasury", contract.encode("postBond", [site, amount]));
    else await send("treasury", contract.encode("postMatcherBond", [matcher, amount]));
    const to =
      meter !== "" ? `meter ${meter}` : site !== 0 ? `the bond of site ${String(site)}` : `the bond of ${matcher}`;
    console.log(`${formatCredits(amount)} credits paid to ${to}.`);
  });
}
