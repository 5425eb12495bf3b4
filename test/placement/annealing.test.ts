import { expect } from "chai";
import { randomStream } from "../../src/meters/profiles/randomStream.ts";
import {
  isingEnergy,
  quantumAnnealing,
  quboEnergy,
  simulatedAnnealing,
  toIsing,
  toQubo,
  type Qubo,
} from "../../src/placement/index.ts";
import { pathIntegral } from "../../src/placement/pathIntegral.ts";
import { assignments } from "./bruteForce.ts";
import { near } from "../meters/profiles/near.ts";

function randomQubo(variables: number, seed: number): Qubo {
  const random = randomStream(seed, "qubo");
  const value = (): number => Math.round(random.between(-100, 100));
  const quadratic = [];
  for (let i = 0; i < variables; i++) {
    for (let j = i + 1; j < variables; j++) if (random.uniform() < 0.6) quadratic.push({ i, j, value: value() });
  }
  return {
    labels: Array.from({ length: variables }, (_, place) => `x${place}`),
    linear: Float64Array.from({ length: variables }, value),
    quadratic,
    offset: value(),
  };
}

describe("annealing", () => {
  it("has the same energies over bits and over spins, there and back", () => {
    for (let seed = 1; seed <= 5; seed++) {
      const qubo = randomQubo(7, seed);
      const ising = toIsing(qubo);
      const back = toQubo(ising);
      for (const bits of assignments(7)) {
        const spins = Int8Array.from(bits, (bit) => (bit === 1 ? 1 : -1));
        const energy = quboEnergy(qubo, bits);
        expect(isingEnergy(ising, spins)).to.satisfy(near(energy, 1e-9));
        expect(quboEnergy(back, bits)).to.satisfy(near(energy, 1e-9));
      }
    }
  });

  it("knows a function of two bits by hand", () => {
    // 3 + x0 - 2 x1 + 4 x0 x1 = 3.5 + 1.5 s0 + 0 s1 + s0 s1
    const qubo: Qubo = {
      labels: ["a", "b"],
      linear: Float64Array.of(1, -2),
      quadratic: [{ i: 0, j: 1, value: 4 }],
      offset: 3,
    };
    expect(quboEnergy(qubo, [1, 1])).to.equal(6);
    expect(quboEnergy(qubo, [0, 1])).to.equal(1);
    const { fields, couplings, offset } = toIsing(qubo);
    expect([[...fields], couplings, offset]).to.deep.equal([[1.5, 0], [{ i: 0, j: 1, value: 1 }], 3.5]);
  });

  for (const [name, solve] of [
    ["simulated annealing", simulatedAnnealing],
    ["simulated quantum annealing", quantumAnnealing],
  ] as const) {
    it(`${name} finds the minimum of functions of 12 bits, and the same for the same seed`, () => {
      for (let seed = 1; seed <= 6; seed++) {
        const qubo = randomQubo(12, seed);
        const least = Math.min(...[...assignments(12)].map((bits) => quboEnergy(qubo, bits)));
        const found = solve(qubo, { seed, runs: 8, sweeps: 200 });
        expect(quboEnergy(qubo, found), `seed ${seed}`).to.equal(least);
        expect(solve(qubo, { seed, runs: 8, sweeps: 200 })).to.deep.equal(found);
      }
    });
  }

  it("samples a spin in a transverse field as quantum statistics say", () => {
    // H = h s - g X has eigenvalues ±r, r = sqrt(h² + g²), so the mean of s is -(h / r) tanh(r / T).
    for (const [h, g] of [
      [1, 1],
      [-0.5, 2],
      [0.3, 0.1],
    ] as const) {
      const ising = { labels: ["s"], fields: Float64Array.of(h), couplings: [], offset: 0 };
      const path = pathIntegral(ising, { slices: 32, temperature: 1, random: randomStream(1, "path") });
      let sum = 0;
      const sweeps = 20_000;
      for (let sweep = 0; sweep < sweeps + 500; sweep++) {
        path.sweep(g);
        if (sweep >= 500) sum += path.slices.reduce((total, slice) => total + (slice[0] ?? 0), 0) / path.slices.length;
      }
      const r = Math.hypot(h, g);
      expect(sum / sweeps, `h ${h}, field ${g}`).to.satisfy(near((-h / r) * Math.tanh(r), 0.03));
    }
  });
});
