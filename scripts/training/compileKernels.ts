import asc from "assemblyscript/asc";
import { JouleworkError } from "../../src/errors.ts";

const ENTRY = "src/training/kernels/assembly/index.ts";
const OUTPUT = "kernels.wasm";
const ROOT = new URL("../..", import.meta.url);

/** The kernels' WebAssembly module, compiled from their AssemblyScript. The same sources give the same bytes. */
export async function compileKernels(): Promise<Uint8Array> {
  let module: Uint8Array | undefined;
  let complaints = "";
  const { error } = await asc.main(
    [
      ENTRY,
      ...["--baseDir", decodeURIComponent(ROOT.pathname)],
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
