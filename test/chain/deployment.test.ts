import { expect } from "chai";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkDeployment, contractAddress, parseDeployment, readDeployment } from "../../src/chain/deployment.ts";
import { createRpcClient } from "../../src/chain/rpc.ts";
import type { JouleworkError } from "../../src/errors.ts";
import { rejectionOf, startJsonRpcServer } from "./jsonRpcServer.ts";

const EXCHANGE = "0x5FbDB2315678afecb367f032d93F642f64180aa3";
const CREDIT = "0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512";
const LIBRARY = "0x9fE46736679d2D9a65F0992F2272dE9f3c7fa6e0";
const RECORD = { network: "testnet", chainId: 31337, deployBlock: 4, contracts: { EnergyExchange: EXCHANGE } };

// The shape of Ignition's journal: one JSON object a line, of which three kinds matter here.
const JOURNAL = [
  { chainId: 31337, type: "DEPLOYMENT_INITIALIZE" },
  { futureId: "Joulework#EnergyCredit", type: "DEPLOYMENT_EXECUTION_STATE_INITIALIZE", constructorArgs: [] },
  { futureId: "Joulework#EnergyCredit", type: "TRANSACTION_CONFIRM", hash: "0x01", receipt: receipt(9, CREDIT) },
  { futureId: "Joulework#Closing", type: "TRANSACTION_CONFIRM", hash: "0x02", receipt: receipt(7, LIBRARY) },
  { futureId: "Joulework#EnergyExchange", type: "TRANSACTION_CONFIRM", hash: "0x03", receipt: receipt(11, EXCHANGE) },
  // A call has no address of a contract, and an abandoned deployment is not in the list of addresses.
  { futureId: "Joulework#Call", type: "TRANSACTION_CONFIRM", hash: "0x04", receipt: receipt(2, undefined) },
  { futureId: "Joulework#Old", type: "TRANSACTION_CONFIRM", hash: "0x05", receipt: receipt(1, `0x${"12".repeat(20)}`) },
];
const ADDRESSES = {
  "Joulework#EnergyCredit": CREDIT.toLowerCase(),
  "Joulework#Closing": LIBRARY,
  "Joulework#EnergyExchange": EXCHANGE,
};

describe("Deployment", () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "joulework-deployments-"));
  });

  afterEach(async () => rm(directory, { recursive: true }));

  async function record(files: Record<string, string>): Promise<void> {
    await mkdir(join(directory, "testnet"), { recursive: true });
    for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
  }

  const lines = (entries: readonly unknown[]): string => entries.map((entry) => `${JSON.stringify(entry)}\n`).join("");
  const failureOf = async (): Promise<JouleworkError> =>
    (await rejectionOf(readDeployment("testnet", directory))) as JouleworkError;

  it("is read from what Ignition recorded: names, checksummed addresses, chain and first block", async () => {
    await record({
      "testnet/deployed_addresses.json": JSON.stringify(ADDRESSES),
      "testnet/journal.jsonl": `\n${lines(JOURNAL)}`,
    });
    expect(await readDeployment("testnet", directory)).to.deep.equal({
      network: "testnet",
      chainId: 31337,
      deployBlock: 7,
      contracts: { EnergyCredit: CREDIT, Closing: LIBRARY, EnergyExchange: EXCHANGE },
    });
  });

  it("is read from a flat record where Ignition has none", async () => {
    await record({ "testnet.json": JSON.stringify(RECORD) });
    expect(await readDeployment("testnet", directory)).to.deep.equal(RECORD);
  });

  it("is missing where there is no record", async () => {
    expect(await failureOf()).to.deep.include({
      code: "DEPLOYMENT_MISSING",
      values: { deployment: "testnet", directory },
    });
  });

  it("is refused where the record is damaged, with the place", async () => {
    const addresses = JSON.stringify(ADDRESSES);
    for (const [files, problem] of [
      [{ "testnet/deployed_addresses.json": "{" }, "not JSON"],
      [{ "testnet/deployed_addresses.json": '{"A#B": "0x12"}' }, "not an address"],
      [{ "testnet/deployed_addresses.json": addresses }, "the journal is missing"],
      [{ "testnet/deployed_addresses.json": addresses, "testnet/journal.jsonl": "" }, "it names no chain"],
      [
        {
          "testnet/deployed_addresses.json": JSON.stringify({ "A#Desk": EXCHANGE, "B#Desk": CREDIT }),
          "testnet/journal.jsonl": lines(JOURNAL),
        },
        "two contracts are named Desk",
      ],
    ] as const) {
      await rm(join(directory, "testnet"), { recursive: true, force: true });
      await record(files);
      const failure = await failureOf();
      expect(failure.code).to.equal("DEPLOYMENT_INVALID");
      expect(failure.message).to.include(problem);
    }
  });

  it("is refused as an object that is none, with the field", () => {
    expect(parseDeployment({ ...RECORD, contracts: { A: EXCHANGE.toLowerCase() } }).contracts.A).to.equal(EXCHANGE);
    expect(() => parseDeployment({ ...RECORD, chainId: 0 })).to.throw("chainId");
    expect(() => parseDeployment({ ...RECORD, contracts: { A: "0x00" } })).to.throw("contracts.A: not an address");
    expect(() => parseDeployment(null, "the request")).to.throw("the request");
  });

  it("names the contracts that it has when another is asked for", () => {
    expect(contractAddress(parseDeployment(RECORD), "EnergyExchange")).to.equal(EXCHANGE);
    expect(() => contractAddress(parseDeployment(RECORD), "Seasons")).to.throw('known = "EnergyExchange"');
  });

  describe("when it is checked against a node", () => {
    async function checkOn(chainId: string, code: string): Promise<unknown> {
      const server = await startJsonRpcServer({ handler: ({ method }) => (method === "eth_chainId" ? chainId : code) });
      const result = checkDeployment(createRpcClient({ url: server.url }), parseDeployment(RECORD)).then(
        () => "passed",
        (error: unknown) => error,
      );
      return result.finally(() => server.close());
    }

    it("passes where chain and code are there", async () => {
      expect(await checkOn("0x7a69", "0x60")).to.equal("passed");
    });

    it("fails on another chain", async () => {
      const failure = (await checkOn("0x1", "0x60")) as JouleworkError;
      expect(failure).to.deep.include({
        code: "CHAIN_ID_WRONG",
        values: { network: "testnet", expected: 31337, node: 1 },
      });
    });

    it("fails where no code is at an address, as after a restart of a local node", async () => {
      const failure = (await checkOn("0x7a69", "0x")) as JouleworkError;
      expect(failure.code).to.equal("CONTRACT_MISSING");
      expect(failure.values).to.deep.equal({ name: "EnergyExchange", address: EXCHANGE, network: "testnet" });
    });
  });
});

function receipt(blockNumber: number, contractAddress: string | undefined) {
  return { blockHash: "0x00", blockNumber, contractAddress, logs: [], status: "SUCCESS" };
}
