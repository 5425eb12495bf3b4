import { expect } from "chai";
import hre from "hardhat";
import type { JsonRpcServer } from "hardhat/types/network";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openArtifacts } from "../../../explorer/server/artifacts.ts";
import { recordedContracts } from "../../../explorer/server/verify/recordedContracts.ts";
import { verifyDeployment } from "../../../explorer/server/verify/verifyDeployment.ts";
import { plainCall } from "../../../src/chain/calls.ts";
import { createRpcClient, type RpcClient } from "../../../src/chain/rpc.ts";
import { hardhatAt, runVerb } from "../../tasks/commandLine.ts";
import { compilerInput, compilerVersion, compileSource } from "./compileSource.ts";

const source = (comment: string) => `contract Lamp {
  /// ${comment}
  bool public lit;
  address public immutable owner = msg.sender;
  function turn() external { require(msg.sender == owner); lit = !lit; }
}`;

/** A chain with one small contract, and a record of its deployment as Ignition writes it. */
describe("audit:verify", () => {
  let server: JsonRpcServer;
  let rpc: RpcClient;
  let directory: string;
  let address: string;
  const id = "lamps";

  before(async () => {
    server = await hre.network.createServer("default", "127.0.0.1", 0);
    const { port } = await server.listen();
    rpc = createRpcClient({ url: `http://127.0.0.1:${port}` });
    directory = await mkdtemp(join(tmpdir(), "joulework-verify-"));
    const { Lamp } = compileSource(source("turned by its owner"));
    if (Lamp === undefined) throw new Error("Lamp");
    const [from] = (await rpc.call(plainCall("eth_accounts"))) as string[];
    const hash = await rpc.call(plainCall("eth_sendTransaction", [{ from, data: Lamp.bytecode }]));
    const receipt = await rpc.call(plainCall("eth_getTransactionReceipt", [hash]));
    address = (receipt as { contractAddress: string }).contractAddress;
    await record(id, "turned by its owner");
  });

  after(async () => {
    await server.close();
    await rm(directory, { recursive: true, force: true });
  });

  /** Writes a record whose artifact and compiler input come from the source with this comment. */
  async function record(deployment: string, comment: string, longVersion = compilerVersion()): Promise<void> {
    const folder = join(directory, "deployments", deployment);
    const { Lamp } = compileSource(source(comment));
    const artifact = { ...Lamp, contractName: "Lamp", inputSourceName: "Test.sol", buildInfoId: "lamps-build" };
    const buildInfo = { id: "lamps-build", solcLongVersion: longVersion, input: compilerInput(source(comment)) };
    await mkdir(join(folder, "artifacts"), { recursive: true });
    await mkdir(join(folder, "build-info"));
    const journal = { type: "DEPLOYMENT_INITIALIZE", chainId: 31337 };
    await writeFile(join(folder, "journal.jsonl"), JSON.stringify(journal));
    await writeFile(join(folder, "deployed_addresses.json"), JSON.stringify({ "Lamps#Lamp": address }));
    await writeFile(join(folder, "artifacts", "Lamps#Lamp.json"), JSON.stringify(artifact));
    await writeFile(join(folder, "build-info", "lamps-build.json"), JSON.stringify(buildInfo));
  }

  async function verdict(deployment: string, recompiled: boolean): Promise<string | undefined> {
    const artifacts = openArtifacts(join(directory, "artifacts"));
    const contracts = await recordedContracts(deployment, join(directory, "deployments"), { artifacts, rpc });
    const [row] = await verifyDeployment({ rpc, contracts, recompiled });
    return row?.verdict;
  }

  it("finds the deployed code in the recorded artifact and in what its sources compile to", async () => {
    expect(await verdict(id, false)).to.equal("exact");
    expect(await verdict(id, true)).to.equal("exact");
  });

  it("compiles the sources rather than believing the recorded artifact", async () => {
    await record("lying", "turned by its owner");
    const path = join(directory, "deployments", "lying", "build-info", "lamps-build.json");
    const other = source("turned by its owner").replace("!lit", "lit == false && msg.sender != address(1)");
    const input = compilerInput(other);
    await writeFile(path, JSON.stringify({ id: "lamps-build", solcLongVersion: compilerVersion(), input }));
    expect(await verdict("lying", false)).to.equal("exact");
    expect(await verdict("lying", true)).to.equal("no");
  });

  it("calls sources with another comment a match", async () => {
    await record("commented", "turned by anybody, this comment says");
    expect(await verdict("commented", false)).to.equal("match");
    expect(await verdict("commented", true)).to.equal("match");
  });

  it("says no of tampered code", async () => {
    const code = (await rpc.call(plainCall("eth_getCode", [address, "latest"]))) as string;
    const tampered = `0x61${code.slice(4)}`;
    await rpc.call(plainCall("hardhat_setCode", [address, tampered]));
    try {
      expect(await verdict(id, false)).to.equal("no");
      expect(await verdict(id, true)).to.equal("no");
    } finally {
      await rpc.call(plainCall("hardhat_setCode", [address, code]));
    }
  });

  it("refuses to compile with another compiler than the recorded one", async () => {
    await record("older", "turned by its owner", "0.8.30+commit.73712a01");
    const failure = await verdict("older", true).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(failure).to.have.property("code", "COMPILER_DIFFERS");
    expect(failure).to.have.property("values").that.includes({ recorded: "0.8.30+commit.73712a01" });
  });

  it("says which file of a record is damaged", async () => {
    await cp(join(directory, "deployments", id), join(directory, "deployments", "torn"), { recursive: true });
    await writeFile(join(directory, "deployments", "torn", "artifacts", "Lamps#Lamp.json"), "{");
    const failure = await verdict("torn", false).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(failure).to.have.property("code", "DEPLOYMENT_INVALID");
    expect(String(failure)).to.include("Lamps#Lamp.json");
  });

  describe("as a task", () => {
    const flat = `verify-test-${process.pid}`;

    it("needs the network of a running node", async () => {
      const { exitCode, err } = await runVerb(hre, "audit:verify", { deploymentId: "", noRecompile: true });
      expect(exitCode).to.equal(2);
      expect(err).to.include("NETWORK_NOT_HTTP");
    });

    it("prints a table of an address list and exits with 1 where one is no match", async () => {
      const environment = await hardhatAt(rpc.url);
      const path = join(environment.config.paths.ignition, "deployments", `${flat}.json`);
      const contracts = { EnergyCredit: address };
      await writeFile(path, JSON.stringify({ network: flat, chainId: 31337, deployBlock: 0, contracts }));
      try {
        const run = await runVerb(environment, "audit:verify", { deploymentId: flat, noRecompile: true });
        expect(run.exitCode).to.equal(1);
        expect(run.out).to.match(/EnergyCredit .* no /);
        await rpc.call(plainCall("hardhat_setCode", [address, await compiledCode("EnergyCredit")]));
        const honest = await runVerb(environment, "audit:verify", { deploymentId: flat, noRecompile: true });
        expect(honest.out).to.match(/EnergyCredit .* exact /);
        expect(honest.exitCode).to.equal(0);
      } finally {
        await rm(path);
      }
    });
  });
});

/** Code as compiled, its immutables zero. */
async function compiledCode(name: string): Promise<string> {
  return (await hre.artifacts.readArtifact(name)).deployedBytecode;
}
