import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import { PROVIDERS_ABI } from "../../src/chain/computeAbi.ts";
import { connectContract } from "../../src/chain/contract.ts";
import { contractAddress } from "../../src/chain/deployment.ts";
import { sendOrRefuse } from "../../src/market/service/exchangeLink.ts";
import { accountNumberField, openJobParty } from "./support/jobParty.ts";
import { addressField, parseInput } from "./support/parseInput.ts";
import { runTask } from "./support/runTask.ts";

const schema = z.object({ owner: addressField, account: accountNumberField });

type SponsorArguments = z.input<typeof schema> & { readonly deployment: string };

export default function sponsorAction(input: SponsorArguments, hre: HardhatRuntimeEnvironment): Promise<void> {
  return runTask(async () => {
    const { owner, account } = parseInput(schema, input);
    const { exchange, sender } = await openJobParty(hre, { deployment: input.deployment, account });
    const address = contractAddress(exchange.deployment, "Providers");
    const providers = connectContract({ rpc: exchange.rpc, abi: PROVIDERS_ABI, address });
    await sendOrRefuse(sender, { to: address, data: providers.encode("setSponsor", [owner]) });
    console.log(`${owner} may register ${sender.address} as a provider.`);
  });
}
