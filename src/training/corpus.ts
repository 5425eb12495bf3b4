import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { JouleworkError } from "../errors.ts";

const HELD_OUT_SHARE = 10;
const PACKAGE = new URL("../../", import.meta.url);
/** Text that the project wrote about itself. The package holds all of it; a program that left it out gives its own. */
const OWN_TEXT = ["README.md", "docs", "docs/decisions"] as const;

export interface Corpus {
  readonly bytes: Uint8Array;
  /** The files that were read, in their order. */
  readonly files: readonly string[];
}

export interface SplitCorpus {
  readonly training: Uint8Array;
  /** The end of the text, which training does not see. */
  readonly heldOut: Uint8Array;
}

export interface ReadCorpusOptions {
  /** Bytes that a text has to exceed. */
  readonly context?: number;
}

/** A text as bytes: a file, or the files directly inside a directory by their names' order. Hidden files are left out. */
export async function readCorpus(path: string, { context = 1 }: ReadCorpusOptions = {}): Promise<Corpus> {
  return joinFiles(path, await filesOf(path), context);
}

/** The project's own documents, for a first model without any data: README and docs. */
export async function readDefaultCorpus({ context = 1 }: ReadCorpusOptions = {}): Promise<Corpus> {
  const root = fileURLToPath(PACKAGE);
  const files: string[] = [];
  for (const part of OWN_TEXT) {
    const path = join(root, part);
    if (part.endsWith(".md")) files.push(path);
    else files.push(...(await markdownIn(path)));
  }
  return joinFiles(root, files, context);
}

/** Nine tenths to train on, and the last tenth to measure. */
export function splitCorpus(bytes: Uint8Array): SplitCorpus {
  const cut = bytes.length - Math.floor(bytes.length / HELD_OUT_SHARE);
  return { training: bytes.subarray(0, cut), heldOut: bytes.subarray(cut) };
}

async function filesOf(path: string): Promise<string[]> {
  const entry = await stat(path).catch((cause: unknown) => {
    throw missing(path, cause);
  });
  if (entry.isFile()) return [path];
  if (!entry.isDirectory()) {
    throw new JouleworkError({
      code: "CORPUS_NOT_A_FILE",
      what: "This is neither a file nor a directory",
      values: { path },
      hint: "Give a text file, or a directory of text files.",
    });
  }
  const entries = await readdir(path, { withFileTypes: true });
  return entries
    .filter((inside) => inside.isFile() && !inside.name.startsWith("."))
    .map(({ name }) => join(path, name))
    .sort();
}

async function markdownIn(path: string): Promise<string[]> {
  const names = await readdir(path).catch((cause: unknown) => {
    throw missing(path, cause);
  });
  return names
    .filter((name) => name.endsWith(".md"))
    .sort()
    .map((name) => join(path, name));
}

async function joinFiles(path: string, files: readonly string[], context: number): Promise<Corpus> {
  const parts = await Promise.all(
    files.map((file) =>
      readFile(file).catch((cause: unknown) => {
        throw missing(file, cause);
      }),
    ),
  );
  const bytes = new Uint8Array(Buffer.concat(parts));
  if (bytes.length === 0) {
    throw new JouleworkError({
      code: "CORPUS_EMPTY",
      what: "There is no text to train on",
      values: { path, files: files.length },
      hint: "Give a text file, or a directory that directly holds text files.",
    });
  }
  if (bytes.length > context) return { bytes, files };
  throw new JouleworkError({
    code: "CORPUS_TOO_SHORT",
    what: "The text is not longer than the model's context",
    values: { path, bytes: bytes.length, context },
    hint: "Give a longer text or a smaller context.",
  });
}

function missing(path: string, cause: unknown): JouleworkError {
  return new JouleworkError({
    code: "CORPUS_MISSING",
    what: "The text cannot be read",
    values: { path },
    hint: "Look at the path and its permissions, or give another text.",
    cause,
  });
}
