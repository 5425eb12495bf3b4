import { expect } from "chai";
import hre from "hardhat";
import { clearBook, type AuctionOrder, type BookClearing, type ClearingRule } from "../../src/market/clearing.ts";
import { CLEARING_RULE_CODES } from "../../src/market/codes.ts";
import type { AuctionHarness } from "../../typechain-types/index.ts";
import { Choices, fuzzRuns } from "./random.ts";

const RUNS = fuzzRuns();
const BOOKS_A_CALL = 50;

interface Sides {
  readonly bids: AuctionOrder[];
  readonly offers: AuctionOrder[];
}

/** Books of several shapes: few prices and so many ties, a wide band, tiny and huge energies, one-sided ones. */
function randomBook(choices: Choices): Sides {
  const longest = choices.of([1, 2, 3, 5, 8, 30]);
  const prices = choices.of([1, 2, 4, 100, 0xffffff]);
  const energies = choices.of([1, 2, 7, 1_000, 0xffffff]);
  const lowest = prices === 0xffffff ? 0 : choices.whole(0, 300_000);
  const side = (): AuctionOrder[] =>
    Array.from({ length: choices.whole(0, longest) }, () => ({
      energyWh: choices.whole(1, energies),
      limitPrice: lowest + choices.whole(0, prices),
    }));
  return {
    bids: side().sort((a, b) => b.limitPrice - a.limitPrice),
    offers: side().sort((a, b) => a.limitPrice - b.limitPrice),
  };
}

const pack = ({ energyWh, limitPrice }: AuctionOrder) => (BigInt(limitPrice) << 24n) | BigInt(energyWh);

/** Most energy that can trade at one price, found by trying every price that an order names. */
function mostVolume({ bids, offers }: Sides): number {
  let most = 0;
  for (const { limitPrice } of [...bids, ...offers]) {
    const demand = bids.reduce((sum, bid) => sum + (bid.limitPrice >= limitPrice ? bid.energyWh : 0), 0);
    const supply = offers.reduce((sum, offer) => sum + (offer.limitPrice <= limitPrice ? offer.energyWh : 0), 0);
    most = Math.max(most, Math.min(demand, supply));
  }
  return most;
}

/** What holds of any clearing, whoever computed it. */
function faultsOf({ bids, offers }: Sides, clearing: BookClearing): string[] {
  const { price, volumeWh, bidFillsWh, offerFillsWh } = clearing;
  const faults: string[] = [];
  const sum = (fills: number[]) => fills.reduce((total, fill) => total + fill, 0);
  if (sum(bidFillsWh) !== volumeWh || sum(offerFillsWh) !== volumeWh) faults.push("energy bought is not energy sold");
  bids.forEach((bid, i) => {
    const fill = bidFillsWh[i] ?? -1;
    if (fill < 0 || fill > bid.energyWh) faults.push(`bid ${String(i)} trades ${String(fill)}`);
    if (fill > 0 && bid.limitPrice < price) faults.push(`bid ${String(i)} pays more than its limit`);
  });
  offers.forEach((offer, i) => {
    const fill = offerFillsWh[i] ?? -1;
    if (fill < 0 || fill > offer.energyWh) faults.push(`offer ${String(i)} trades ${String(fill)}`);
    if (fill > 0 && offer.limitPrice > price) faults.push(`offer ${String(i)} gets less than its limit`);
  });
  return faults;
}

describe("the auction on chain and its TypeScript twin", () => {
  let harness: AuctionHarness;
  before(async () => {
    const { ethers } = await hre.network.create();
    harness = await ethers.deployContract("AuctionHarness");
  });

  async function onChain(rule: ClearingRule, books: readonly Sides[]): Promise<BookClearing[]> {
    const packed = books.map(({ bids, offers }) => ({ bids: bids.map(pack), offers: offers.map(pack) }));
    const clearings = await harness.clear(CLEARING_RULE_CODES[rule], packed);
    return clearings.map((clearing) => ({
      price: Number(clearing.price),
      volumeWh: Number(clearing.volumeWh),
      bidFillsWh: clearing.bidFillsWh.map(Number),
      offerFillsWh: clearing.offerFillsWh.map(Number),
    }));
  }

  for (const rule of ["midpoint", "sbba"] as const) {
    it(`clear ${RUNS.toLocaleString("en")} random books alike by ${rule}, and break no rule of a market`, async function () {
      this.timeout(0);
      const choices = new Choices(`books by ${rule}`);
      let traded = 0;
      let rationed = 0;
      for (let done = 0; done < RUNS; done += BOOKS_A_CALL) {
        const books = Array.from({ length: Math.min(BOOKS_A_CALL, RUNS - done) }, () => randomBook(choices));
        const clearings = await onChain(rule, books);
        books.forEach((book, i) => {
          const clearing = clearings[i];
          const described = JSON.stringify({ rule, ...book });
          expect(clearing, described).to.deep.equal(clearBook(rule, book.bids, book.offers));
          if (clearing === undefined) return;
          expect(faultsOf(book, clearing), described).to.deep.equal([]);
          if (rule === "midpoint") expect(clearing.volumeWh, described).to.equal(mostVolume(book));
          else expect(clearing.volumeWh, described).to.be.at.most(mostVolume(book));
          if (clearing.volumeWh > 0) ++traded;
          if (clearing.offerFillsWh.some((fill, at) => fill > 0 && fill < (book.offers[at]?.energyWh ?? 0))) ++rationed;
        });
      }
      // Fuzzing proves nothing if most books are empty or nothing is ever rationed.
      expect(traded).to.be.greaterThan(RUNS / 5);
      expect(rationed).to.be.greaterThan(RUNS / 20);
    });
  }

  it("agree on worked examples of both rules", async () => {
    const book: Sides = {
      bids: [
        { energyWh: 100, limitPrice: 280 },
        { energyWh: 100, limitPrice: 260 },
        { energyWh: 100, limitPrice: 200 },
      ],
      offers: [
        { energyWh: 150, limitPrice: 120 },
        { energyWh: 100, limitPrice: 210 },
        { energyWh: 100, limitPrice: 240 },
      ],
    };
    // 200 Wh cross; the marginal pair is (260, 210).
    expect(await onChain("midpoint", [book])).to.deep.equal([
      { price: 235, volumeWh: 200, bidFillsWh: [100, 100, 0], offerFillsWh: [150, 50, 0] },
    ]);
    // The next offer asks 240, not above 260: it sets the price, and the two sellers share 200 of their 250 Wh.
    expect(await onChain("sbba", [book])).to.deep.equal([
      { price: 240, volumeWh: 200, bidFillsWh: [100, 100, 0], offerFillsWh: [120, 80, 0] },
    ]);
    // Without that offer the marginal buyer sets the price and stands aside.
    expect(await onChain("sbba", [{ ...book, offers: book.offers.slice(0, 2) }])).to.deep.equal([
      { price: 260, volumeWh: 100, bidFillsWh: [100, 0, 0], offerFillsWh: [60, 40] },
    ]);
  });

  it("agree where rationing meets the largest energies a book can hold", async () => {
    const bids = Array.from({ length: 500 }, () => ({ energyWh: 0xffffff, limitPrice: 0xffffff }));
    const offers = [...Array.from({ length: 499 }, () => ({ energyWh: 0xfffffe, limitPrice: 0 }))];
    for (const rule of ["midpoint", "sbba"] as const) {
      const [clearing] = await onChain(rule, [{ bids, offers }]);
      expect(clearing).to.deep.equal(clearBook(rule, bids, offers));
      expect(faultsOf({ bids, offers }, clearing ?? clearBook(rule, [], []))).to.deep.equal([]);
    }
  });
});
