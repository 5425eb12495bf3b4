import { createRequire } from "node:module";
import { z } from "zod";
import { JouleworkError } from "../../../src/errors.ts";
import type { CompiledCode } from "./compareBytecode.ts";

/** A contract by the name of its source in the compiler's input, and its own. */
export interface ContractKey {
  readonly source: string;
  readonly name: string;
}

export interface CompilerInput {
  readonly solcLongVersion: string;
  readonly input: { readonly language: string; readonly sources: object; readonly settings: object };
}

interface Solc {
  version(): string;
  compile(input: string): string;
}

const place = z.object({ start: z.int(), length: z.int() });
const outputSchema = z.object({
  errors: z.array(z.object({ severity: z.string(), formattedMessage: z.string() })).optional(),
  contracts: z
    .record(
      z.string(),
      z.record(
        z.string(),
        z.object({
          evm: z.object({
            deployedBytecode: z.object({
              object: z.string(),
              linkReferences: z.record(z.string(), z.record(z.string(), z.array(place))),
              immutableReferences: z.record(z.string(), z.array(place)),
            }),
          }),
        }),
      ),
    )
    .optional(),
});

const require = createRequire(import.meta.url);

/**
 * Compiles recorded sources again with the compiler of this project, which must be the one that they were compiled with.
 * All sources go in, since the code may depend on them; code is made of the wanted contracts alone, to save minutes.
 */
export function recompile(
  { solcLongVersion, input }: CompilerInput,
  wanted: readonly ContractKey[],
): ReadonlyMap<string, CompiledCode> {
  const solc = require("solc") as Solc;
  const version = solc.version();
  if (!version.startsWith(solcLongVersion)) {
    throw new JouleworkError({
      code: "COMPILER_DIFFERS",
      what: "The deployment was compiled by another compiler than the one that is installed",
      values: { recorded: solcLongVersion, installed: version },
      hint: "Check out the version that was deployed, or compare with the recorded artifacts: --no-recompile.",
    });
  }
  const selection: Record<string, Record<string, string[]>> = {};
  for (const { source, name } of wanted) (selection[source] ??= {})[name] = ["evm.deployedBytecode"];
  const settings = { ...input.settings, outputSelection: selection };
  const output = outputSchema.parse(JSON.parse(solc.compile(JSON.stringify({ ...input, settings }))));
  const error = output.errors?.find(({ severity }) => severity === "error");
  if (error !== undefined) {
    throw new JouleworkError({
      code: "RECOMPILATION_FAILED",
      what: "The recorded sources do not compile",
      values: { message: error.formattedMessage.slice(0, 500) },
      hint: "The record is damaged: restore it, or compare with the recorded artifacts: --no-recompile.",
    });
  }
  const compiled = new Map<string, CompiledCode>();
  for (const { source, name } of wanted) {
    const code = output.contracts?.[source]?.[name]?.evm.deployedBytecode;
    if (code === undefined) continue;
    compiled.set(`${source}:${name}`, {
      deployedBytecode: `0x${code.object}`,
      deployedLinkReferences: code.linkReferences,
      immutableReferences: code.immutableReferences,
    });
  }
  return compiled;
}
