import { expect } from "chai";
import { getCreateAddress, Transaction, Wallet } from "ethers";
import { network } from "hardhat";
import type { JsonRpcServer } from "hardhat/types/network";
import { benchmarkSender } from "../../src/chain/benchmarkSender.ts";
import { codeCall, nonceCall, plainCall, receiptCall, sendRawTransactionCall } from "../../src/chain/calls.ts";
import { createRpcClient } from "../../src/chain/rpc.ts";
import type { RpcClient } from "../../src/chain/rpc.ts";
import { createSender } from "../../src/chain/sender.ts";
import type { Sender, SenderParameters } from "../../src/chain/sender.ts";
import { classifyRefusal, SendError } from "../../src/chain/senderErrors.ts";
import { signTransaction } from "../../src/chain/signTransaction.ts";
import { signingKey } from "../../src/market/signer.ts";
import { rejectionOf } from "./jsonRpcServer.ts";

// The second account of the public test mnemonic.
const KEY = "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d";
const CHAIN_ID = 31337;
const SINK = "0x000000000000000000000000000000000000dEaD";
const TRANSFER = { to: SINK, valueWei: 1n, gasLimit: 21_000n };
const GWEI = 1_000_000_000n;

// Creation code of a contract whose whole code is `PUSH4 11223344 PUSH0 MSTORE PUSH1 4 PUSH1 28 REVERT`: it refuses every
// call with the error of selector 0x11223344.
const REFUSER = "0x600c600a5f39600c5ff363112233445f526004601cfd";

describe("signTransaction", () => {
  it("gives the bytes and the hash that a wallet of ethers gives", async () => {
    const wallet = new Wallet(KEY);
    const fees = { maxFeePerGasWei: 3n * GWEI, maxPriorityFeePerGasWei: GWEI };
    for (const [nonce, request] of [
      { to: SINK },
      { to: SINK, valueWei: 10n ** 18n, data: "0x" },
      { to: SINK, data: `0x${"5a".repeat(1_000)}` },
      { data: REFUSER },
    ].entries()) {
      const signed = signTransaction({
        signer: signingKey(KEY),
        chainId: 10,
        nonce,
        request,
        gasLimit: 100_000n,
        fees,
      });
      const raw = await wallet.signTransaction({
        type: 2,
        chainId: 10,
        nonce,
        to: request.to ?? null,
        data: request.data ?? "0x",
        value: request.valueWei ?? 0n,
        gasLimit: 100_000n,
        maxFeePerGas: 3n * GWEI,
        maxPriorityFeePerGas: GWEI,
      });
      expect(signed).to.deep.equal({ raw, hash: Transaction.from(raw).hash });
    }
  });
});

describe("classifyRefusal", () => {
  it("understands the words of the nodes in use", () => {
    const words = {
      known: ["already known", "Known transaction: 0x12", "AlreadyKnown", "transaction already imported"],
      nonceLow: [
        "nonce too low: next nonce 5, tx nonce 4",
        "Nonce too low. Expected nonce to be 3 but got 0. Note that transactions can't be queued when automining.",
        "OldNonce",
      ],
      nonceHigh: ["Nonce too high. Expected nonce to be 3 but got 4.", "nonce too high"],
      nonceTaken: [
        "replacement transaction underpriced",
        "Replacement transaction underpriced. A gasPrice/maxFeePerGas of at least 11 is necessary",
        "ReplacementNotAllowed",
      ],
      feeLow: [
        "transaction underpriced: gas tip cap 0, minimum needed 1",
        "max fee per gas less than block base fee: address 0x1",
        "FeeTooLow",
      ],
      refused: ["insufficient funds for gas * price + value", "intrinsic gas too low", "exceeds block gas limit"],
    };
    for (const [expected, messages] of Object.entries(words)) {
      for (const message of messages) expect(classifyRefusal(message, false), message).to.equal(expected);
    }
    expect(classifyRefusal("execution reverted", true)).to.equal("executed");
  });
});

describe("Sender on a Hardhat node", () => {
  let server: JsonRpcServer;
  let port: number;
  let rpc: RpcClient;

  async function startNode(): Promise<void> {
    server = await network.createServer({ network: "default", chainType: "l1" }, "127.0.0.1", port);
    ({ port } = await server.listen());
    rpc = createRpcClient({ url: `http://127.0.0.1:${String(port)}`, patienceMs: 3_000 });
  }

  async function stopNode(): Promise<void> {
    await server.close();
  }

  function sender(options: Partial<SenderParameters> = {}): Sender {
    return createSender({ rpc, privateKey: KEY, chainId: CHAIN_ID, ...options });
  }

  async function automine(on: boolean): Promise<void> {
    await rpc.call(plainCall("evm_setAutomine", [on]));
  }

  async function mine(): Promise<void> {
    await rpc.call(plainCall("evm_mine"));
  }

  async function foreign(nonce: number, feeWei: bigint): Promise<string> {
    const signed = signTransaction({
      signer: signingKey(KEY),
      chainId: CHAIN_ID,
      nonce,
      request: { to: SINK, valueWei: 77n },
      gasLimit: 21_000n,
      fees: { maxFeePerGasWei: feeWei, maxPriorityFeePerGasWei: feeWei },
    });
    return rpc.call(sendRawTransactionCall(signed.raw));
  }

  async function refuser(from: Sender): Promise<string> {
    const [receipt] = await from.send([{ data: REFUSER, gasLimit: 200_000n }]);
    if (receipt?.contractAddress === undefined) throw new Error("no contract was created");
    return receipt.contractAddress;
  }

  beforeEach(async () => {
    port = 0;
    await startNode();
  });

  afterEach(stopNode);

  it("runs a long list in its order, nonce after nonce", async () => {
    const one = sender({ window: 30 });
    const receipts = await one.send(Array.from({ length: 100 }, () => TRANSFER));
    expect(receipts.map(({ status }) => status)).to.deep.equal(Array.from({ length: 100 }, () => "success"));
    const blocks = receipts.map(({ blockNumber }) => blockNumber);
    expect(blocks).to.deep.equal([...blocks].sort((a, b) => a - b));
    expect(new Set(receipts.map(({ transactionHash }) => transactionHash)).size).to.equal(100);
    expect(await rpc.call(nonceCall(one.address, "latest"))).to.equal(100);
  });

  it("lets lists of several callers follow each other", async () => {
    const one = sender();
    const lists = await Promise.all([
      one.send([TRANSFER, TRANSFER]),
      one.send([TRANSFER]),
      one.send([]),
      one.send([TRANSFER]),
    ]);
    expect(lists.map((list) => list.length)).to.deep.equal([2, 1, 0, 1]);
    expect(await one.nextNonce()).to.equal(4);
  });

  it("estimates the gas limit where none is given", async () => {
    const [receipt] = await sender().send([{ data: REFUSER }]);
    expect(await rpc.call(codeCall(receipt?.contractAddress ?? ""))).to.equal(`0x${REFUSER.slice(-24)}`);
  });

  it("sends nothing where an estimate shows that a request would fail", async () => {
    const one = sender();
    const to = await refuser(one);
    const error = await rejectionOf(one.send([TRANSFER, { to }]));
    expect(error).to.be.instanceOf(SendError);
    expect(error).to.include({ code: "TX_REVERTED", index: 1 });
    expect((error as SendError).message).to.include("0x11223344");
    expect(await one.nextNonce()).to.equal(1);
  });

  it("says which transaction reverted and why, after the others ran", async () => {
    const one = sender();
    const to = await refuser(one);
    const error = await rejectionOf(one.send([TRANSFER, { to, gasLimit: 100_000n }, TRANSFER]));
    expect(error).to.include({ code: "TX_REVERTED", index: 1 });
    expect((error as SendError).message).to.include("0x11223344");
    expect((error as SendError).receipts.map((receipt) => receipt?.status)).to.deep.equal([
      "success",
      "reverted",
      "success",
    ]);
  });

  it("finds the reason of a revert also where the block came later", async () => {
    const one = sender();
    const to = await refuser(one);
    await automine(false);
    const sending = rejectionOf(one.send([{ to, gasLimit: 100_000n }]));
    await waitUntil(async () => (await rpc.call(nonceCall(one.address, "pending"))) === 2);
    await mine();
    const error = await sending;
    expect(error).to.include({ code: "TX_REVERTED", index: 0 });
    expect((error as SendError).message).to.include("0x11223344");
  });

  it("gives reverted transactions back where the caller allows them", async () => {
    const one = sender();
    const to = await refuser(one);
    const receipts = await one.send([{ to, gasLimit: 100_000n }, TRANSFER], { allowReverts: true });
    expect(receipts.map(({ status }) => status)).to.deep.equal(["reverted", "success"]);
  });

  it("reports a transaction that the node refuses, and goes on with the next list", async () => {
    const one = sender();
    const tooDear = { ...TRANSFER, valueWei: 10n ** 30n };
    const error = await rejectionOf(one.send([TRANSFER, tooDear, TRANSFER]));
    expect(error).to.include({ code: "TX_REFUSED", index: 1 });
    expect((error as SendError).receipts.map((receipt) => receipt?.status)).to.deep.equal([
      "success",
      undefined,
      undefined,
    ]);
    expect(await one.send([TRANSFER])).to.have.length(1);
  });

  it("takes the next free nonce when another program used the key meanwhile", async () => {
    const one = sender();
    await one.send([TRANSFER]);
    await foreign(1, 5n * GWEI);
    const receipts = await one.send([TRANSFER, TRANSFER]);
    expect(receipts).to.have.length(2);
    expect(await rpc.call(nonceCall(one.address, "latest"))).to.equal(4);
  });

  it("goes on at the chain's nonce after a restart of the program, behind what still waits", async () => {
    const before = sender();
    await automine(false);
    const first = before.send([TRANSFER, TRANSFER]);
    await waitUntil(async () => (await rpc.call(nonceCall(before.address, "pending"))) === 2);
    const after = sender();
    expect(await after.nextNonce()).to.equal(2);
    const second = after.send([TRANSFER]);
    await waitUntil(async () => (await rpc.call(nonceCall(before.address, "pending"))) === 3);
    await mine();
    expect([await first, await second].map((list) => list.length)).to.deep.equal([2, 1]);
  });

  it("raises the fees of what does not get into a block", async () => {
    const one = sender({ resendAfterMs: 150 });
    await one.send([TRANSFER]);
    await automine(false);
    const sending = one.send([TRANSFER]);
    const waiting = async (): Promise<string[]> => pendingFees(rpc);
    await waitUntil(async () => (await waiting()).length === 1);
    const [first = "0"] = await waiting();
    await waitUntil(async () => BigInt((await waiting())[0] ?? "0") > BigInt(first));
    const [second = "0"] = await waiting();
    expect(BigInt(second) * 8n >= BigInt(first) * 9n, "at least an eighth more").to.be.true;
    await mine();
    expect((await sending)[0]?.status).to.equal("success");
  });

  it("notices that another transaction took the place of its own", async () => {
    const one = sender({ resendAfterMs: 80, highestFeePerGasWei: 3n * GWEI });
    await automine(false);
    const sending = rejectionOf(one.send([TRANSFER]));
    await waitUntil(async () => (await rpc.call(nonceCall(one.address, "pending"))) === 1);
    const replacement = await foreign(0, 50n * GWEI);
    await mine();
    expect(await sending).to.include({ code: "TX_REPLACED", index: 0 });
    expect((await rpc.call(receiptCall(replacement)))?.status).to.equal("success");
    await automine(true);
    expect(await one.send([TRANSFER])).to.have.length(1);
  });

  it("gives up on what never gets into a block", async () => {
    const one = sender({ giveUpAfterMs: 200 });
    await automine(false);
    expect(await rejectionOf(one.send([TRANSFER]))).to.include({ code: "TX_STUCK", index: 0 });
  });

  it("clears what an earlier run left waiting", async () => {
    await automine(false);
    await rejectionOf(sender({ giveUpAfterMs: 50 }).send([TRANSFER, TRANSFER]));
    const one = sender();
    const clearing = one.cancelWaiting();
    await waitUntil(async () => (await pendingTo(rpc)).every((to) => to === one.address.toLowerCase()));
    await mine();
    expect((await clearing).map(({ status }) => status)).to.deep.equal(["success", "success"]);
    expect(await one.nextNonce()).to.equal(2);
    expect(await one.cancelWaiting()).to.deep.equal([]);
  });

  it("says that the node lost a transaction when its chain was started anew", async () => {
    const one = sender({ resendAfterMs: 100 });
    await one.send([TRANSFER]);
    await automine(false);
    const sending = rejectionOf(one.send([TRANSFER]));
    await waitUntil(async () => (await rpc.call(nonceCall(one.address, "pending"))) === 2);
    await stopNode();
    await startNode();
    expect(await sending).to.include({ code: "TX_LOST", index: 0 });
    expect(await one.send([TRANSFER])).to.have.length(1);
  });

  it("creates contracts at the address that the nonce gives", async () => {
    const one = sender();
    const [receipt] = await one.send([{ data: REFUSER, gasLimit: 200_000n }]);
    expect(receipt?.contractAddress).to.equal(getCreateAddress({ from: one.address, nonce: 0 }));
  });

  it("is much faster than a wallet that sends one by one", async () => {
    const { ratio, etherPerSecond, senderPerSecond } = await benchmarkSender({
      rpcUrl: rpc.url,
      privateKey: KEY,
      request: TRANSFER,
      etherTransactions: 8,
      senderTransactions: 200,
    });
    expect(Math.abs(ratio - senderPerSecond / etherPerSecond) < 1e-9).to.be.true;
    expect(ratio, "the bench measures the exact figure; here two programs share a thread").to.satisfy(
      (times: number) => times > 5,
    );
  });
});

async function waitUntil(condition: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error("the condition did not come true within 3 s");
}

interface PendingTransaction {
  readonly maxFeePerGas: string;
  readonly to: string;
}

async function pending(rpc: RpcClient): Promise<PendingTransaction[]> {
  return (await rpc.call(plainCall("eth_pendingTransactions"))) as PendingTransaction[];
}

async function pendingFees(rpc: RpcClient): Promise<string[]> {
  return (await pending(rpc)).map(({ maxFeePerGas }) => maxFeePerGas);
}

async function pendingTo(rpc: RpcClient): Promise<string[]> {
  return (await pending(rpc)).map(({ to }) => to);
}
