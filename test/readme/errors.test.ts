import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { expect } from "chai";
import { SYSTEM_ERRORS } from "../../src/chain/exchangeAbi.ts";

const PAGE = resolve(import.meta.dirname, "../../docs/errors.md");

interface Row {
  readonly number: number;
  readonly errors: string[];
}

async function rows(): Promise<Row[]> {
  const page = await readFile(PAGE, "utf8");
  return [...page.matchAll(/^\| (\d{3}) +\| ([^|]*) \|/gm)].map(([, number = "", errors = ""]) => ({
    number: Number(number),
    errors: [...errors.matchAll(/`([A-Z]\w*)`/g)].map(([, name = ""]) => name),
  }));
}

describe("the page of errors", () => {
  it("lists exactly the errors that the contracts' ABI has", async () => {
    const listed = new Set((await rows()).flatMap(({ errors }) => errors));
    const known = new Set(SYSTEM_ERRORS.map(({ name }) => String(name)));
    expect([...listed].sort()).to.deep.equal([...known].sort());
  });

  it("gives every row a number of its own, in rising order", async () => {
    const numbers = (await rows()).map(({ number }) => number);
    expect(numbers).to.not.be.empty;
    expect(numbers).to.deep.equal([...new Set(numbers)].sort((a, b) => a - b));
  });
});
