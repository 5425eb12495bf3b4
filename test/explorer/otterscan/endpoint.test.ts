import { expect } from "chai";
import { createGate } from "../../../explorer/server/otterscan/gate.ts";
import { plainCall } from "../../../src/chain/calls.ts";
import { post, startWorld, type RpcAnswer, type World } from "./world.ts";

describe("the endpoint for Otterscan", () => {
  let world: World;
  const failures: unknown[] = [];

  before(async () => {
    world = await startWorld({
      limits: { batch: 5, bodyBytes: 4_096, traces: 1, waitingTraces: 1 },
      onFailure: (error) => failures.push(error),
    });
    await world.index();
  });

  after(() => world.stop());

  const request = (id: unknown, method: string, params: unknown = []) => ({ jsonrpc: "2.0", id, method, params });

  async function send(message: unknown): Promise<{ status: number; answer: unknown }> {
    const response = await post(world.app, typeof message === "string" ? message : JSON.stringify(message));
    const text = await response.text();
    return { status: response.status, answer: text === "" ? undefined : JSON.parse(text) };
  }

  async function errorOf(message: unknown): Promise<RpcAnswer> {
    return (await send(message)).answer as RpcAnswer;
  }

  it("passes reading methods on to the node", async () => {
    for (const [method, ...params] of [
      ["eth_chainId"],
      ["net_version"],
      ["web3_clientVersion"],
      ["eth_blockNumber"],
      ["eth_getCode", world.address, "latest"],
      ["eth_getBlockByNumber", "0x1", true],
      ["eth_getLogs", { fromBlock: "0x0" }],
      ["debug_traceCall", { to: world.address, data: "0x78710d37" }, "latest", { tracer: "callTracer" }],
    ] as [string, ...unknown[]][]) {
      const answer = await world.result(method, ...params);
      expect(answer, method).to.deep.equal(await world.rpc.call(plainCall(method, params)));
      expect(answer, method).not.to.be.oneOf([null, undefined]);
    }
  });

  it("refuses what writes, signs, or steers the node, and leaves it as it is", async () => {
    const [from = "", to = ""] = world.accounts;
    const before = await world.result("eth_getBlockByNumber", "latest", false);
    const transaction = { from, to, value: "0x1" };
    for (const [method, ...params] of [
      ["eth_sendTransaction", transaction],
      ["eth_sendRawTransaction", "0x00"],
      ["eth_sign", from, "0x00"],
      ["personal_sign", "0x00", from],
      ["eth_signTransaction", transaction],
      ["eth_signTypedData_v4", from, {}],
      ["eth_accounts"],
      ["eth_newFilter", {}],
      ["eth_subscribe", "newHeads"],
      ["hardhat_mine", "0x1"],
      ["hardhat_reset"],
      ["hardhat_setBalance", from, "0x0"],
      ["hardhat_impersonateAccount", from],
      ["evm_mine"],
      ["evm_revert", "0x1"],
      ["evm_snapshot"],
      ["anvil_mine"],
      ["debug_setHead", "0x0"],
      ["admin_peers"],
      ["miner_start"],
      ["txpool_content"],
      ["ETH_SENDTRANSACTION", transaction],
      ["eth_sendTransaction ", transaction],
      ["__proto__"],
      ["constructor"],
      ["ots_unknown"],
      [""],
    ] as [string, ...unknown[]][]) {
      const { error, id } = await world.ask(method, ...params);
      expect(error?.code, method).to.equal(-32601);
      expect(id, method).to.equal(7);
    }
    expect(await world.result("eth_getBlockByNumber", "latest", false)).to.deep.equal(before);
  });

  it("passes the node's errors on, with what a contract reverted with", async () => {
    const data = world.abi.encodeFunctionData("refuse", [5]);
    const { error } = await world.ask("eth_call", { to: world.address, data }, "latest");
    expect(error?.data).to.be.a("string");
    expect(world.abi.parseError(error?.data ?? "0x")?.name).to.equal("Refused");
    const bad = await world.ask("eth_getBalance", "0x12", "latest");
    expect(bad.error?.code).to.equal(-32602);
  });

  it("refuses parameters that are not what a method takes, before it asks anything", async () => {
    const hash = `0x${"12".repeat(32)}`;
    for (const [method, ...params] of [
      ["ots_hasCode", "0x12", "latest"],
      ["ots_hasCode", world.address, "sometime"],
      ["ots_getBlockDetails", -1],
      ["ots_getBlockDetails", 1.5],
      ["ots_getBlockDetails"],
      ["ots_getBlockDetailsByHash", "0x1"],
      ["ots_getBlockTransactions", 1, -1, 10],
      ["ots_getBlockTransactions", 1, 0, 1_000],
      ["ots_traceTransaction", "0x12"],
      ["ots_traceTransaction", hash, "more"],
      ["ots_getTransactionBySenderAndNonce", world.address, "0"],
      ["ots_getContractCreator", null],
      ["ots_getApiLevel", 1],
    ] as [string, ...unknown[]][]) {
      const { error } = await world.ask(method, ...params);
      expect(error?.code, `${method} ${JSON.stringify(params)}`).to.equal(-32602);
      expect(error?.message).to.include(method);
    }
    // A well-formed hash that the chain does not have is the node's to refuse.
    expect((await world.ask("ots_traceTransaction", hash)).error?.code).to.equal(-32000);
  });

  describe("speaks JSON-RPC 2.0", () => {
    it("answers with the request's id, of either type", async () => {
      for (const id of [1, 0, "a", "", null]) {
        expect((await send(request(id, "ots_getApiLevel"))).answer).to.deep.equal({ jsonrpc: "2.0", id, result: 8 });
      }
    });

    it("answers a batch in one list, each with its own outcome, and its notifications not at all", async () => {
      const { answer } = await send([
        request(1, "ots_getApiLevel"),
        request("two", "eth_sendTransaction", [{}]),
        { jsonrpc: "2.0", method: "ots_getApiLevel" },
        { nonsense: true },
        request(5, "eth_chainId"),
      ]);
      const answers = answer as RpcAnswer[];
      expect(answers.map(({ id, result, error }) => [id, result ?? error?.code])).to.deep.equal([
        [1, 8],
        ["two", -32601],
        [null, -32600],
        [5, "0x7a69"],
      ]);
    });

    it("answers notifications alone with an empty 204", async () => {
      const notification = { jsonrpc: "2.0", method: "ots_getApiLevel" };
      expect(await send(notification)).to.deep.equal({ status: 204, answer: undefined });
      expect(await send([notification, notification])).to.deep.equal({ status: 204, answer: undefined });
    });

    it("says what is wrong with a message that is none", async () => {
      expect(await errorOf("{"))
        .to.deep.include({ id: null })
        .and.to.have.nested.property("error.code", -32700);
      for (const message of ["[]", "1", '"text"', "null", "{}", '{"jsonrpc":"1.0","id":3,"method":"eth_chainId"}']) {
        expect((await errorOf(message)).error?.code, message).to.equal(-32600);
      }
      const named = await errorOf({ ...request(4, "eth_chainId"), params: { by: "name" } });
      expect([named.id, named.error?.code]).to.deep.equal([4, -32602]);
    });
  });

  describe("is bounded", () => {
    it("in the length of a batch", async () => {
      const batch = (length: number) => Array.from({ length }, (_, id) => request(id, "ots_getApiLevel"));
      expect(await errorOf(batch(5))).to.have.length(5);
      expect((await errorOf(batch(6))).error?.code).to.equal(-32005);
    });

    it("in the size of a message", async () => {
      const { status, answer } = await send(request(1, "eth_call", [{ data: `0x${"00".repeat(4_096)}` }]));
      expect(status).to.equal(413);
      expect(answer).to.have.nested.property("error.code", -32005);
    });

    it("in the traces that are made and wait at a time", async () => {
      const { hash } = (await world.result("eth_getBlockByNumber", "0x1", false)) as { hash: string };
      expect(hash).to.be.a("string");
      const created = (await world.result("ots_getContractCreator", world.address)) as { hash: string };
      const batch = Array.from({ length: 5 }, (_, id) => request(id, "ots_traceTransaction", [created.hash]));
      const answers = (await send(batch)).answer as RpcAnswer[];
      const refused = answers.filter(({ error }) => error !== undefined);
      expect(refused.map(({ error }) => error?.code)).to.deep.equal([-32005, -32005, -32005]);
      // The places are free again afterwards.
      expect((await world.ask("ots_traceTransaction", created.hash)).error).to.equal(undefined);
    });
  });

  it("tells pages of this machine, and no others, that they may read", async () => {
    const body = JSON.stringify(request(1, "ots_getApiLevel"));
    const allowed = async (origin: string) =>
      (await post(world.app, body, { origin })).headers.get("access-control-allow-origin");
    expect(await allowed("http://localhost:5100")).to.equal("http://localhost:5100");
    expect(await allowed("https://example.org")).to.equal(null);
    const preflight = await world.app.request("/rpc", {
      method: "OPTIONS",
      headers: { origin: "http://localhost:5100", "access-control-request-method": "POST" },
    });
    expect(preflight.headers.get("access-control-allow-headers")).to.include("content-type");
  });

  it("answers an unexpected failure without its words, and reports it", async () => {
    const { store } = world.context;
    const find = store.transactionBySenderAndNonce.bind(store);
    store.transactionBySenderAndNonce = () => Promise.reject(new Error("secret path"));
    try {
      const { error } = await world.ask("ots_getTransactionBySenderAndNonce", world.address, 0);
      expect(error?.code).to.equal(-32603);
      expect(error?.message).not.to.include("secret");
      expect(failures.map(String)).to.deep.equal(["Error: secret path"]);
    } finally {
      store.transactionBySenderAndNonce = find;
    }
  });
});

describe("the gate before dear work", () => {
  it("lets works through in their order, a few at a time, also after one failed", async () => {
    const gate = createGate({ concurrent: 2, waiting: 10 });
    const ended: number[] = [];
    let running = 0;
    let most = 0;
    const works = [0, 1, 2, 3, 4].map((work) =>
      gate(async () => {
        running += 1;
        most = Math.max(most, running);
        await new Promise(setImmediate);
        running -= 1;
        ended.push(work);
        if (work === 1) throw new Error("one fails");
      }),
    );
    const outcomes = await Promise.allSettled(works);
    expect(most).to.equal(2);
    expect(ended).to.deep.equal([0, 1, 2, 3, 4]);
    expect(outcomes.map(({ status }) => status)).to.deep.equal([
      "fulfilled",
      "rejected",
      "fulfilled",
      "fulfilled",
      "fulfilled",
    ]);
  });
});
