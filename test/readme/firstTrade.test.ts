import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { expect } from "chai";
import type { Signer } from "ethers";
import hre from "hardhat";
import { laneOf } from "../../src/market/meterWord.ts";
import type { SigningKey } from "../../src/market/signer.ts";
import { deployTestMarket, FIRST_SLOT } from "../support/testMarket.ts";

type FirstTrade = (
  address: string,
  matcher: Signer,
  slot: number,
  solar: SigningKey,
  home: SigningKey,
) => Promise<{ price: number; volumeWh: number }>;

const ROOT = resolve(import.meta.dirname, "../..");
const SLOT = FIRST_SLOT + 1;

/** The block of TypeScript under "A first trade", as a reader would copy it. */
async function readmeBlock(): Promise<string> {
  const readme = await readFile(resolve(ROOT, "README.md"), "utf8");
  const blocks = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = ""]) => code);
  expect(blocks, "README.md has one block of TypeScript").to.have.length(1);
  return blocks[0] ?? "";
}

/** The block as a module in this package, so that `joulework` is found as it is after an installation. */
async function firstTradeOf(code: string): Promise<FirstTrade> {
  const folder = resolve(ROOT, "cache/readme", String(process.pid));
  const file = resolve(folder, "firstTrade.ts");
  await mkdir(folder, { recursive: true });
  try {
    await writeFile(file, code);
    return ((await import(pathToFileURL(file).href)) as { firstTrade: FirstTrade }).firstTrade;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

describe("the first trade of the README", () => {
  it("clears on chain at the price that the library foretells", async () => {
    const connection = await hre.network.create();
    const market = await deployTestMarket(connection);
    const solar = await market.addMeter({ kind: "producer", source: "solar" });
    const home = await market.addMeter({ kind: "consumer" });
    const firstTrade = await firstTradeOf(await readmeBlock());

    await market.at(SLOT, -590);
    const address = await market.exchange.getAddress();
    const foretold = await firstTrade(address, market.matcher, SLOT, solar.key, home.key);

    expect(foretold.price).to.equal(200_000);
    expect(foretold.volumeWh).to.equal(800);
    const record = await market.exchange.slotRecord(1, SLOT);
    expect(record.clearingPrice).to.equal(200_000n);
    expect(record.matchedWh).to.equal(800n);
    expect(laneOf(await market.word(solar), SLOT)).to.deep.equal({ side: "offer", energyWh: 800 });
    expect(laneOf(await market.word(home), SLOT)).to.deep.equal({ side: "bid", energyWh: 800 });
  });
});
