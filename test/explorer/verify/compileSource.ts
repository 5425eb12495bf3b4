import { createRequire } from "node:module";

/** A contract as the compiler gives it, in the form of Hardhat's artifacts. */
export interface CompiledContract {
  readonly abi: readonly { readonly type: string; readonly name?: string }[];
  readonly bytecode: string;
  readonly deployedBytecode: string;
  readonly linkReferences: Links;
  readonly deployedLinkReferences: Links;
  readonly immutableReferences: Readonly<Record<string, readonly Place[]>>;
  readonly metadata: string;
}

interface Place {
  readonly start: number;
  readonly length: number;
}

type Links = Readonly<Record<string, Readonly<Record<string, readonly Place[]>>>>;

interface Output {
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[];
  readonly contracts: Readonly<
    Record<
      string,
      Readonly<
        Record<
          string,
          {
            readonly abi: CompiledContract["abi"];
            readonly metadata: string;
            readonly evm: {
              readonly bytecode: { readonly object: string; readonly linkReferences: Links };
              readonly deployedBytecode: {
                readonly object: string;
                readonly linkReferences: Links;
                readonly immutableReferences: CompiledContract["immutableReferences"];
              };
            };
          }
        >
      >
    >
  >;
}

const require = createRequire(import.meta.url);

/** The compiler's whole input for one file. */
export function compilerInput(source: string, { viaIR = false, name = "Test.sol" } = {}) {
  return {
    language: "Solidity",
    sources: { [name]: { content: `// SPDX-License-Identifier: MIT\npragma solidity 0.8.37;\n${source}` } },
    settings: {
      viaIR,
      evmVersion: "osaka",
      optimizer: { enabled: true, runs: 200 },
      outputSelection: {
        "*": {
          "*": [
            "abi",
            "metadata",
            "evm.bytecode.object",
            "evm.bytecode.linkReferences",
            "evm.deployedBytecode.object",
            "evm.deployedBytecode.linkReferences",
            "evm.deployedBytecode.immutableReferences",
          ],
        },
      },
    },
  };
}

/** The version string of the compiler as build infos record it. */
export function compilerVersion(): string {
  const { version } = require("solc") as { version: () => string };
  return version().replace(/\.Emscripten.*$/, "");
}

/** Compiles a small source with the project's compiler; the contracts by their names. */
export function compileSource(source: string, options: { viaIR?: boolean } = {}): Record<string, CompiledContract> {
  const { compile } = require("solc") as { compile: (input: string) => string };
  const output = JSON.parse(compile(JSON.stringify(compilerInput(source, options)))) as Output;
  const error = output.errors?.find(({ severity }) => severity === "error");
  if (error !== undefined) throw new Error(error.formattedMessage);
  return Object.fromEntries(
    Object.entries(output.contracts["Test.sol"] ?? {}).map(([name, { abi, metadata, evm }]) => [
      name,
      {
        abi,
        metadata,
        bytecode: `0x${evm.bytecode.object}`,
        linkReferences: evm.bytecode.linkReferences,
        deployedBytecode: `0x${evm.deployedBytecode.object}`,
        deployedLinkReferences: evm.deployedBytecode.linkReferences,
        immutableReferences: evm.deployedBytecode.immutableReferences,
      },
    ]),
  );
}

/** Creation code with a library's address at its references. */
export function link({ bytecode, linkReferences }: CompiledContract, libraries: Record<string, string>): string {
  let linked = bytecode;
  for (const inSource of Object.values(linkReferences)) {
    for (const [name, places] of Object.entries(inSource)) {
      for (const { start, length } of places) {
        const from = 2 + start * 2;
        linked =
          linked.slice(0, from) + (libraries[name] ?? "").slice(2).toLowerCase() + linked.slice(from + length * 2);
      }
    }
  }
  return linked;
}
