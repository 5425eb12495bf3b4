import { expect } from "chai";
import {
  admissibleOptions,
  bqmDocument,
  openQasm,
  placementQubo,
  qaoa,
  quboEnergy,
  readPlacement,
  type Qubo,
} from "../../src/placement/index.ts";
import { prepare } from "../../src/placement/qaoa.ts";
import { allEnergies, applyPhases, applyRx, probabilities, uniformState } from "../../src/placement/stateVector.ts";
import { near } from "../meters/profiles/near.ts";
import { assignments } from "./bruteForce.ts";
import { runQasm } from "./qasmInterpreter.ts";

/** Less the number of edges cut, in a graph. */
function cutQubo(vertices: number, edges: readonly (readonly [number, number])[]): Qubo {
  const linear = new Float64Array(vertices);
  for (const edge of edges) for (const vertex of edge) linear[vertex] = (linear[vertex] ?? 0) - 1;
  const labels = Array.from(linear, (_, vertex) => `v${vertex}`);
  return { labels, linear, quadratic: edges.map(([i, j]) => ({ i, j, value: 2 })), offset: 0 };
}

const RING = cutQubo(4, [
  [0, 1],
  [1, 2],
  [2, 3],
  [0, 3],
]);

function meanOf(chances: ArrayLike<number>, energies: Float64Array): number {
  return energies.reduce((sum, energy, state) => sum + energy * (chances[state] ?? 0), 0);
}

describe("QAOA on a state vector", () => {
  it("turns single qubits as the gates are defined", () => {
    // From |+>, a phase of pi on 1 gives |->, and half a turn about X of either changes a phase alone.
    const state = uniformState(1);
    applyRx(state, 0, 1.234);
    probabilities(state).forEach((chance) => expect(chance).to.satisfy(near(0.5, 1e-12)));
    // A quarter phase makes (|0> - i |1>) / sqrt(2); RX(-pi / 2) of it is |0>, RX(pi / 2) is |1>.
    for (const [angle, one] of [
      [Math.PI / 2, 1],
      [-Math.PI / 2, 0],
    ] as const) {
      const turned = uniformState(1);
      applyPhases(turned, Float64Array.of(0, 1), Math.PI / 2);
      applyRx(turned, 0, angle);
      expect(probabilities(turned)[1]).to.satisfy(near(one, 1e-12));
    }
  });

  it("acts on the qubit that it names, and keeps the norm", () => {
    const state = uniformState(3);
    // Phases on qubit 1 alone, then a turn of it: |+> |1> |+>.
    applyPhases(state, Float64Array.of(0, 0, 1, 1, 0, 0, 1, 1), Math.PI / 2);
    applyRx(state, 1, Math.PI / 2);
    const expected = [0, 0, 0.25, 0.25, 0, 0, 0.25, 0.25];
    probabilities(state).forEach((chance, place) => expect(chance).to.satisfy(near(expected[place] ?? 0, 1e-12)));
  });

  it("has the energy of every assignment", () => {
    const placement = readPlacement("scenarios/placement/evening.yaml");
    const qubo = placementQubo(placement, admissibleOptions(placement));
    const energies = allEnergies(qubo);
    const expected = [...assignments(qubo.linear.length)].map((bits) => quboEnergy(qubo, bits));
    expect(energies).to.have.length(expected.length);
    // Energies are up to 1e10 ticks, and sums of doubles.
    const furthest = expected.reduce(
      (most, energy, state) => Math.max(most, Math.abs(energy - (energies[state] ?? NaN))),
      0,
    );
    expect(furthest).to.be.at.most(1e-3);
  });

  it("cuts a ring's edges as the closed form for one layer says", () => {
    // Wang, Hadfield, Jiang and Rieffel (2018): 1/2 + 1/4 sin(4b) sin(g) (cos(g)^d + cos(g)^e), here with d = e = 1. Their g
    // multiplies cut edges, ours energies, which are less them.
    const energies = allEnergies(RING);
    for (const gamma of [0.3, 0.9, 2.1]) {
      for (const beta of [0.2, 0.7, 1.9]) {
        const cut = -meanOf(probabilities(prepare(energies, { gammas: [-gamma], betas: [beta] })), energies);
        const closed = 4 * (0.5 + 0.5 * Math.sin(4 * beta) * Math.sin(gamma) * Math.cos(gamma));
        expect(cut).to.satisfy(near(closed, 1e-9));
      }
    }
  });

  it("reaches what the ring allows: 3/4 with one layer, everything with two, more layers never less", () => {
    const expected = [1, 2, 3].map((layers) => -qaoa(RING, { seed: 1, layers, shots: 64 }).expectedEnergy / 4);
    expect(expected[0]).to.satisfy(near(0.75, 0.01));
    expect(expected[1]).to.be.greaterThan(0.95);
    expect(expected[2]).to.be.at.least((expected[1] ?? 0) - 1e-9);
    const { bits, probabilities: chances } = qaoa(RING, { seed: 1, layers: 2, shots: 64 });
    expect(quboEnergy(RING, bits)).to.equal(-4);
    expect(chances.reduce((sum, chance) => sum + chance, 0)).to.satisfy(near(1, 1e-9));
  });

  it("refuses more than 20 qubits", () => {
    expect(() => uniformState(21)).to.throw("so many qubits");
  });

  it("writes OpenQASM 3 that another simulator runs to the same distribution", () => {
    const uneven: Qubo = {
      labels: ["a", "b", "c", "d"],
      linear: Float64Array.of(1, -2.5, 0, 0.5),
      quadratic: [
        { i: 0, j: 1, value: 3 },
        { i: 1, j: 3, value: -1.5 },
        { i: 2, j: 3, value: 0.75 },
      ],
      offset: 7,
    };
    for (const qubo of [RING, uneven]) {
      const { angles, probabilities: chances } = qaoa(qubo, { seed: 3, layers: 2, shots: 16 });
      const run = runQasm(openQasm(qubo, angles));
      expect(run).to.have.length(chances.length);
      run.forEach((chance, state) => expect(chance).to.satisfy(near(chances[state] ?? 0, 1e-9)));
    }
  });

  it("writes a binary quadratic model with the QUBO's energies", () => {
    const placement = readPlacement("scenarios/placement/evening.yaml");
    const qubo = placementQubo(placement, admissibleOptions(placement));
    const text = JSON.stringify(bqmDocument(qubo));
    const read = JSON.parse(text) as ReturnType<typeof bqmDocument>;
    expect(read.variable_labels).to.have.length(read.num_variables);
    expect(new Set(read.variable_labels).size, "labels are names").to.equal(read.num_variables);
    expect(read.quadratic_biases).to.have.length(read.num_interactions);
    for (let state = 0; state < 2 ** read.num_variables; state += 97) {
      const bits = Array.from({ length: read.num_variables }, (_, bit) => Math.floor(state / 2 ** bit) % 2);
      let energy = read.offset;
      read.linear_biases.forEach((bias, place) => (energy += bias * (bits[place] ?? 0)));
      read.quadratic_biases.forEach((bias, place) => {
        energy +=
          bias * (bits[read.quadratic_head[place] ?? -1] ?? NaN) * (bits[read.quadratic_tail[place] ?? -1] ?? NaN);
      });
      expect(energy).to.satisfy(near(quboEnergy(qubo, bits), 1e-3));
    }
  });
});
