import { expect } from "chai";
import { formPlayers } from "../../src/training/federated/formPlayers.ts";
import { dot, isNearCopy, nearCopyThreshold } from "../../src/training/federated/isNearCopy.ts";
import { leaveOneOut } from "../../src/training/federated/leaveOneOut.ts";
import { permutation, shapley } from "../../src/training/federated/shapley.ts";
import { shortenPlayers } from "../../src/training/federated/shortenPlayers.ts";
import { answering } from "./support/answering.ts";

const SEED = `0x${"07".repeat(32)}`;

/** The glove game: a left and a right glove together are worth 60; player 0 has the left one, 1 and 2 a right one. */
const gloves = (present: ReadonlySet<number>) => (present.has(0) && (present.has(1) || present.has(2)) ? 40n : 100n);

describe("measures of contribution", () => {
  it("leave-one-out pays who is needed, and nobody who can be replaced", () => {
    expect(answering(leaveOneOut([0, 1, 2]), gloves)).to.deep.equal([60n, 0n, 0n]);
  });

  it("Shapley values of the glove game come near two thirds and a sixth each", () => {
    const permutations = 3_000;
    const values = answering(shapley([0, 1, 2], { permutations, seed: SEED, toleranceMicroNats: 0n }), gloves);
    const [left = 0, ...right] = values.map(Number);
    // Three standard deviations of the mean of 3,000 draws are 1.6 and 1.2.
    expect(left).to.be.within(38, 42);
    for (const value of right) expect(value).to.be.within(8, 12);
  });

  it("Shapley values of an additive game are each player's own, whatever is drawn, rounded down", () => {
    const worth = [10n, -7n, 3n];
    const loss = (present: ReadonlySet<number>) =>
      [...present].reduce((sum, player) => sum - (worth[player] ?? 0n), 1_000n);
    const exact = { permutations: 5, seed: SEED, toleranceMicroNats: 0n };
    // Truncation at zero cuts an order where what is left adds up to nothing, which no part of this game does.
    expect(answering(shapley([0, 1, 2], exact), loss)).to.deep.equal(worth);
  });

  it("Shapley values ask for less where little is left to gain, and never twice for the same players", () => {
    const asked: string[] = [];
    const loss = (present: ReadonlySet<number>) => {
      asked.push([...present].sort((a, b) => a - b).join(" "));
      return 1_000n - BigInt(present.size);
    };
    const players = [0, 1, 2, 3, 4];
    const cut = answering(shapley(players, { permutations: 50, seed: SEED, toleranceMicroNats: 5n }), loss);
    expect(cut).to.deep.equal([0n, 0n, 0n, 0n, 0n]);
    expect(asked).to.deep.equal(["", "0 1 2 3 4"]);
    asked.length = 0;
    answering(shapley(players, { permutations: 50, seed: SEED, toleranceMicroNats: 0n }), loss);
    expect(new Set(asked).size).to.equal(asked.length);
    expect(asked.length).to.be.at.most(32);
  });

  it("draws orders from the seed alone, and each about as often as any other", () => {
    const counts = new Map<string, number>();
    for (let round = 0; round < 6_000; ++round) {
      const key = permutation(3, SEED, round).join("");
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).to.deep.equal(["012", "021", "102", "120", "201", "210"]);
    // Mean 1,000, standard deviation 29.
    for (const count of counts.values()) expect(count).to.be.within(880, 1_120);
    expect(permutation(8, SEED, 4)).to.deep.equal(permutation(8, SEED, 4));
    expect(permutation(8, `0x${"08".repeat(32)}`, 4)).to.not.deep.equal(permutation(8, SEED, 4));
  });
});

describe("near-copies", () => {
  const of = (...values: number[]) => Float32Array.from(values);

  const near = (a: Float32Array, b: Float32Array, ppm: number) =>
    isNearCopy(dot(a, b), dot(a, a), dot(b, b), nearCopyThreshold(ppm));

  it("are found by their angle, on either side of the threshold, and never by the opposite direction", () => {
    // The cosine of (1, 0) and (3, 4) is 0.6; of (1, 0) and (4, 3) 0.8.
    expect(near(of(1, 0), of(3, 4), 599_999)).to.equal(true);
    expect(near(of(1, 0), of(3, 4), 600_001)).to.equal(false);
    expect(near(of(1, 0), of(400, 300), 799_999)).to.equal(true);
    expect(near(of(1, 0), of(-1, 0), 1)).to.equal(false);
    // Of one direction, whatever the lengths; but below 2^-75 a square is zero.
    expect(near(of(3, 4), of(6, 8), 1_000_000)).to.equal(true);
    expect(near(of(2 ** 26, 0), of(2 ** -63, 0), 1_000_000)).to.equal(true);
    expect(near(of(2 ** 26, 0), of(2 ** -76, 0), 1)).to.equal(false);
  });

  it("become one player, also when they are connected through another only", () => {
    const at = (degrees: number) => of(Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180));
    // In the order of their hashes, which is not that of their seats.
    const vectors = [20, 10, 90, 0].map(at);
    const candidates = vectors.map((_, place) => ({ seat: 3 - place, hash: `0x0${place + 6}` }));
    const product = (a: number, b: number) => dot(vectors[a] ?? of(), vectors[b] ?? of());
    // The cosine of 10 degrees is 0.985, of 20 degrees 0.940.
    const players = formPlayers(candidates, product, nearCopyThreshold(980_000));
    expect(players).to.deep.equal([
      { seats: [0, 2, 3], hash: "0x06", members: ["0x06", "0x07", "0x09"], factor: 1 },
      { seats: [1], hash: "0x08", members: ["0x08"], factor: 1 },
    ]);
  });
});

describe("shortening", () => {
  it("leaves directions, and none longer than the middle one", () => {
    const factors = (...squares: number[]) =>
      shortenPlayers(
        squares.map((square, seat) => {
          const hash = `0x0${seat}`;
          return { seats: [seat], hash, members: [hash], factor: 1, square };
        }),
      ).map(({ factor }) => factor);
    // Lengths 1, 50 and 2; 1 and 2; 0.5, 10 and 5.
    expect(factors(1, 2_500, 4)).to.deep.equal([1, Math.fround(0.04), 1]);
    expect(factors(1, 4)).to.deep.equal([1, 1]);
    expect(factors(0.25, 100, 25)).to.deep.equal([1, 0.5, 1]);
  });
});
