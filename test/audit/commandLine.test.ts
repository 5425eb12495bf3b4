import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import hre from "hardhat";
import type { NetworkConnection } from "hardhat/types/network";
import { CHECK_TITLES, type AuditReport } from "../../src/audit/index.ts";
import { playSmallRun, type SmallRun } from "./smallRun.ts";

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

describe("the audit on the command line", () => {
  let connection: NetworkConnection;
  let run: SmallRun;
  let server: Server;
  let url: string;
  let folder: string;
  let record: string;
  before(async () => {
    connection = await hre.network.create();
    run = await playSmallRun(connection);
    server = serve(connection);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
    folder = await mkdtemp(join(tmpdir(), "joulework-audit-"));
    record = join(folder, "deployment.json");
    await writeFile(record, JSON.stringify(run.deployment));
  });
  after(async () => {
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true });
  });

  it("prints one line a check and exits with 0 where nothing differs", async () => {
    const { code, stdout, stderr } = await auditCommand("--rpc", url, "--deployment", record);
    expect(stderr).to.equal("");
    expect(stdout.match(/^ok {3}\w+ +\d+ compared/gm)).to.have.lengthOf(Object.keys(CHECK_TITLES).length);
    expect(stdout).to.match(/PASSED/);
    expect(code).to.equal(0);
  });

  it("prints the whole report as JSON", async () => {
    const { code, stdout } = await auditCommand("--rpc", url, "--deployment", record, "--json");
    const report = JSON.parse(stdout) as AuditReport;
    expect(report.passed).to.equal(true);
    expect(report.totals.tradedWh).to.equal(5_300);
    expect(code).to.equal(0);
  });

  const inputs: readonly (readonly [string, readonly string[], RegExp])[] = [
    ["an unknown option", ["--bogus"], /unknown option/],
    ["a block that is no number", ["--to-block", "late"], /block number/],
    ["an unknown deployment", ["--deployment", "nowhere"], /DEPLOYMENT_MISSING/],
    ["a file that is not there", ["--deployment", "/nowhere/at/all.json"], /DEPLOYMENT_INVALID/],
    ["a node's address that is none", ["--rpc", "nonsense", "--deployment", "RECORD"], /RPC_URL_INVALID/],
    ["a node that does not answer", ["--rpc", "http://127.0.0.1:1", "--deployment", "RECORD"], /RPC_UNREACHABLE/],
    [
      "a range that the chain does not have",
      ["--rpc", "URL", "--deployment", "RECORD", "--to-block", "999999"],
      /AUDIT_RANGE_INVALID/,
    ],
  ];
  for (const [what, args, message] of inputs) {
    it(`exits with 2, an explanation and no stack for ${what}`, async () => {
      const filled = args.map((text) => (text === "RECORD" ? record : text === "URL" ? url : text));
      const { code, stdout, stderr } = await auditCommand(...filled);
      expect(stderr).to.match(message);
      expect(stderr).to.not.match(/^\s+at /m);
      expect(stdout).to.equal("");
      expect(code).to.equal(2);
    });
  }

  it("names the account and exits with 1 where the chain holds something else", async () => {
    const { solar } = run.meters;
    const { AbiCoder, keccak256, toBeHex } = connection.ethers;
    // The exchange keeps meter words in the first mapping behind its ERC-7201 slot.
    const base = "0x63d5e0b78c5ae97130ca73d868fa80ee61db26da63e46993bb1dada5f8e1d900";
    const slot = keccak256(AbiCoder.defaultAbiCoder().encode(["address", "bytes32"], [solar.address, base]));
    const word = await run.market.exchange.meterWord(solar.address);
    await connection.networkHelpers.setStorageAt(await run.market.exchange.getAddress(), slot, toBeHex(word + 1n, 32));
    const { code, stdout } = await auditCommand("--rpc", url, "--deployment", record);
    expect(stdout).to.match(/^FAIL chain/m);
    expect(stdout).to.contain(`meter ${solar.address}`);
    expect(stdout).to.match(/FAILED: 1 differences?\./);
    expect(code).to.equal(1);
  });
});

async function auditCommand(...args: readonly string[]): Promise<Outcome> {
  const script = join(hre.config.paths.root, "scripts", "audit.ts");
  const quiet = join(hre.config.paths.root, "scripts", "quiet.mjs");
  return new Promise((resolve) => {
    const child = execFile(process.execPath, ["--import", quiet, script, ...args], (_error, stdout, stderr) => {
      resolve({ code: child.exitCode ?? -1, stdout, stderr });
    });
  });
}

/** A node's HTTP port in front of the in-process chain. */
function serve(connection: NetworkConnection): Server {
  interface Message {
    readonly id: unknown;
    readonly method: string;
    readonly params: unknown[];
  }
  const answer = async ({ id, method, params }: Message) => {
    try {
      const result: unknown = await connection.provider.request({ method, params });
      return { jsonrpc: "2.0", id, result };
    } catch (error) {
      return {
        jsonrpc: "2.0",
        id,
        error: { code: -32_000, message: error instanceof Error ? error.message : "refused" },
      };
    }
  };
  const respond = async (text: string): Promise<unknown> => {
    const body = JSON.parse(text) as Message | Message[];
    if (!Array.isArray(body)) return answer(body);
    const answers: unknown[] = [];
    for (const message of body) answers.push(await answer(message));
    return answers;
  };
  return createServer((request, response) => {
    let text = "";
    request.on("data", (part: Buffer) => (text += part.toString("utf8")));
    request.on("end", () => {
      void respond(text).then((answered) => {
        response.setHeader("content-type", "application/json");
        response.end(
          JSON.stringify(answered, (_key, value: unknown) =>
            typeof value === "bigint" ? `0x${value.toString(16)}` : value,
          ),
        );
      });
    });
  });
}
