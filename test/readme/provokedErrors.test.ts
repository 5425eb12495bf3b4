import { globSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect } from "chai";

const ROOT = resolve(import.meta.dirname, "../..");
const read = (file: string): string => readFileSync(resolve(ROOT, file), "utf8");

/** Custom errors by the file that declares them. */
function declaredErrors(): Map<string, string> {
  const errors = new Map<string, string>();
  for (const file of globSync("contracts/**/*.sol", { cwd: ROOT })) {
    if (file.includes("/mocks/") || file.endsWith(".t.sol")) continue;
    for (const [, name = ""] of read(file).matchAll(/^\s*error (\w+)\(/gm)) errors.set(name, file);
  }
  return errors;
}

/** Code without comments, of the tests that call contracts. */
function testsOnChain(): string[] {
  return globSync("{contracts,test}/**/*.{test.ts,t.sol}", { cwd: ROOT })
    .map(read)
    .filter((text) => text.includes("revertedWithCustomError(") || text.includes("selectorOf(") || /\bVm\b/.test(text))
    .map((text) => text.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/^\s*\/\/.*$/gm, ""));
}

/** A test names what it provokes: as an expected revert, as the reason of a skipped item, or by its selector. */
function provokes(text: string, error: string): boolean {
  return text.includes(`"${error}"`) || new RegExp(`\\b${error}\\.selector\\b`).test(text);
}

describe("the custom errors of the contracts", () => {
  it("are each provoked by a test", () => {
    const declared = declaredErrors();
    expect(declared.size).to.be.greaterThan(50);
    const tests = testsOnChain();
    const silent = [...declared].filter(([error]) => !tests.some((text) => provokes(text, error)));
    expect(silent.map(([error, file]) => `${error} (${file})`)).to.deep.equal([]);
  });
});
