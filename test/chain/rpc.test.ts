import { expect } from "chai";
import { Interface } from "ethers";
import { blockNumberCall, chainIdCall, codeCall, contractCall, plainCall } from "../../src/chain/calls.ts";
import type { Abi } from "../../src/chain/abiTypes.ts";
import { createRpcClient } from "../../src/chain/rpc.ts";
import { RpcError, RpcTransportError } from "../../src/chain/rpcErrors.ts";
import { JouleworkError } from "../../src/errors.ts";
import { Refusal, rejectionOf, startJsonRpcServer } from "./jsonRpcServer.ts";
import type { JsonRpcRequest, JsonRpcTestServer, JsonRpcTestServerParameters } from "./jsonRpcServer.ts";

const ERRORS: Abi = [
  {
    type: "error",
    name: "NoSlotRecord",
    inputs: [
      { name: "zone", type: "uint256" },
      { name: "slot", type: "uint256" },
    ],
  },
];
const NO_SLOT_RECORD = new Interface(["error NoSlotRecord(uint256,uint256)"]).encodeErrorResult("NoSlotRecord", [
  1n,
  7n,
]);

describe("RPC client", () => {
  let server: JsonRpcTestServer | undefined;

  async function serve(parameters: Partial<JsonRpcTestServerParameters> = {}): Promise<JsonRpcTestServer> {
    server = await startJsonRpcServer({ handler: echo, ...parameters });
    return server;
  }

  afterEach(async () => {
    await server?.close();
    server = undefined;
  });

  it("refuses an address that is not an HTTP URL", () => {
    expect(() => createRpcClient({ url: "localhost" })).to.throw(JouleworkError, "not an HTTP URL");
    expect(() => createRpcClient({ url: "ws://127.0.0.1:8545" })).to.throw(JouleworkError, "not an HTTP URL");
  });

  it("joins requests of a batch with their answers although those come in another order", async () => {
    const { url } = await serve({ reversed: true });
    const outcomes = await createRpcClient({ url }).batch([
      chainIdCall(),
      plainCall("net_echo", ["a"]),
      blockNumberCall(),
    ]);
    expect(outcomes.map((outcome) => (outcome.ok ? outcome.value : undefined))).to.deep.equal([31337, "a", 18]);
  });

  it("cuts a long list into messages and keeps its order", async () => {
    const { url, messages } = await serve();
    const texts = Array.from({ length: 25 }, (_, place) => String(place));
    const answers = await createRpcClient({ url, batchSize: 10 }).all(
      texts.map((text) => plainCall("net_echo", [text])),
    );
    expect(answers).to.deep.equal(texts);
    expect(messages()).to.equal(3);
  });

  it("gives each request of a batch its own outcome", async () => {
    const { url } = await serve();
    const [good, bad] = await createRpcClient({ url }).batch([chainIdCall(), plainCall("no_such_method")]);
    expect(good.ok).to.be.true;
    expect(bad.ok ? undefined : bad.error.rpcMessage).to.equal("the method no_such_method does not exist");
  });

  it("says that no node answers, without the access key of the URL", async () => {
    const { port } = await serve();
    await server?.close();
    const url = `http://127.0.0.1:${String(port)}/v2/secret-key`;
    const error = await rejectionOf(createRpcClient({ url, patienceMs: 0 }).call(chainIdCall()));
    expect(error).to.be.instanceOf(RpcTransportError);
    expect((error as RpcTransportError).code).to.equal("RPC_UNREACHABLE");
    expect((error as RpcTransportError).message)
      .to.include("ECONNREFUSED")
      .and.not.include("secret-key");
  });

  it("waits for a node that comes back within its patience", async () => {
    const { port, url } = await serve();
    await server?.close();
    const answer = createRpcClient({ url, patienceMs: 5_000 }).call(chainIdCall());
    setTimeout(() => void serve({ port }), 150);
    expect(await answer).to.equal(31337);
  });

  it("asks again at once on a connection that the other side had closed", async () => {
    const { url, messages } = await serve({ fates: ["cutBefore"] });
    expect(await createRpcClient({ url, patienceMs: 0 }).call(chainIdCall())).to.equal(31337);
    expect(messages()).to.equal(2);
  });

  it("does not repeat what must not happen twice", async () => {
    const { url, handled } = await serve({ fates: ["handle", "cutAfter"] });
    const error = await rejectionOf(createRpcClient({ url, patienceMs: 2_000 }).call(plainCall("evm_mine")));
    expect((error as RpcTransportError).code).to.equal("RPC_UNREACHABLE");
    expect(handled.filter(({ method }) => method === "evm_mine")).to.have.length(1);
  });

  it("repeats a request that a busy server turned away, and no other", async () => {
    const busy = await serve({
      fates: [
        { status: 503, body: "busy" },
        { status: 429, body: "slow down" },
      ],
    });
    expect(await createRpcClient({ url: busy.url }).call(chainIdCall())).to.equal(31337);
    await busy.close();
    const { url, messages } = await serve({ fates: [{ status: 401, body: "key missing" }] });
    const error = await rejectionOf(createRpcClient({ url }).call(chainIdCall()));
    expect((error as RpcTransportError).values).to.include({ status: 401, body: "key missing" });
    expect(messages()).to.equal(1);
  });

  it("gives up on an answer that does not come in time", async () => {
    const { url } = await serve({ fates: ["hang"] });
    const error = await rejectionOf(createRpcClient({ url, timeoutMs: 60, patienceMs: 0 }).call(chainIdCall()));
    expect((error as RpcTransportError).code).to.equal("RPC_TIMEOUT");
  });

  it("refuses answers that are not JSON-RPC or not what the method returns", async () => {
    const { url } = await serve({
      fates: [
        { status: 200, body: "<html>" },
        { status: 200, body: "{}" },
      ],
    });
    const rpc = createRpcClient({ url });
    for (const answer of [rpc.call(chainIdCall()), rpc.call(chainIdCall()), rpc.call(codeCall("0x00"))]) {
      expect(((await rejectionOf(answer)) as RpcTransportError).code).to.equal("RPC_BAD_RESPONSE");
    }
  });

  it("names a contract's error however deep the node puts its data", async () => {
    const shapes: unknown[] = [
      NO_SLOT_RECORD,
      { data: NO_SLOT_RECORD, message: "reverted" },
      { originalError: { data: NO_SLOT_RECORD } },
      `Reverted ${NO_SLOT_RECORD}`,
    ];
    for (const data of shapes) {
      await server?.close();
      const { url } = await serve({
        handler: () => {
          throw new Refusal(3, "execution reverted", data);
        },
      });
      const error = await rejectionOf(createRpcClient({ url, errors: ERRORS }).call(contractCall({ to: "0x00" })));
      expect(error).to.be.instanceOf(RpcError);
      expect((error as RpcError).code).to.equal("CALL_REVERTED");
      expect((error as RpcError).revert).to.deep.include({ name: "NoSlotRecord", args: { zone: 1n, slot: 7n } });
      expect((error as RpcError).message).to.include("NoSlotRecord(zone = 1, slot = 7)");
    }
  });
});

function echo({ method, params }: JsonRpcRequest): unknown {
  switch (method) {
    case "eth_chainId":
      return "0x7a69";
    case "eth_blockNumber":
      return "0x12";
    case "net_echo":
      return params[0];
    case "eth_getCode":
      return 5;
    case "evm_mine":
      return "0x0";
    default:
      throw new Refusal(-32601, `the method ${method} does not exist`);
  }
}
