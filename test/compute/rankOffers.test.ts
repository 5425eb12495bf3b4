import { expect } from "chai";
import { compareRequests, rankOffers, type OpenOffer, type WaitingRequest } from "../../src/compute/index.ts";

function offer(number: number, changes: Partial<OpenOffer> = {}): OpenOffer {
  const plain = { accelerators: 8, leasedAccelerators: 0, price: 100n, tier: 0, backed: true, waiting: [] };
  return { offer: number, ...plain, ...changes };
}

function request(lease: number, accelerators: number, price: bigint, rank = 0n): WaitingRequest {
  return { lease, accelerators, price, rank };
}

const numbers = (ranked: readonly OpenOffer[]): number[] => ranked.map(({ offer: number }) => number);

describe("the rank of offers of compute", () => {
  it("is by price, then a high tier first, then the older", () => {
    const offers = [offer(1), offer(2, { price: 90n }), offer(3, { tier: 2 }), offer(4, { tier: 2 })];
    expect(numbers(rankOffers(offers, 1))).to.deep.equal([2, 3, 4, 1]);
  });

  it("leaves out offers of too few accelerators, and puts those that cannot start last, however cheap", () => {
    const offers = [
      offer(1, { price: 10n, leasedAccelerators: 6 }),
      offer(2, { price: 10n, backed: false }),
      offer(3),
      offer(4, { accelerators: 2 }),
    ];
    const ranked = rankOffers(offers, 4);
    expect(numbers(ranked)).to.deep.equal([3, 1, 2]);
    expect(ranked.map(({ starts }) => starts)).to.deep.equal([true, false, false]);
  });

  // 8 accelerators at 100 or more; one request for 5 at 120 and one for 2 at 110 wait.
  const waiting = [request(1, 2, 110n), request(2, 5, 120n)];
  for (const [wanted, price] of [
    [1, 100n], // 5 and 2 go first, and 1 is left.
    [3, 111n], // Before the 2, behind the 5.
    [4, 121n], // Before both.
    [8, 121n],
  ] as const) {
    it(`counts what ${String(wanted)} accelerators cost where others wait: ${String(price)}`, () => {
      const [first] = rankOffers([offer(1, { waiting })], wanted);
      expect(first).to.include({ effectivePrice: price, starts: true });
    });
  }

  it("passes over a request that no longer fits, as the market does", () => {
    // 3 are free: the request for 5 waits on whatever is asked, and 1 is left by the request for 2.
    const [first] = rankOffers([offer(1, { leasedAccelerators: 5, waiting })], 1);
    expect(first).to.include({ effectivePrice: 100n, starts: true });
  });

  it("is first in the queue where nothing is free", () => {
    const [first] = rankOffers([offer(1, { leasedAccelerators: 8, waiting })], 2);
    expect(first).to.include({ effectivePrice: 121n, starts: false });
  });

  it("has to be ahead of the last in a full list, even of those that do not fit", () => {
    const many = (count: number) => Array.from({ length: count }, (_, place) => request(place + 1, 2, 100n));
    const offers = (count: number) => [offer(1, { leasedAccelerators: 7, waiting: many(count) })];
    expect(rankOffers(offers(15), 1)[0]).to.include({ effectivePrice: 100n, starts: true });
    expect(rankOffers(offers(16), 1)[0]).to.include({ effectivePrice: 101n, starts: true });
  });

  it("moves a cheap offer that others crowd behind one that is dearer and free", () => {
    expect(numbers(rankOffers([offer(1, { waiting }), offer(2, { price: 115n })], 4))).to.deep.equal([2, 1]);
  });
});

describe("the order of requests", () => {
  it("is by price, then by rank, then by age", () => {
    const requests = [request(1, 1, 5n), request(2, 1, 5n, 7n), request(3, 1, 6n), request(4, 1, 5n, 7n)];
    expect(requests.sort(compareRequests).map(({ lease }) => lease)).to.deep.equal([3, 2, 4, 1]);
  });
});
