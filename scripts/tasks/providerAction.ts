import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import { acceleratorsField, accountField, addressField, parseInput } from "./support/parseInput.ts";
import { runTask } from "./support/runTask.ts";
import { openSession } from "./support/session.ts";

const schema = z.object({
  provider: addressField,
  meter: addressField,
  accelerators: acceleratorsField,
  as: accountField,
});

interface ProviderArguments {
  readonly provider: string;
  readonly meter: string;
  readonly accelerators: number;
  readonly as: string;
  readonly deployment: string;
}

export default function providerAction(input: ProviderArguments, hre: HardhatRuntimeEnvironment): Promise<void> {
  return runTask(async () => {
    const { provider, meter, accelerators, as } = parseInput(schema, input);
    const session = await openSession(hre, input.deployment);
    const providers = session.contract("Providers");
    await session.send(as, providers.encode("registerProvider", [provider, meter, accelerators]), providers.address);
    const { site } = await providers.read("providerInfo", [provider]);
    console.log(
      `${provider} provides ${String(accelerators)} accelerators behind meter ${meter} of site ${String(site)}.`,
    );
  });
}
