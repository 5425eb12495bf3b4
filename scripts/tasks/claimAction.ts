import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import { formatCredits } from "../../src/units.ts";
import { callMarket } from "./support/computeMarket.ts";
import { accountField, addressField, numberField, parseInput } from "./support/parseInput.ts";
import { runTask } from "./support/runTask.ts";
import { openSession } from "./support/session.ts";

const schema = z.object({
  lease: numberField,
  most: z.int().min(1, "must be at least 1 use").max(0xffffff, "is more than a lease has"),
  to: z.literal("").or(addressField),
  as: accountField,
});

type ClaimArguments = z.input<typeof schema> & { readonly deployment: string };

export default function claimAction(input: ClaimArguments, hre: HardhatRuntimeEnvironment): Promise<void> {
  return runTask(async () => {
    const { lease, most, to, as } = parseInput(schema, input);
    const session = await openSession(hre, input.deployment);
    const market = session.contract("ComputeMarket");
    if (lease !== 0) {
      const claim = market.encode("claimPay", [BigInt(lease), BigInt(most)]);
      for (const { name, args } of await callMarket(session, as, claim)) {
        if (name !== "PayClaimed") continue;
        const pay = `${formatCredits(args.payTicks)} credits are ${args.provider}'s`;
        console.log(`Lease ${String(lease)}: ${pay}; uses settled so far: ${String(args.settledUses)}.`);
      }
      // Anybody may claim for the provider, and has nothing to collect then.
      const { address } = await session.key(as);
      if ((await market.read("earned", [address])) === 0n) return;
    }
    const receiver = to === "" ? (await session.key(as)).address : to;
    for (const { name, args } of await callMarket(session, as, market.encode("collect", [receiver]))) {
      if (name === "Collected") console.log(`${formatCredits(args.amountTicks)} credits paid to ${args.to}.`);
    }
  });
}
