import { writeFile } from "node:fs/promises";
import { formatForUser } from "../src/errors.ts";
import { KERNELS_FILE, kernelsHashOf } from "../src/training/kernelModule.ts";
import { compileKernels } from "./training/compileKernels.ts";

try {
  const module = await compileKernels();
  await writeFile(KERNELS_FILE, module);
  console.log(`${String(module.length)} bytes, ${kernelsHashOf(module)}`);
} catch (error) {
  console.error(formatForUser(error));
  process.exitCode = 1;
}
