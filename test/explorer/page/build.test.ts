import { expect } from "chai";
import { globSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { buildPage } from "../../../explorer/page/build.ts";

const MAX_SCRIPT_BYTES = 80_000;

describe("the built page", () => {
  let folder: string;
  before(async () => {
    folder = await buildPage();
  });

  function files(pattern: string): string[] {
    return globSync(pattern, { cwd: folder }).map((file) => join(folder, file));
  }

  it("has at most 80 KB of script when compressed", () => {
    const scripts = files("**/*.js");
    const bytes = scripts.reduce((sum, file) => sum + gzipSync(readFileSync(file)).length, 0);
    expect(scripts).not.to.be.empty;
    expect(bytes).to.be.at.most(MAX_SCRIPT_BYTES);
  });

  it("needs no exception in a content security policy", () => {
    const document = readFileSync(join(folder, "index.html"), "utf8");
    expect(document).to.match(/<script type="module"[^>]* src="\/assets\/[^"]+"><\/script>/);
    expect(document).not.to.match(/<script(?![^>]* src=)|<style|\sstyle=|\son[a-z]+=|https?:|data:/);
    for (const file of files("**/*.css")) {
      expect(readFileSync(file, "utf8"), file).not.to.match(/url\(|@import/);
    }
  });

  it("is built once while its sources stay the same", async () => {
    const [script = ""] = files("**/*.js");
    const before = statSync(script).mtimeMs;
    expect(await buildPage()).to.equal(folder);
    expect(statSync(script).mtimeMs).to.equal(before);
  });
});
