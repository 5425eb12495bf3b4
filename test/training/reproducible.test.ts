import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { expect } from "chai";
import ts from "typescript";
import { goldenHash } from "./goldenRun.ts";

/** Of the weights after 50 steps: every machine, thread count and version of Node.js gives it. */
const GOLDEN = "0xf336c975a9fabb56bc63e4622cfe4777ae1bf67f9f622a6ca46c74344327e6e2";
const ROOT = resolve(import.meta.dirname, "../..");
const OLDEST_NODE = 20;

function printedBy(node: string, module: string): string {
  const script = `import { goldenHash } from ${JSON.stringify(module)}; console.log(await goldenHash(1));`;
  const { status, stdout, stderr } = spawnSync(node, ["--input-type=module", "-e", script], { encoding: "utf8" });
  expect(status, stderr).to.equal(0);
  return stdout.trim();
}

/** The first Node.js on the path that is not a dependency of the project, with its version. */
function systemNode(): { path: string; version: string } | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => !folder.includes("node_modules"));
  const path = folders.map((folder) => join(folder, "node")).find((file) => existsSync(file));
  if (path === undefined) return undefined;
  return { path, version: spawnSync(path, ["--version"], { encoding: "utf8" }).stdout.trim() };
}

/** The trainer as plain JavaScript, for a Node.js that strips no types. */
function transpileInto(folder: string): string {
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    rewriteRelativeImportExtensions: true,
  };
  for (const file of ["src/errors.ts", "test/training/goldenRun.ts", ...globSync("src/training/*.ts", { cwd: ROOT })]) {
    const output = join(folder, file.replace(/\.ts$/, ".js"));
    mkdirSync(dirname(output), { recursive: true });
    const source = readFileSync(join(ROOT, file), "utf8");
    writeFileSync(output, ts.transpileModule(source, { compilerOptions: options }).outputText);
  }
  mkdirSync(join(folder, "src/training/kernels"));
  const kernels = "src/training/kernels/kernels.wasm";
  copyFileSync(join(ROOT, kernels), join(folder, kernels));
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"), "junction");
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  return join(folder, "test/training/goldenRun.js");
}

describe("training: the same weights to the last bit", function () {
  for (const threads of [1, 2, 3]) {
    it(`with ${String(threads)} thread(s)`, async () => {
      expect(await goldenHash(threads)).to.equal(GOLDEN);
    });
  }

  it("in another process", () => {
    expect(printedBy(process.execPath, join(import.meta.dirname, "goldenRun.ts"))).to.equal(GOLDEN);
  });

  it("under the machine's own version of Node.js", () => {
    const node = systemNode();
    const major = Number(/^v(\d+)/.exec(node?.version ?? "")?.[1]);
    if (node === undefined || node.version === process.version || !(major >= OLDEST_NODE)) {
      console.log(`      not run: the machine's Node.js is ${node?.version ?? "absent"}, this is ${process.version}`);
      return;
    }
    const folder = mkdtempSync(join(tmpdir(), "joulework-trainer-"));
    try {
      expect(printedBy(node.path, transpileInto(folder)), node.version).to.equal(GOLDEN);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
