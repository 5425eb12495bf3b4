import { randomBytes } from "node:crypto";
import { mkdir, open, readdir, rename, rm, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { stateRoot } from "../players/jobComputation.ts";
import type { StateKeeper } from "../players/stateKeeper.ts";
import type { State } from "../players/stepRunner.ts";

/** States in a folder, one file each. */
export interface StateFolder extends StateKeeper {
  /** Deletes all others, and what a process that was killed left half written. */
  keepOnly(roots: readonly Buffer[]): Promise<void>;
}

/**
 * Keeps states in a folder, `<root>.state`: elements of all tensors one after the other, each as in the machine's memory. A
 * file is believed only if its tensors have the root that it is named after, so a damaged one counts as lost.
 *
 * @param sizes Elements of each tensor of a state.
 */
export function stateFolder(directory: string, sizes: readonly number[]): StateFolder {
  const nameOf = (root: Buffer): string => `${root.toString("hex")}.state`;
  return {
    async save(root, state) {
      await mkdir(directory, { recursive: true });
      const temporary = join(directory, `${randomBytes(6).toString("hex")}.tmp`);
      try {
        await withFile(temporary, "wx", async (file) => {
          for (const tensor of state) await file.writeFile(bytesOf(tensor));
        });
        await rename(temporary, join(directory, nameOf(root)));
      } catch (error) {
        await rm(temporary, { force: true });
        throw error;
      }
    },
    async load(root) {
      const state = sizes.map((size) => new Float32Array(size));
      try {
        const whole = await withFile(join(directory, nameOf(root)), "r", (file) => readAll(file, state));
        return whole && stateRoot(state).equals(root) ? state : undefined;
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    },
    async keepOnly(roots) {
      const kept = new Set(roots.map(nameOf));
      for (const name of await namesIn(directory)) {
        if (!kept.has(name)) await rm(join(directory, name), { force: true });
      }
    },
  };
}

async function withFile<T>(path: string, flags: string, work: (file: FileHandle) => Promise<T>): Promise<T> {
  const file = await open(path, flags);
  try {
    return await work(file);
  } finally {
    await file.close();
  }
}

/** Whether the file holds as much as the state needs. */
async function readAll(file: FileHandle, state: State): Promise<boolean> {
  for (const tensor of state) {
    const bytes = bytesOf(tensor);
    for (let from = 0; from < bytes.length;) {
      const { bytesRead } = await file.read(bytes, from);
      if (bytesRead === 0) return false;
      from += bytesRead;
    }
  }
  return true;
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return (await readdir(directory)).filter((name) => /\.(state|tmp)$/.test(name));
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
