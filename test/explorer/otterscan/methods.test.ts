import { expect } from "chai";
import { getCreateAddress, JsonRpcProvider, ZeroAddress } from "ethers";
import { plainCall } from "../../../src/chain/calls.ts";
import * as shapes from "./shapes.ts";
import { startWorld, type World } from "./world.ts";

const SALT = `0x${"01".repeat(32)}`;

describe("Otterscan's methods", () => {
  let world: World;
  let provider: JsonRpcProvider;
  const sent: Record<string, string> = {};
  let [deployer, other, third] = ["", "", ""];

  before(async () => {
    world = await startWorld();
    provider = new JsonRpcProvider(world.rpc.url, undefined, { cacheTimeout: -1 });
    [deployer = "", other = "", third = ""] = world.accounts;
    sent.make = await world.send("make", [SALT], { value: 5 });
    sent.pay = await world.send("pay", [other], { value: 9 });
    sent.nest = await world.send("nest", [3]);
    sent.look = await world.send("lookAndTouch", []);
    sent.refuse = await world.send("refuse", [42], { from: other });
    sent.words = await world.send("refuseInWords", []);
    sent.attempt = await world.send("attempt", [third], { value: 7 });
    sent.plain = await world.transfer(other, third, 3);
    await world.inOneBlock(async () => {
      for (let count = 0; count < 7; count += 1) sent[`block${count}`] = await world.transfer(third, other, 1 + count);
      sent.inBlock = await world.send("nest", [1], { from: other });
    });
    await world.index();
  });

  after(async () => {
    provider.destroy();
    await world.stop();
  });

  async function receiptOf(name: string) {
    const receipt = await provider.getTransactionReceipt(sent[name] ?? "");
    if (receipt === null) throw new Error(name);
    return receipt;
  }

  it("say their level, which is what Otterscan wants or more", async () => {
    expect(await world.result("ots_getApiLevel")).to.be.at.least(5);
  });

  it("answer Otterscan's probe for a header as the node's block without its body", async () => {
    const header = shapes.erigonHeader.parse(await world.result("erigon_getHeaderByNumber", 1));
    expect(header.hash).to.equal((await provider.getBlock(1))?.hash);
    expect(header).not.to.have.any.keys("transactions", "uncles");
    expect(await world.result("erigon_getHeaderByNumber", 4_000_000)).to.equal(null);
  });

  it("know accounts from contracts, at any block", async () => {
    const { blockNumber } = await receiptOf("make");
    const child = getCreateAddress({ from: world.address, nonce: 1 });
    expect(await world.result("ots_hasCode", world.address, "latest")).to.equal(true);
    expect(await world.result("ots_hasCode", deployer, "latest")).to.equal(false);
    expect(await world.result("ots_hasCode", child, blockNumber)).to.equal(true);
    expect(await world.result("ots_hasCode", child, blockNumber - 1)).to.equal(false);
  });

  describe("a block", () => {
    it("comes by number and by hash with the fees that its senders paid", async () => {
      const { blockNumber, blockHash } = await receiptOf("inBlock");
      const details = shapes.blockDetails.parse(await world.result("ots_getBlockDetails", blockNumber));
      expect(details).to.deep.equal(await world.result("ots_getBlockDetailsByHash", blockHash));
      const block = await provider.getBlock(blockNumber);
      expect(details.block.transactionCount).to.equal(8);
      expect(details.block.hash).to.equal(block?.hash);
      const receipts = await Promise.all(
        (block?.transactions ?? []).map((hash) => provider.getTransactionReceipt(hash)),
      );
      expect(BigInt(details.totalFees)).to.equal(receipts.reduce((sum, receipt) => sum + (receipt?.fee ?? 0n), 0n));
      expect(BigInt(details.totalFees)).to.be.greaterThan(0n);
      expect(details.issuance).to.deep.equal({ blockReward: "0x0", uncleReward: "0x0", issuance: "0x0" });
    });

    it("is null where there is none", async () => {
      expect(await world.result("ots_getBlockDetails", 4_000_000)).to.equal(null);
      expect(await world.result("ots_getBlockDetailsByHash", SALT)).to.equal(null);
      expect(await world.result("ots_getBlockTransactions", 4_000_000, 0, 10)).to.equal(null);
    });

    it("gives its transactions in pages from the last one, each page in the block's order", async () => {
      const { blockNumber } = await receiptOf("inBlock");
      const block = await provider.getBlock(blockNumber);
      const pages = [];
      for (let page = 0; page < 3; page += 1) {
        const answer = await world.result("ots_getBlockTransactions", blockNumber, page, 3);
        pages.push(shapes.blockTransactions.parse(answer));
      }
      expect(pages.map(({ fullblock }) => fullblock.transactions.length)).to.deep.equal([3, 3, 2]);
      const hashes = pages.reverse().flatMap(({ fullblock }) => fullblock.transactions.map(({ hash }) => hash));
      expect(hashes).to.deep.equal(block?.transactions);
      for (const { fullblock, receipts } of pages) {
        expect(fullblock.transactionCount).to.equal(8);
        expect(receipts.map(({ transactionHash }) => transactionHash)).to.deep.equal(
          fullblock.transactions.map(({ hash }) => hash),
        );
      }
      const inputs = pages.flatMap(({ fullblock }) => fullblock.transactions.map(({ input }) => input));
      expect(inputs.filter((input) => input !== "0x")).to.deep.equal([world.abi.getFunction("nest")?.selector]);
      const beyond = shapes.blockTransactions.parse(await world.result("ots_getBlockTransactions", blockNumber, 3, 3));
      expect(beyond.fullblock.transactions).to.deep.equal([]);
    });
  });

  describe("a trace", () => {
    const traceOf = async (name: string) => shapes.trace.parse(await world.result("ots_traceTransaction", sent[name]));

    it("lists every call in its order with its depth", async () => {
      const entries = await traceOf("nest");
      expect(entries.map(({ depth }) => depth)).to.deep.equal([0, 1, 2, 3]);
      const depths = entries.map(({ input }) => Number(world.abi.decodeFunctionData("nest", input)[0]));
      expect(depths).to.deep.equal([3, 2, 1, 0]);
      expect(entries[0]?.from).to.equal(deployer.toLowerCase());
      for (const entry of entries) expect(entry.to).to.equal(world.address);
    });

    it("gives calls that cannot carry ether no value, and their results", async () => {
      const [root, look, seven] = await traceOf("look");
      expect(root).to.include({ type: "CALL", value: "0x0" });
      expect(look).to.include({ type: "STATICCALL", value: null, depth: 1 });
      expect(seven).to.include({ type: "STATICCALL", value: null, depth: 2 });
      expect(world.abi.decodeFunctionResult("look", look?.output ?? "0x")[0]).to.equal(8n);
      expect(world.abi.decodeFunctionResult("seven", seven?.output ?? "0x")[0]).to.equal(7n);
    });

    it("shows what was rolled back, and a creation without an address", async () => {
      const entries = await traceOf("attempt");
      expect(entries.map(({ type, depth }) => `${depth} ${type}`)).to.deep.equal([
        "0 CALL",
        "1 CALL",
        "2 CALL",
        "3 CALL",
        "1 CREATE",
      ]);
      expect(entries[3]).to.include({ to: third.toLowerCase(), value: "0x7" });
      expect(entries[4]?.to).to.equal(ZeroAddress);
    });

    it("has internal operations: creations with their value and transfers, in their order", async () => {
      const made = shapes.internalOperations.parse(await world.result("ots_getInternalOperations", sent.make));
      const log = (await receiptOf("make")).logs.map(({ topics }) => `0x${topics[1]?.slice(26) ?? ""}`);
      expect(made).to.deep.equal([
        { type: 2, from: world.address, to: log[0], value: "0x5" },
        { type: 3, from: world.address, to: log[1], value: "0x0" },
      ]);
      const paid = shapes.internalOperations.parse(await world.result("ots_getInternalOperations", sent.pay));
      expect(paid).to.deep.equal([{ type: 0, from: world.address, to: other.toLowerCase(), value: "0x9" }]);
    });

    it("has no internal operation where nothing moved, or what moved was rolled back", async () => {
      for (const name of ["plain", "nest", "attempt", "refuse"]) {
        expect(await world.result("ots_getInternalOperations", sent[name]), name).to.deep.equal([]);
      }
      const balance = await provider.getBalance(third, (await receiptOf("attempt")).blockNumber);
      expect(balance).to.equal(await provider.getBalance(third, 0));
    });
  });

  describe("a transaction's error", () => {
    const errorOf = async (name: string) =>
      shapes.transactionError.parse(await world.result("ots_getTransactionError", sent[name]));

    it("is what the contract reverted with: a custom error, or a reason in words", async () => {
      const parsed = world.abi.parseError(await errorOf("refuse"));
      expect(parsed?.name).to.equal("Refused");
      expect(parsed?.args.toArray()).to.deep.equal([42n, (await receiptOf("refuse")).from]);
      expect(world.abi.parseError(await errorOf("words"))?.args[0]).to.equal("not today");
    });

    it("is empty where it succeeded, also with a failure that was caught", async () => {
      expect(await errorOf("pay")).to.equal("0x");
      expect(await errorOf("attempt")).to.equal("0x");
    });
  });

  describe("a contract's creator", () => {
    const creatorOf = async (address: string) =>
      shapes.contractCreator.parse(await world.result("ots_getContractCreator", address));

    it("is the account that deployed it", async () => {
      const creator = await creatorOf(world.address);
      const receipt = await provider.getTransactionReceipt(creator?.hash ?? "");
      expect(receipt?.contractAddress?.toLowerCase()).to.equal(world.address);
      expect(creator?.creator.toLowerCase()).to.equal(deployer.toLowerCase());
    });

    it("is the contract that made it within a transaction", async () => {
      for (const { topics } of (await receiptOf("make")).logs) {
        const creator = await creatorOf(`0x${topics[1]?.slice(26) ?? ""}`);
        expect(creator).to.deep.equal({ hash: sent.make, creator: world.address });
      }
    });

    it("is null of an account, and of code that no transaction created", async () => {
      expect(await creatorOf(deployer)).to.equal(null);
      await world.rpc.call(plainCall("hardhat_setCode", [SALT.slice(0, 42), "0x00"]));
      expect(await creatorOf(SALT.slice(0, 42))).to.equal(null);
    });
  });

  it("find a transaction by its sender and nonce", async () => {
    const find = async (sender: string, nonce: number) =>
      shapes.transactionHash.parse(await world.result("ots_getTransactionBySenderAndNonce", sender, nonce));
    const transaction = await provider.getTransaction(sent.nest ?? "");
    expect(await find(deployer, transaction?.nonce ?? -1)).to.equal(sent.nest);
    expect(await find(other, 0)).to.equal(sent.refuse);
    expect(await find(other, 999)).to.equal(null);
    expect(await find(`0x${"77".repeat(20)}`, 0)).to.equal(null);
  });

  it("serve an ethers provider as a node does", async () => {
    const ethers = new JsonRpcProvider("http://explorer.invalid", undefined, { staticNetwork: true });
    // Its transport is the endpoint itself.
    ethers._send = async (payload) => {
      const body = JSON.stringify(payload);
      const response = await world.app.request("/rpc", { method: "POST", body });
      const answers = (await response.json()) as never;
      return Array.isArray(answers) ? answers : [answers];
    };
    const receipt = await ethers.getTransactionReceipt(sent.refuse ?? "");
    expect(receipt?.status).to.equal(0);
    expect(receipt?.toJSON()).to.deep.equal((await receiptOf("refuse")).toJSON());
    const call = ethers.call({ to: world.address, data: world.abi.encodeFunctionData("refuse", [5]) });
    const failure: unknown = await call.then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(failure).to.have.property("code", "CALL_EXCEPTION");
    expect(world.abi.parseError((failure as { data: string }).data)?.args[0]).to.equal(5n);
    ethers.destroy();
  });
});
