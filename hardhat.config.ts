import { createRequire } from "node:module";
import hardhatToolboxMochaEthers from "@nomicfoundation/hardhat-toolbox-mocha-ethers";
import { configVariable, defineConfig } from "hardhat/config";
import { loadableTypes } from "./scripts/tasks/loadableTypes.ts";
import { sortedArtifacts } from "./scripts/tasks/sortedArtifacts.ts";
import { tasks } from "./scripts/tasks/index.ts";
import { warningsAsErrors } from "./scripts/tasks/warningsAsErrors.ts";

const require = createRequire(import.meta.url);

export default defineConfig({
  plugins: [sortedArtifacts, hardhatToolboxMochaEthers, warningsAsErrors, loadableTypes],
  tasks,
  solidity: {
    version: "0.8.37",
    // The compiler comes from npm as WebAssembly: nothing is downloaded outside the lock file.
    path: require.resolve("solc/soljson.js"),
    npmFilesToBuild: [
      "@openzeppelin/contracts/access/manager/AccessManager.sol",
      "@openzeppelin/contracts/governance/TimelockController.sol",
    ],
    settings: {
      viaIR: true,
      evmVersion: "osaka",
      optimizer: { enabled: true, runs: 1_000_000 },
      outputSelection: { "*": { "*": ["metadata", "storageLayout"] } },
    },
  },
  // No test is timed, but one that hangs ends.
  test: { mocha: { timeout: 600_000 } },
  typechain: { outDir: "./typechain-types" },
  coverage: { skipFiles: ["contracts/mocks/**"] },
  // Ignition keeps its records in deployments/ and its modules in modules/.
  paths: { ignition: "." },
  networks: {
    default: {
      type: "edr-simulated",
      chainType: "l1",
      hardfork: "osaka",
      // Contracts may not be larger than the EVM allows, which is the default; said here, it would hold for the coverage's
      // instrumented contracts too, which are.
      // Tests choose their own slots, so the chain starts before any of them.
      initialDate: "2025-06-20T00:00:00Z",
      // Hundreds of transactions fit into one slot.
      allowBlocksWithSameTimestamp: true,
      // What an estimate saw may cost more a block later, when another slot's price is due.
      gasMultiplier: 1.2,
    },
    node: {
      type: "edr-simulated",
      chainType: "l1",
      hardfork: "osaka",
      chainId: 31337,
      allowUnlimitedContractSize: false,
      allowBlocksWithSameTimestamp: true,
      // A simulated day is driven by block timestamps and starts where its user says.
      ...(process.env.JOULEWORK_CHAIN_START === undefined ? {} : { initialDate: process.env.JOULEWORK_CHAIN_START }),
    },
    // A node of this machine, wherever `npm start -- --port` or `hardhat node --port` put it.
    localhost: { type: "http", chainType: "l1", url: `http://127.0.0.1:${process.env.JOULEWORK_LOCAL_PORT ?? "8545"}` },
    // An example of a network that is not ours: `npx hardhat keystore set JOULEWORK_RPC_URL` and so on.
    external: {
      type: "http",
      chainType: "generic",
      url: configVariable("JOULEWORK_RPC_URL"),
      accounts: [configVariable("JOULEWORK_PRIVATE_KEY")],
    },
  },
});
