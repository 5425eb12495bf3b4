import { readFile, writeFile } from "node:fs/promises";
import { expect } from "chai";
import hre from "hardhat";
import { oneSlot } from "./examples/oneSlot.ts";
import { renderExamples } from "./examples/renderExamples.ts";
import { onPaper, type Chapter } from "./examples/row.ts";
import { threeSlots } from "./examples/threeSlots.ts";

const PAGE = new URL("../../docs/examples.md", import.meta.url);

describe("worked examples", () => {
  const chapters: Chapter[] = [];

  function expectAsOnPaper(told: readonly Chapter[]) {
    for (const { title, rows } of told) {
      expect(rows.length, title).to.be.greaterThan(0);
      for (const { who, what, paper, chain } of rows) {
        expect(chain, `${title}: ${who}: ${what}`).to.equal(onPaper(paper));
      }
    }
    chapters.push(...told);
  }

  it("one slot: a seller short of its sale, a buyer beyond its purchase, a debtor and a gap", async () => {
    expectAsOnPaper(await oneSlot(await hre.network.create()));
  });

  it("three slots: a late reading, one that never comes, a flag, a withdrawal and the mint cap", async () => {
    expectAsOnPaper(await threeSlots(await hre.network.create()));
  });

  it("stand in the documentation as they were measured", async () => {
    const page = await renderExamples(chapters);
    if (process.env.JOULEWORK_WRITE_EXAMPLES === "1") await writeFile(PAGE, page);
    expect(await readFile(PAGE, "utf8")).to.equal(page);
  });

  it("are worked out by an arithmetic of their own", () => {
    expect(onPaper("800 x 200,000 - 100 x 330,000")).to.equal(127_000_000n);
    expect(onPaper("-5 x 2 - 3")).to.equal(-13n);
    expect(() => onPaper("1 + (2)")).to.throw("not a sum of products");
  });
});
