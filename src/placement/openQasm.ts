import { toIsing, type Qubo } from "./qubo.ts";
import type { QaoaAngles } from "./qaoa.ts";

/**
 * The circuit of QAOA in OpenQASM 3 (Cross et al., OpenQASM 3: a broader and deeper quantum assembly language, 2022), from
 * gates of `stdgates.inc` alone, up to a global phase. Bit q of the result is variable q; a qubit that is measured as 1 is a
 * spin of 1, so Z is minus the spin.
 */
export function openQasm(qubo: Qubo, { gammas, betas }: QaoaAngles): string {
  const { fields, couplings, labels } = toIsing(qubo);
  const qubits = fields.length;
  const lines = [
    "OPENQASM 3.0;",
    'include "stdgates.inc";',
    ...labels.map((label, qubit) => `// q[${qubit}] is ${label}`),
    `qubit[${qubits}] q;`,
    `bit[${qubits}] c;`,
    ...labels.map((_, qubit) => `h q[${qubit}];`),
  ];
  gammas.forEach((gamma, layer) => {
    fields.forEach((field, qubit) => {
      if (field !== 0) lines.push(`rz(${-2 * gamma * field}) q[${qubit}];`);
    });
    for (const { i, j, value } of couplings) {
      if (value === 0) continue;
      lines.push(`cx q[${i}], q[${j}];`, `rz(${2 * gamma * value}) q[${j}];`, `cx q[${i}], q[${j}];`);
    }
    labels.forEach((_, qubit) => lines.push(`rx(${2 * (betas[layer] ?? 0)}) q[${qubit}];`));
  });
  return `${[...lines, "c = measure q;"].join("\n")}\n`;
}
