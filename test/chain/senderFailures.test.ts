import { expect } from "chai";
import { Transaction } from "ethers";
import { network } from "hardhat";
import { createRpcClient } from "../../src/chain/rpc.ts";
import { nonceCall } from "../../src/chain/calls.ts";
import { createSender } from "../../src/chain/sender.ts";
import type { SendError } from "../../src/chain/senderErrors.ts";
import { Refusal, rejectionOf, startJsonRpcServer } from "./jsonRpcServer.ts";
import type { Fate, JsonRpcRequest, JsonRpcTestServer } from "./jsonRpcServer.ts";

const KEY = "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d";
const SINK = "0x000000000000000000000000000000000000dEaD";
const TRANSFER = { to: SINK, valueWei: 1n, gasLimit: 21_000n };
const FUNDS_WEI = 10n ** 22n;

describe("Sender on a bad day", () => {
  let server: JsonRpcTestServer | undefined;

  afterEach(async () => {
    await server?.close();
    server = undefined;
  });

  async function nodeWithFates(fates: Fate[]) {
    const { provider } = await network.create("default");
    server = await startJsonRpcServer({
      handler: ({ method, params }) => provider.request({ method, params: [...params] }),
      fates,
    });
    const rpc = createRpcClient({ url: server.url, patienceMs: 2_000 });
    return { rpc, sender: createSender({ rpc, privateKey: KEY, chainId: 31337 }) };
  }

  it("runs nothing twice when the answer to a batch is lost after the node did it", async () => {
    // Fees and nonce are asked first; the third message brings the transactions.
    const { rpc, sender } = await nodeWithFates(["handle", "handle", "cutAfter"]);
    const receipts = await sender.send([TRANSFER, TRANSFER, TRANSFER]);
    expect(receipts.map(({ status }) => status)).to.deep.equal(["success", "success", "success"]);
    expect(await rpc.call(nonceCall(sender.address, "latest"))).to.equal(3);
    expect(deliveries(server)).to.equal(6);
  });

  it("outlives a server that is busy or cuts connections at every step", async () => {
    const { rpc, sender } = await nodeWithFates([
      { status: 503, body: "" },
      "handle",
      "cutBefore",
      "handle",
      { status: 502, body: "" },
      "cutBefore",
      "cutAfter",
      "cutBefore",
    ]);
    expect(await sender.send([TRANSFER, TRANSFER])).to.have.length(2);
    expect(await rpc.call(nonceCall(sender.address, "latest"))).to.equal(2);
  });

  it("lets later transactions through that a queueing node holds behind a refused one, and reports them", async () => {
    const pool = new PoolNode();
    server = await startJsonRpcServer({ handler: (request) => pool.handle(request) });
    const sender = createSender({ rpc: createRpcClient({ url: server.url }), privateKey: KEY, chainId: 31337 });
    const error = await rejectionOf(
      sender.send([TRANSFER, { ...TRANSFER, valueWei: 2n * FUNDS_WEI }, TRANSFER, TRANSFER]),
    );
    expect(error).to.include({ code: "TX_REFUSED", index: 1 });
    const statuses = (error as SendError).receipts.map((receipt) => receipt?.status);
    expect(statuses).to.deep.equal(["success", undefined, "success", "success"]);
    expect(pool.mined.map(({ value }) => value)).to.deep.equal([1n, 0n, 1n, 1n]);
    expect(await sender.send([TRANSFER])).to.have.length(1);
    expect(pool.mined.map(({ nonce }) => nonce)).to.deep.equal([0, 1, 2, 3, 4]);
  });

  it("keeps its own count where a node that lags gives an old one", async () => {
    const pool = new PoolNode();
    server = await startJsonRpcServer({ handler: (request) => pool.handle(request) });
    const sender = createSender({ rpc: createRpcClient({ url: server.url }), privateKey: KEY, chainId: 31337 });
    await sender.send([TRANSFER, TRANSFER]);
    pool.shownNonce = 0;
    expect(await sender.send([TRANSFER])).to.have.length(1);
    expect(pool.mined.map(({ nonce }) => nonce)).to.deep.equal([0, 1, 2]);
  });

  it("pays more where the node finds the fee too low", async () => {
    const pool = new PoolNode();
    pool.leastFeeWei = 30_000_000_000n;
    server = await startJsonRpcServer({ handler: (request) => pool.handle(request) });
    const sender = createSender({ rpc: createRpcClient({ url: server.url }), privateKey: KEY, chainId: 31337 });
    // The base fee jumps after the market was asked.
    pool.baseFeeWei = 9_000_000_000n;
    await sender.send([TRANSFER, TRANSFER]);
    expect(pool.mined.map(({ nonce }) => nonce)).to.deep.equal([0, 1]);
    expect(pool.mined.every(({ maxFeePerGas }) => (maxFeePerGas ?? 0n) >= pool.leastFeeWei)).to.be.true;
  });
});

function deliveries(server: JsonRpcTestServer | undefined): number {
  return server?.handled.filter(({ method }) => method === "eth_sendRawTransaction").length ?? 0;
}

/** A node that keeps transactions of later nonces in a pool, as those of public chains do, and mines when it is asked for a receipt. */
class PoolNode {
  readonly mined: Transaction[] = [];
  readonly #pool = new Map<number, Transaction>();
  baseFeeWei = 1_000_000_000n;
  leastFeeWei = 0n;
  /** What it says the nonce is; the truth if left out. */
  shownNonce: number | undefined;

  handle({ method, params: [first] }: JsonRpcRequest): unknown {
    switch (method) {
      case "eth_getBlockByNumber":
        return this.#block();
      case "eth_maxPriorityFeePerGas":
        return "0x3b9aca00";
      case "eth_getTransactionCount":
        return `0x${(this.shownNonce ?? this.#nextNonce()).toString(16)}`;
      case "eth_sendRawTransaction":
        return this.#accept(Transaction.from(first as string));
      case "eth_getTransactionReceipt":
        return this.#receipt(first as string);
      case "eth_getTransactionByHash":
        return [...this.#pool.values(), ...this.mined].some(({ hash }) => hash === first) ? {} : null;
      default:
        throw new Refusal(-32601, `the method ${method} does not exist`);
    }
  }

  #nextNonce(): number {
    let next = this.mined.length;
    while (this.#pool.has(next)) next += 1;
    return next;
  }

  #accept(transaction: Transaction): string | null {
    const { nonce, value, hash, maxFeePerGas } = transaction;
    const waiting = this.#pool.get(nonce);
    if (value > FUNDS_WEI) throw new Refusal(-32000, "insufficient funds for gas * price + value");
    if (nonce < this.mined.length) throw new Refusal(-32000, "nonce too low");
    if ((maxFeePerGas ?? 0n) < this.leastFeeWei) throw new Refusal(-32000, "max fee per gas less than block base fee");
    if (waiting?.hash === hash) throw new Refusal(-32000, "already known");
    if (waiting !== undefined) throw new Refusal(-32000, "replacement transaction underpriced");
    this.#pool.set(nonce, transaction);
    return hash;
  }

  #receipt(hash: string): unknown {
    for (let next = this.#pool.get(this.mined.length); next !== undefined; next = this.#pool.get(this.mined.length)) {
      this.#pool.delete(next.nonce);
      this.mined.push(next);
    }
    const place = this.mined.findIndex((transaction) => transaction.hash === hash);
    if (place === -1) return null;
    return {
      transactionHash: hash,
      transactionIndex: "0x0",
      blockNumber: `0x${(place + 1).toString(16)}`,
      blockHash: hash,
      status: "0x1",
      gasUsed: "0x5208",
      effectiveGasPrice: "0x1",
      contractAddress: null,
      logs: [],
    };
  }

  #block(): unknown {
    return {
      number: "0x1",
      hash: "0x01",
      parentHash: "0x00",
      timestamp: "0x1",
      baseFeePerGas: `0x${this.baseFeeWei.toString(16)}`,
      gasLimit: "0x1c9c380",
    };
  }
}
