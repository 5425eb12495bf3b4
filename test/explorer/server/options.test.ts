import { expect } from "chai";
import { networkUrl } from "../../../scripts/explorer/networkUrl.ts";
import { explorerOptions, type ExplorerFlags } from "../../../scripts/explorer/options.ts";
import { startOptions, type StartFlags } from "../../../scripts/start/options.ts";
import { JouleworkError } from "../../../src/errors.ts";
import { codeOf } from "../support/codeOf.ts";

const FLAGS: ExplorerFlags = { network: "localhost", data: "cache/explorer", page: true };
const START: StartFlags = {
  ...{ days: "1", meters: "30", seed: "1", start: "2025-06-21", rule: "midpoint", port: "8545" },
};

function refusal(work: () => unknown): JouleworkError {
  try {
    work();
  } catch (error) {
    if (error instanceof JouleworkError) return error;
    throw error;
  }
  throw new Error("it was taken");
}

describe("the options of npm run explorer", () => {
  it("name a network, whose record and node are taken unless others are named", () => {
    expect(explorerOptions(FLAGS)).to.deep.equal({
      ...{ network: "localhost", deployment: "localhost", rpcUrl: undefined, port: undefined },
      ...{ index: { folder: "cache/explorer" }, models: undefined, wait: false, page: true },
    });
    const store = "postgres://me@db/joulework";
    expect(
      explorerOptions({ ...FLAGS, deployment: "l2", rpc: "https://node.example", port: "5200", store }),
    ).to.deep.include({
      ...{ deployment: "l2", rpcUrl: "https://node.example", port: 5_200, index: { postgres: store } },
    });
  });

  it("are refused by name where they make no sense, without telling a database's password", () => {
    for (const [name, value] of [
      ["port", "0"],
      ["port", "65536"],
      ["port", "x"],
      ["rpc", "ws://127.0.0.1:8545"],
      ["network", ""],
      ["store", "mysql://me:secret@db/x"],
    ] as const) {
      const error = refusal(() => explorerOptions({ ...FLAGS, [name]: value }));
      expect(error.code, name).to.equal("OPTION_INVALID");
      expect(error.message, name).to.include(`--${name}`);
      expect(error.message, name).not.to.include("secret");
    }
  });
});

describe("the node of a network", () => {
  let before: string | undefined;
  beforeEach(() => {
    before = process.env.JOULEWORK_RPC_URL;
    delete process.env.JOULEWORK_RPC_URL;
  });
  afterEach(() => {
    if (before !== undefined) process.env.JOULEWORK_RPC_URL = before;
    else delete process.env.JOULEWORK_RPC_URL;
  });

  it("is named with what to do where its address is not set, and found where it is", async () => {
    expect(await codeOf(networkUrl("external"))).to.equal("NETWORK_ADDRESS_MISSING");
    process.env.JOULEWORK_RPC_URL = "http://127.0.0.1:8600";
    expect(await networkUrl("external")).to.equal("http://127.0.0.1:8600");
  });

  it("is refused where the configuration has no such network, or one in the process alone", async () => {
    for (const name of ["nosuch", "default"]) expect(await codeOf(networkUrl(name))).to.equal("NETWORK_UNKNOWN");
  });
});

describe("the explorer beside npm start", () => {
  it("is there unless it was not wanted or the run ends at once", () => {
    expect(startOptions(START)).to.deep.include({ explorer: true, explorerPort: undefined });
    expect(startOptions({ ...START, explorerPort: "5200" }).explorerPort).to.equal(5_200);
    expect(startOptions({ ...START, explorer: false }).explorer).to.equal(false);
    expect(startOptions({ ...START, once: true }).explorer).to.equal(false);
    expect(refusal(() => startOptions({ ...START, explorerPort: "70000" })).message).to.include("--explorer-port");
  });
});
