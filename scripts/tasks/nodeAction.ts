import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { TaskArguments } from "hardhat/types/tasks";
import { join } from "node:path";
import { formatForUser } from "../../src/errors.ts";
import { explorerProcess } from "../explorer/explorerProcess.ts";
import { localPrefix } from "./support/localPrefix.ts";

/** The name under which `joulework:deploy --network localhost` records what it deploys. */
const DEPLOYMENT = "localhost";

/** Runs the node until it ends; the explorer goes with it. */
export default async function nodeAction(
  { explorer, ...given }: TaskArguments,
  hre: HardhatRuntimeEnvironment,
  runSuper: (given: TaskArguments) => Promise<unknown>,
): Promise<void> {
  if (explorer !== true) {
    await runSuper(given);
    return;
  }
  const beside = explorerProcess({
    rpcUrl: `http://127.0.0.1:${String(given.port)}`,
    deployment: DEPLOYMENT,
    folder: join(hre.config.paths.cache, "explorer"),
    wait: true,
  });
  const deploy = `${localPrefix(Number(given.port))}npx hardhat joulework:deploy --network ${DEPLOYMENT}`;
  console.log(`The explorer starts once the system is deployed: ${deploy}`);
  beside.url.then(
    (url) => console.log(`Explorer: ${url}`),
    (error: unknown) => console.error(formatForUser(error)),
  );
  try {
    await runSuper(given);
  } finally {
    await beside.stop();
  }
}
