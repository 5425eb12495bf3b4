import { fileURLToPath } from "node:url";
import { JouleworkError } from "../../src/errors.ts";

const ENTRY = "src/training/kernels/assembly/index.ts";
const OUTPUT = "kernels.wasm";
const ROOT = new URL("../..", import.meta.url);

/** What is used of AssemblyScript's compiler. */
interface Compiler {
  readonly main: (
    args: readonly string[],
    host: {
      readonly stderr: { readonly write: (text: unknown) => void };
      readonly writeFile: (name: string, contents: string | Uint8Array) => void;
    },
  ) => Promise<{ readonly error: Error | null }>;
}

/** Its own type declarations would change those of arrays and numbers in every file. */
const COMPILER = ["assemblyscript", "asc"].join("/");

/** The kernels' WebAssembly module, compiled from their AssemblyScript. The same sources give the same bytes. */
export async function compileKernels(): Promise<Uint8Array> {
  let module: Uint8Array | undefined;
  const compiler = (await import(COMPILER)) as Compiler;
  let complaints = "";
  const { error } = await compiler.main(
    [
      ENTRY,
      ...["--baseDir", fileURLToPath(ROOT)],
      ...["--outFile", OUTPUT],
      ...["--runtime", "stub"],
      // Fixed-width SIMD only: relaxed SIMD may differ between machines.
      ...["--enable", "simd,threads"],
      ...["--importMemory", "--sharedMemory", "--initialMemory", "1", "--maximumMemory", "65536"],
      ...["-O3", "--converge", "--noAssert", "--pedantic"],
    ],
    {
      stderr: {
        write: (text) => {
          complaints += String(text);
        },
      },
      writeFile: (name, contents) => {
        if (name === OUTPUT && typeof contents !== "string") module = contents;
      },
    },
  );
  if (error !== null || module === undefined) {
    throw new JouleworkError({
      code: "KERNELS_NOT_COMPILED",
      what: `The kernels do not compile:\n${complaints}`,
      hint: `Correct the sources beside ${ENTRY}.`,
      cause: error,
    });
  }
  return module;
}
