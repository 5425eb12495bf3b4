import { instantiateKernels, loadKernels } from "../kernelModule.ts";
import { WebAssembly } from "../webAssembly.ts";
import type { KernelFunctions } from "./evaluatePrimitive.ts";

const MOST_PAGES = 65_536;

/** exp and log of the trainer's kernels, alone. */
export async function loadFunctions(): Promise<KernelFunctions> {
  const { module } = await loadKernels();
  const memory = new WebAssembly.Memory({ initial: 1, maximum: MOST_PAGES, shared: true });
  return instantiateKernels(module, memory);
}
