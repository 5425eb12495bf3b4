import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { WebAssembly, type WasmMemory, type WasmModule } from "./webAssembly.ts";

/** The compiled kernels, committed beside their sources; `npm run build:kernels` writes them. */
export const KERNELS_FILE = new URL("kernels/kernels.wasm", import.meta.url);

/** What the kernels' module exports. */
export interface Kernels {
  /** Runs `count` operations from the record at `first`; false if another thread died. */
  readonly run: (first: number, count: number, thread: number, threads: number) => number;
  readonly exp: (x: number) => number;
  readonly log: (x: number) => number;
}

export interface KernelModule {
  readonly module: WasmModule;
  readonly hash: string;
}

const callable = z.custom<(...values: number[]) => number>((value) => typeof value === "function");
const kernelsSchema = z.object({ run: callable, exp: callable, log: callable });

export async function loadKernels(): Promise<KernelModule> {
  const bytes = await readFile(KERNELS_FILE);
  return { module: await WebAssembly.compile(bytes), hash: kernelsHashOf(bytes) };
}

/** SHA-256 of the module's bytes: the arithmetic's name. */
export function kernelsHashOf(bytes: Uint8Array): string {
  return `0x${createHash("sha256").update(bytes).digest("hex")}`;
}

export function instantiateKernels(module: WasmModule, memory: WasmMemory): Kernels {
  return kernelsSchema.parse(new WebAssembly.Instance(module, { env: { memory } }).exports);
}
