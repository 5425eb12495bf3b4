/** A state of complex amplitudes; bit q of a place's number is qubit q. */
type Amplitudes = { re: number; im: number }[];

/**
 * Runs the few statements of OpenQASM 3 that circuits here are made of, with gates as their two-by-two matrices in the
 * specification of `stdgates.inc`. Throws at anything else. Gives the probability of each result of the measured register.
 */
export function runQasm(text: string): number[] {
  const statements = text
    .split("\n")
    .map((line) => line.replace(/\/\/.*/, "").trim())
    .filter((line) => line !== "");
  if (statements.shift() !== "OPENQASM 3.0;") throw new Error("no OpenQASM 3");
  if (statements.shift() !== 'include "stdgates.inc";') throw new Error("no gates");
  const qubits = Number(/^qubit\[(\d+)\] q;$/.exec(statements.shift() ?? "")?.[1]);
  if (statements.shift() !== `bit[${qubits}] c;`) throw new Error("no register of this size");
  if (statements.pop() !== "c = measure q;") throw new Error("no measurement");
  let state: Amplitudes = Array.from({ length: 2 ** qubits }, (_, place) => ({ re: place === 0 ? 1 : 0, im: 0 }));
  for (const statement of statements) {
    const gate = /^(h|cx|r[xz])(?:\((.+)\))? (q\[\d+\](?:, q\[\d+\])?);$/.exec(statement);
    if (gate === null) throw new Error(`unknown statement: ${statement}`);
    const operands = [...(gate[3] ?? "").matchAll(/\d+/g)].map(Number);
    state = apply(state, gate[1] ?? "", Number(gate[2]), operands);
  }
  return state.map(({ re, im }) => re * re + im * im);
}

function apply(state: Amplitudes, gate: string, angle: number, [first = 0, second = 0]: number[]): Amplitudes {
  const bit = 2 ** first;
  const at = (place: number) => state[place] ?? { re: 0, im: 0 };
  if (gate === "cx") {
    return state.map((_, place) => at(Math.floor(place / bit) % 2 === 1 ? place ^ (2 ** second) : place));
  }
  const c = Math.cos(angle / 2);
  const s = Math.sin(angle / 2);
  const root = Math.SQRT1_2;
  return state.map((own, place) => {
    const isOne = Math.floor(place / bit) % 2 === 1;
    const other = at(place ^ bit);
    if (gate === "h") {
      const sign = isOne ? -1 : 1;
      return { re: root * (other.re + sign * own.re), im: root * (other.im + sign * own.im) };
    }
    // rx: cos on the diagonal and -i sin beside it.
    if (gate === "rx") return { re: c * own.re + s * other.im, im: c * own.im - s * other.re };
    // rz: exp(-i angle / 2) for 0 and exp(i angle / 2) for 1.
    const turn = isOne ? s : -s;
    return { re: c * own.re - turn * own.im, im: c * own.im + turn * own.re };
  });
}
