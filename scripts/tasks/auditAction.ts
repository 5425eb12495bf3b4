import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { audit, auditJson, formatAudit } from "../../src/audit/index.ts";
import { readDeployment } from "../../src/chain/deployment.ts";
import { formatForUser, JouleworkError } from "../../src/errors.ts";
import { formatLedger } from "../../src/ledger/index.ts";
import { auditEnergy } from "../audit/energy.ts";

interface AuditArguments {
  readonly deployment: string;
  readonly toBlock: string;
  readonly json: boolean;
  readonly energy: boolean;
}

/** Exit code 0: no difference, 1: differences, 2: bad input. */
export default async function auditAction(
  { deployment, toBlock, json, energy }: AuditArguments,
  hre: HardhatRuntimeEnvironment,
): Promise<void> {
  try {
    const { networkName, networkConfig } = await hre.network.create();
    if (networkConfig.type !== "http") {
      throw new JouleworkError({
        code: "NETWORK_NOT_HTTP",
        what: "Nothing is deployed on an in-process network",
        values: { network: networkName },
        hint: "Name the network of a running node: npx hardhat audit --network localhost.",
      });
    }
    const chain = {
      rpcUrl: await networkConfig.url.getUrl(),
      deployment: await readDeployment(
        deployment === "" ? networkName : deployment,
        hre.config.paths.ignition + "/deployments",
      ),
      ...(toBlock === "" ? {} : { toBlock: blockNumber(toBlock) }),
    };
    const report = await audit(chain);
    const ledger = energy ? await auditEnergy(chain) : undefined;
    console.log(json ? auditJson(report, ledger) : formatAudit(report));
    if (!json && ledger !== undefined) console.log(`\n${formatLedger(ledger)}`);
    process.exitCode = report.passed && (ledger?.differences.length ?? 0) === 0 ? 0 : 1;
  } catch (error) {
    console.error(formatForUser(error));
    process.exitCode = 2;
  }
}

function blockNumber(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value;
  throw new JouleworkError({
    code: "BLOCK_NUMBER_INVALID",
    what: "The text is not a block number",
    values: { text },
    hint: "Give a whole number, such as 1200.",
  });
}
