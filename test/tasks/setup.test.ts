import { expect } from "chai";
import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const SETUP = fileURLToPath(new URL("../../scripts/setup.mjs", import.meta.url));
const NODE = join("node_modules", "node", "bin", process.platform === "win32" ? "node.exe" : "node");
const INSTALLED = join("node_modules", ".package-lock.json");
const native = (platform: string) => `node_modules/@nomicfoundation/edr-${platform}-${process.arch}`;

/** A lock file with Hardhat's binary for this platform and for another one. */
function lockFile(version: string): string {
  const packages = Object.fromEntries(
    [process.platform, "another"].map((os) => [native(os), { version, os: [os], cpu: [process.arch] }]),
  );
  return JSON.stringify({ packages });
}

/** Stands in for npm: installs as `npm ci` does, with what `leavesOut` names missing, and writes down each call. */
const NPM = `
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
appendFileSync("calls", process.argv.slice(2).join(" ") + "\\n");
if (process.env.FAKE_NPM === "offline") { console.error("npm error code ENOTFOUND"); process.exit(1); }
rmSync("node_modules", { recursive: true, force: true });
mkdirSync("node_modules/node/bin", { recursive: true });
writeFileSync(${JSON.stringify(NODE)}, "");
const { packages } = JSON.parse(readFileSync("package-lock.json", "utf8"));
delete packages[${JSON.stringify(native("another"))}];
if (process.env.FAKE_NPM === "old") delete packages[${JSON.stringify(native(process.platform))}];
writeFileSync(${JSON.stringify(INSTALLED)}, JSON.stringify({ packages }));
`;

describe("setup", () => {
  let root: string;
  const at = (...path: string[]) => join(root, ...path);

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "joulework-setup-"));
    await mkdir(at("scripts"));
    await copyFile(SETUP, at("scripts", "setup.mjs"));
    await writeFile(at("package.json"), JSON.stringify({ type: "module" }));
    await writeFile(at("package-lock.json"), lockFile("1.0.0"));
    await writeFile(at("npm-cli.js"), NPM);
  });

  afterEach(() => rm(root, { recursive: true, force: true }));

  async function setUp(npm = "present"): Promise<{ code: number; err: string }> {
    const env = { ...process.env, npm_execpath: at("npm-cli.js"), FAKE_NPM: npm };
    try {
      const { stderr } = await promisify(execFile)(process.execPath, [at("scripts", "setup.mjs")], { env });
      return { code: 0, err: stderr };
    } catch (error) {
      const { code, stderr } = error as { code: number; stderr: string };
      return { code, err: stderr };
    }
  }

  async function installations(): Promise<number> {
    const calls = await readFile(at("calls"), "utf8").catch(() => "");
    return calls.split("\n").filter((call) => /\bci\b/.test(call)).length;
  }

  /** Gives a file a time a minute before or after now. */
  async function date(path: string, minutes: number): Promise<void> {
    const time = Date.now() / 1000 + 60 * minutes;
    await utimes(at(path), time, time);
  }

  it("installs into a fresh clone, and then has nothing to do or say", async () => {
    expect((await setUp()).err).to.match(/^Installing the dependencies/);
    expect(await setUp()).to.deep.equal({ code: 0, err: "" });
    expect(await installations()).to.equal(1);
  });

  it("does not install again when the lock file's time changed and its bytes did not", async () => {
    await setUp();
    await date("package-lock.json", 10);
    expect(await setUp()).to.deep.equal({ code: 0, err: "" });
    expect(await installations()).to.equal(1);
  });

  it("installs again when the lock file's bytes changed, also where its time is old", async () => {
    await setUp();
    await writeFile(at("package-lock.json"), lockFile("2.0.0"));
    await date("package-lock.json", -10);
    await setUp();
    expect(await installations()).to.equal(2);
    expect(await readFile(at(INSTALLED), "utf8")).to.include("2.0.0");
  });

  it("leaves an installation alone that npm made by itself after the lock file", async () => {
    await setUp();
    await rm(at("node_modules", ".setup.json"));
    await date("package-lock.json", -10);
    expect(await setUp()).to.deep.equal({ code: 0, err: "" });
    // From then on it is known by its contents.
    await date("package-lock.json", 10);
    await setUp();
    expect(await installations()).to.equal(1);
  });

  it("installs where no record says what an older installation was made from", async () => {
    await setUp();
    await rm(at("node_modules", ".setup.json"));
    await date("package-lock.json", 10);
    await setUp();
    expect(await installations()).to.equal(2);
  });

  it("notices that an older Node's npm left out the binary for this platform", async () => {
    await setUp();
    await promisify(execFile)(process.execPath, [at("npm-cli.js"), "by", "hand"], {
      cwd: root,
      env: { ...process.env, FAKE_NPM: "old" },
    });
    expect((await setUp()).err).to.match(/^Installing the dependencies/);
    expect(await installations()).to.equal(1 + 1);
    expect(await readFile(at(INSTALLED), "utf8")).to.include(native(process.platform));
  });

  it("says so where even a new installation lacks that binary", async () => {
    const { code, err } = await setUp("old");
    expect(code).to.equal(1);
    expect(err).to.include(`npm left out Hardhat's binary for ${process.platform} on ${process.arch}`);
  });

  it("blames the network where npm could not reach the registry", async () => {
    const { code, err } = await setUp("offline");
    expect(code).to.equal(1);
    expect(err).to.include("the package registry did not answer");
  });

  it("installs anew over an interrupted installation", async () => {
    await setUp();
    await writeFile(at(INSTALLED), "{ half");
    await setUp();
    expect(await installations()).to.equal(2);
  });
});
