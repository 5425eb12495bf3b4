// TypeScript declares WebAssembly with the browser's other globals only. This is what the trainer uses of it, without
// asking programs that use Joulework for those.

export interface WasmMemory {
  readonly buffer: SharedArrayBuffer;
}

declare const compiled: unique symbol;

/** A compiled module. */
export interface WasmModule {
  readonly [compiled]: true;
}

interface WasmInstance {
  readonly exports: unknown;
}

interface WebAssemblyApi {
  readonly compile: (bytes: Uint8Array) => Promise<WasmModule>;
  readonly Memory: new (descriptor: { initial: number; maximum: number; shared: true }) => WasmMemory;
  readonly Instance: new (module: WasmModule, imports: { env: { memory: WasmMemory } }) => WasmInstance;
}

export const { WebAssembly } = globalThis as unknown as { readonly WebAssembly: WebAssemblyApi };
