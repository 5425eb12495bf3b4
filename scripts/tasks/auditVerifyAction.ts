import { join } from "node:path";
import Table from "cli-table3";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { openArtifacts } from "../../explorer/server/artifacts.ts";
import { keepsSources, recordedContracts } from "../../explorer/server/verify/recordedContracts.ts";
import { verifyDeployment } from "../../explorer/server/verify/verifyDeployment.ts";
import { createRpcClient } from "../../src/chain/rpc.ts";
import { formatForUser, JouleworkError } from "../../src/errors.ts";

interface AuditVerifyArguments {
  readonly deploymentId: string;
  readonly noRecompile: boolean;
}

/** Exit code 0: every contract is its sources', 1: one is not, 2: bad input. */
export default async function auditVerifyAction(
  { deploymentId, noRecompile }: AuditVerifyArguments,
  hre: HardhatRuntimeEnvironment,
): Promise<void> {
  try {
    const { networkName, networkConfig } = await hre.network.create();
    if (networkConfig.type !== "http") {
      throw new JouleworkError({
        code: "NETWORK_NOT_HTTP",
        what: "Nothing is deployed on an in-process network",
        values: { network: networkName },
        hint: "Name the network of a running node: npx hardhat audit:verify --network localhost.",
      });
    }
    const id = deploymentId === "" ? networkName : deploymentId;
    const directory = join(hre.config.paths.ignition, "deployments");
    // The sources of a bare address list are those of this checkout.
    if (!noRecompile && !keepsSources(id, directory)) await hre.tasks.getTask("build").run({ quiet: true });
    const rpc = createRpcClient({ url: await networkConfig.url.getUrl() });
    const artifacts = openArtifacts(hre.config.paths.artifacts);
    const contracts = await recordedContracts(id, directory, { artifacts, rpc });
    if (!noRecompile) console.error("Compiling the recorded sources again, which takes minutes ...");
    const rows = await verifyDeployment({ rpc, contracts, recompiled: !noRecompile });
    const table = new Table({ head: ["contract", "address", "code"], style: { head: [], border: [] } });
    for (const { contract, address, verdict } of rows) table.push([contract, address, verdict]);
    console.log(table.toString());
    process.exitCode = rows.some(({ verdict }) => verdict === "no") ? 1 : 0;
  } catch (error) {
    console.error(formatForUser(error));
    process.exitCode = 2;
  }
}
