import type { Hono } from "hono";
import { readdir, readFile } from "node:fs/promises";
import { extname, join, relative, sep } from "node:path";
import { notFound } from "./problems.ts";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
  ".json": "application/json",
};
/** No page's path has a dot in its last part. */
const NAMES_A_FILE = /\.[^/]*$/;
/** Names of built files carry a hash of their content. */
const FOREVER = "public, max-age=31536000, immutable";

/**
 * Serves the built page: its files, which are few and all known before, and its document at every path that names no file.
 * They are kept in memory, so that a page built anew beside a running server changes nothing of it.
 */
export async function servePage(app: Hono, directory: string): Promise<void> {
  const files = await filesOf(directory);
  const document = files.get("/index.html");
  app.get("*", (context) => {
    const { path } = context.req;
    const file = files.get(path);
    if (file !== undefined) {
      return context.body(file, 200, {
        "content-type": TYPES[extname(path)] ?? "application/octet-stream",
        "cache-control": path.startsWith("/assets/") ? FOREVER : "no-cache",
      });
    }
    if (document === undefined || path.startsWith("/api/") || path.startsWith("/assets/") || NAMES_A_FILE.test(path)) {
      throw notFound("There is no such file", { path });
    }
    return context.body(document, 200, { "content-type": TYPES[".html"] ?? "", "cache-control": "no-cache" });
  });
}

async function filesOf(directory: string): Promise<ReadonlyMap<string, Uint8Array<ArrayBuffer>>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith("."))
    .map((entry) => join(entry.parentPath, entry.name));
  const contents = await Promise.all(paths.map(async (path) => new Uint8Array(await readFile(path))));
  return new Map(
    paths.map((path, place) => [
      `/${relative(directory, path).split(sep).join("/")}`,
      contents[place] ?? new Uint8Array(),
    ]),
  );
}
