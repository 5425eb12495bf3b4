import { expect } from "chai";
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { accountKey, deviceKey, keyVariable, type KeySource } from "../../scripts/tasks/support/keys.ts";
import { localKey } from "../../src/chain/localChain.ts";
import { JouleworkError } from "../../src/errors.ts";

const KEYS = [1, 2, 3].map((digit) => `0x${String(digit).repeat(64)}`);
const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** The keys of a network as its configuration resolves them. */
function configured(keys: readonly string[]): KeySource["accounts"] {
  return keys.map((key) => ({
    _type: "ResolvedConfigurationVariable" as const,
    format: "{variable}",
    display: () => "key",
    get: () => Promise.resolve(key),
    getUrl: () => Promise.resolve(key),
    getBigInt: () => Promise.resolve(BigInt(key)),
    getHexString: () => Promise.resolve(key),
  }));
}

async function codeOf(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (error instanceof JouleworkError) return error.code;
    throw error;
  }
  return "none";
}

describe("the keys of the command line", () => {
  const source = { network: "somewhere", chainId: 7331 };

  afterEach(() => {
    delete process.env.JOULEWORK_OWNER_KEY;
    delete process.env.JOULEWORK_DEVICE_KEY;
  });

  it("come from the configuration by the account's place, and from its only key for every account", async () => {
    expect(await accountKey("registrar", { ...source, accounts: configured(KEYS) })).to.equal(KEYS[2]);
    expect(await accountKey("registrar", { ...source, accounts: configured(KEYS.slice(0, 1)) })).to.equal(KEYS[0]);
  });

  it("come from the environment before anything else", async () => {
    expect(keyVariable("owner")).to.equal("JOULEWORK_OWNER_KEY");
    process.env.JOULEWORK_OWNER_KEY = KEYS[1];
    expect(await accountKey("owner", { ...source, accounts: configured(KEYS) })).to.equal(KEYS[1]);
  });

  it("are the public ones on the local chain only", async () => {
    const accounts = "remote" as const;
    expect(await accountKey("owner", { network: "localhost", chainId: 31337, accounts })).to.equal(localKey("owner"));
    expect(await codeOf(() => accountKey("owner", { ...source, accounts }))).to.equal("KEY_MISSING");
    expect(await codeOf(() => accountKey("owner", { ...source, accounts: [] }))).to.equal("KEY_MISSING");
    expect(() => deviceKey(0, source.chainId)).to.throw(JouleworkError, "no device key");
    expect(deviceKey(0, 31337).address).not.to.equal(deviceKey(1, 31337).address);
  });

  it("sign for a device from the environment, and a wrong one is not printed", () => {
    process.env.JOULEWORK_DEVICE_KEY = KEYS[0];
    expect(deviceKey(undefined, source.chainId).address).to.match(/^0x[0-9a-fA-F]{40}$/);
    process.env.JOULEWORK_DEVICE_KEY = "0xsecret";
    try {
      deviceKey(undefined, source.chainId);
      expect.fail("a wrong key was taken");
    } catch (error) {
      expect(error).to.be.instanceOf(JouleworkError);
      expect(String(error)).not.to.include("secret");
    }
  });
});

describe("the command line as a process", () => {
  async function hardhat(...words: string[]): Promise<{ code: number; out: string; err: string }> {
    try {
      const options = { cwd: ROOT, env: { ...process.env, JOULEWORK_RPC_URL: "http://127.0.0.1:9" } };
      const { stdout, stderr } = await promisify(execFile)("node_modules/.bin/hardhat", words, options);
      return { code: 0, out: stdout, err: stderr };
    } catch (error) {
      const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
      return { code, out: stdout, err: stderr };
    }
  }

  it("ends with exit code 1 and a line that helps, without a stack trace, where no network is named", async () => {
    const { code, err } = await hardhat("joulework:show-slot", "1", "1944960");
    expect(code).to.equal(1);
    expect(err).to.match(/Error NETWORK_NOT_HTTP: .*--network localhost/);
    expect(err).not.to.match(/^\s+at /m);
  });

  it("explains every argument of a verb", async () => {
    const { code, out } = await hardhat("joulework:meter", "--help");
    expect(code).to.equal(0);
    for (const word of ["site", "kind", "ratedPower", "--efficiency-ppm", "--device"]) expect(out).to.include(word);
  });
});
