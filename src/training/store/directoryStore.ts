import { randomBytes } from "node:crypto";
import { mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isNoSpace } from "../../journal/journalErrors.ts";
import { contentAddress } from "./contentAddress.ts";
import { DEFAULT_MAX_BYTES, requireHash, requireSize, storeError } from "./storeError.ts";
import type { UpdateStore } from "./types.ts";

export interface DirectoryStoreParameters {
  /** Made if it is not there. */
  readonly directory: string;
  /** Most bytes of an entry. */
  readonly maxBytes?: number;
  /** How a new file is written to the disk; for other file systems and for tests of full ones. */
  readonly writeDurably?: (path: string, bytes: Uint8Array) => Promise<void>;
}

/**
 * A store of one file an entry, `<directory>/<two digits>/<64 digits>`. A `put` that has returned survives the loss of
 * power; one that fails leaves nothing.
 *
 * @throws STORE_FULL, STORE_UNWRITABLE, STORE_TOO_LARGE when storing; STORE_MISSING, STORE_DAMAGED, STORE_TOO_LARGE when
 *   reading; STORE_HASH_INVALID for what is no hash.
 */
export function directoryStore({
  directory,
  maxBytes = DEFAULT_MAX_BYTES,
  writeDurably = writeAndSync,
}: DirectoryStoreParameters): UpdateStore {
  const pathOf = (hash: string) => {
    requireHash(hash);
    return join(directory, hash.slice(2, 4), hash.slice(2));
  };
  const has = async (hash: string) => (await sizeOf(pathOf(hash))) !== undefined;

  const get = async (hash: string) => {
    const path = pathOf(hash);
    const size = await sizeOf(path);
    if (size === undefined) throw storeError("STORE_MISSING", "The store has no such entry", { hash });
    requireSize(size, maxBytes);
    const bytes = new Uint8Array(await readFile(path));
    if (contentAddress(bytes) !== hash) {
      throw storeError("STORE_DAMAGED", "The entry's bytes have another hash", { hash, path });
    }
    return bytes;
  };

  const put = async (bytes: Uint8Array) => {
    requireSize(bytes.length, maxBytes);
    // The caller may go on to write into its buffer while this is under way.
    const kept = bytes.slice();
    const hash = contentAddress(kept);
    const path = pathOf(hash);
    // An entry that is damaged is written anew.
    if (await holds(path, hash)) return hash;
    // Of the same folder, so that the file moves into place at once or not at all.
    const temporary = `${path}.${randomBytes(6).toString("hex")}.tmp`;
    try {
      await mkdir(dirname(path), { recursive: true });
      await writeDurably(temporary, kept);
      await rename(temporary, path);
      await syncDirectory(dirname(path));
      await syncDirectory(directory);
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined);
      const values = { directory, bytes: kept.length, problem: error instanceof Error ? error.message : String(error) };
      if (isNoSpace(error)) throw storeError("STORE_FULL", "There is no room for the entry", values, error);
      throw storeError("STORE_UNWRITABLE", "The entry cannot be written", values, error);
    }
    return hash;
  };
  return { put, get, has };
}

async function holds(path: string, hash: string): Promise<boolean> {
  if ((await sizeOf(path)) === undefined) return false;
  return contentAddress(await readFile(path)) === hash;
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    const found = await stat(path);
    return found.isFile() ? found.size : undefined;
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR")) {
      return undefined;
    }
    throw error;
  }
}

async function writeAndSync(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, "wx");
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

// A rename survives the loss of power once the folder that names the file is on the disk.
async function syncDirectory(directory: string): Promise<void> {
  // Windows opens no folders.
  if (process.platform === "win32") return;
  const file = await open(directory, "r");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
