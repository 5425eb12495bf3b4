import { WebAssembly } from "../../src/training/webAssembly.ts";
import { instantiateKernels, loadKernels } from "../../src/training/kernelModule.ts";

/** An operation on the bits of 32-bit floats, as the machine's own WebAssembly does it. */
export type BitsOperation = (a: number, b: number) => number;

/** In the order of the harness's enumeration. */
export const FLOAT_OPERATIONS: readonly string[] = [
  ...["add", "subtract", "multiply", "divide", "squareRoot", "maximum", "minimum", "fromInteger", "exp", "log"],
  "multiplyAdd",
];

export function takesOneOperand(name: string): boolean {
  return ["squareRoot", "fromInteger", "exp", "log"].includes(name);
}

const INSTRUCTIONS = {
  add: [0x92],
  subtract: [0x93],
  multiply: [0x94],
  divide: [0x95],
  minimum: [0x96],
  maximum: [0x97],
} as const;
const SQUARE_ROOT = 0x91;
const CONVERT_I32 = 0xb2;
const TO_FLOAT = 0xbe;
const TO_BITS = 0xbc;
const CANONICAL_NAN = 0x7fc00000;

const scratch = new DataView(new ArrayBuffer(4));

export function bitsOf(value: number): number {
  scratch.setFloat32(0, value);
  return scratch.getUint32(0);
}

export function floatOf(bits: number): number {
  scratch.setUint32(0, bits);
  return scratch.getFloat32(0);
}

const section = (id: number, bytes: readonly number[]) => [id, bytes.length, ...bytes];

/** A module of one function "f" of two 32-bit integers, whose body is given. */
async function assembled(body: readonly number[]): Promise<BitsOperation> {
  const code = [0, ...body, 0x0b];
  const bytes = Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 2, 0x7f, 0x7f, 1, 0x7f]),
    ...section(3, [1, 0]),
    ...section(7, [1, 1, 0x66, 0, 0]),
    ...section(10, [1, code.length, ...code]),
  ]);
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  const { exports } = new WebAssembly.Instance(await WebAssembly.compile(bytes), { env: { memory } });
  const { f } = exports as { f: BitsOperation };
  // The standard lets a machine choose a NaN's bits.
  return (a, b) => {
    const bits = f(a, b) >>> 0;
    return (bits & 0x7fffffff) > 0x7f800000 ? CANONICAL_NAN : bits;
  };
}

/** The operations of `SoftFloat.sol` and `FloatFunctions.sol`, by WebAssembly's instructions and the trainer's kernels. */
export async function floatReference(): Promise<Readonly<Record<string, BitsOperation>>> {
  const a = [0x20, 0, TO_FLOAT];
  const b = [0x20, 1, TO_FLOAT];
  const operations: Record<string, BitsOperation> = {};
  for (const [name, instruction] of Object.entries(INSTRUCTIONS)) {
    operations[name] = await assembled([...a, ...b, ...instruction, TO_BITS]);
  }
  operations.squareRoot = await assembled([...a, SQUARE_ROOT, TO_BITS]);
  operations.fromInteger = await assembled([0x20, 0, CONVERT_I32, TO_BITS]);
  const multiplied = [...a, ...b, ...INSTRUCTIONS.multiply];
  operations.multiplyAdd = await assembled([...multiplied, ...a, ...INSTRUCTIONS.add, TO_BITS]);
  const { module } = await loadKernels();
  const kernels = instantiateKernels(module, new WebAssembly.Memory({ initial: 1, maximum: 65_536, shared: true }));
  for (const name of ["exp", "log"] as const) {
    const apply = kernels[name];
    operations[name] = (x) => {
      const value = apply(floatOf(x));
      return Number.isNaN(value) ? CANONICAL_NAN : bitsOf(value);
    };
  }
  return operations;
}
