import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import { formatCredits, ticksToBaseUnits } from "../../src/units.ts";
import { addressField, creditsField, holderField, parseInput } from "./support/parseInput.ts";
import { runTask } from "./support/runTask.ts";
import { openSession } from "./support/session.ts";

const schema = z.object({ provider: addressField, amount: creditsField, account: holderField });

interface StakeArguments {
  readonly provider: string;
  readonly amount: string;
  readonly account: string;
  readonly deployment: string;
}

export default function stakeAction(input: StakeArguments, hre: HardhatRuntimeEnvironment): Promise<void> {
  return runTask(async () => {
    const { provider, amount, account } = parseInput(schema, input);
    const session = await openSession(hre, input.deployment);
    const credit = session.contract("EnergyCredit");
    const providers = session.contract("Providers");
    await session.send(
      account,
      credit.encode("approve", [providers.address, ticksToBaseUnits(amount)]),
      credit.address,
    );
    await session.send(account, providers.encode("postStake", [provider, amount]), providers.address);
    const { stakeTicks, lockedTicks } = await providers.read("providerInfo", [provider]);
    console.log(
      `Stake of ${provider}: ${formatCredits(stakeTicks)} credits, ${formatCredits(lockedTicks)} of them locked.`,
    );
  });
}
