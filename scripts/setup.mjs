// Installs the dependencies where that is needed, and says nothing where it is not. The npm scripts call it before they
// run, so that a fresh clone needs one command. Plain JavaScript without imports of packages: it runs on the machine's
// own Node, before anything is installed.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const lockFile = join(root, "package-lock.json");
// npm writes this copy of the lock file last, so an interrupted installation leaves none.
const installedFile = join(root, "node_modules", ".package-lock.json");
// Which lock file the installation beside it was made from; npm deletes it with everything else in node_modules.
const recordFile = join(root, "node_modules", ".setup.json");
const localNode = join(root, "node_modules", "node", "bin", process.platform === "win32" ? "node.exe" : "node");

const NODE_NEEDED = [22, 13];
const NETWORK_FAILURE =
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ECONNABORTED|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|EIDLETIMEOUT|ERR_SOCKET_TIMEOUT|CERT_|SELF_SIGNED)/;

const NATIVE_PACKAGE = /^node_modules\/@nomicfoundation\/edr-/;

function isInstalled() {
  if (!isComplete()) return false;
  const now = hashes();
  const then = readJson(recordFile);
  // Contents decide where they are known: a checkout or a copy changes the lock file's time and nothing else.
  if (then !== undefined && then.installed === now.installed) return then.lock === now.lock;
  if (statSync(installedFile).mtimeMs < statSync(lockFile).mtimeMs) return false;
  record(now);
  return true;
}

function isComplete() {
  return existsSync(installedFile) && existsSync(localNode) && hasNativePart();
}

/** Whether npm installed Hardhat's binary for this platform; the lock file knows all platforms, npm's copy of it ours. */
function hasNativePart() {
  const locked = Object.entries(readJson(lockFile)?.packages ?? {});
  const wanted = locked.filter(
    ([path, { os, cpu }]) =>
      NATIVE_PACKAGE.test(path) && os?.includes(process.platform) === true && cpu?.includes(process.arch) === true,
  );
  const installed = readJson(installedFile)?.packages ?? {};
  // One for each C library, of which npm takes the machine's.
  return wanted.length === 0 || wanted.some(([path]) => Object.hasOwn(installed, path));
}

function hashes() {
  const hashOf = (file) => createHash("sha256").update(readFileSync(file)).digest("hex");
  return { lock: hashOf(lockFile), installed: hashOf(installedFile) };
}

function record(state) {
  try {
    writeFileSync(recordFile, `${JSON.stringify(state)}\n`);
  } catch {
    // Somebody else's or a read-only installation: times decide again the next time.
  }
}

/** A JSON file's value, or undefined where it is missing or damaged. */
function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

/** Hardhat's native part is an optional dependency that npm leaves out, without a word, under an older Node. */
function isNodeRecentEnough() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  return major > NODE_NEEDED[0] || (major === NODE_NEEDED[0] && minor >= NODE_NEEDED[1]);
}

function runNpm(args) {
  const npm = process.env.npm_execpath;
  const options = { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] };
  // Inside an npm script npm says where it is, which also works where `npm` is not on the path.
  if (npm !== undefined && basename(npm) === "npm-cli.js") return spawnSync(process.execPath, [npm, ...args], options);
  return spawnSync("npm", args, { ...options, shell: process.platform === "win32" });
}

function install() {
  const install = ["ci", "--no-audit", "--no-fund", "--loglevel=error"];
  const args = isNodeRecentEnough() ? install : ["exec", "--yes", "--package=node@22", "--", "npm", ...install];
  process.stderr.write("Installing the dependencies (once, about a minute) ...\n");

  const result = runNpm(args);
  if (result.status === 0 && isComplete()) return record(hashes());

  const output = `${result.error?.message ?? ""}${result.stdout ?? ""}${result.stderr ?? ""}`;
  process.stderr.write(`${output.trim()}\n\n`);
  if (NETWORK_FAILURE.test(output)) {
    process.stderr.write(
      "The dependencies could not be installed: the package registry did not answer.\n" +
        "Check the network, and the proxy and registry settings of `npm config list`, then run the command again.\n",
    );
  } else if (result.status === 0 && existsSync(installedFile) && !hasNativePart()) {
    process.stderr.write(
      `npm left out Hardhat's binary for ${process.platform} on ${process.arch} (@nomicfoundation/edr-*).\n` +
        "It is an optional dependency: look for `omit` and `optional` in `npm config list`, then run the command again.\n",
    );
  } else {
    process.stderr.write(
      `The dependencies could not be installed: npm ended with ${result.status ?? result.signal ?? "an error"}.\n` +
        "Its output is above. Delete node_modules and run the command again, or run `npm ci` under Node 22 yourself.\n",
    );
  }
  process.exitCode = 1;
}

if (!isInstalled()) install();
