import type { Hono } from "hono";
import { createReadStream } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { extname, join, relative, sep } from "node:path";
import { Readable } from "node:stream";
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

/** Serves the built page: its files, which are all known before, and its document at every path without an extension. */
export async function servePage(app: Hono, directory: string): Promise<void> {
  const files = await filesOf(directory);
  const document = await readFile(join(directory, "index.html"), "utf8");
  app.get("*", async (context) => {
    const path = context.req.path;
    const file = files.get(path);
    if (file !== undefined) {
      const { size } = await stat(file);
      return context.body(Readable.toWeb(createReadStream(file)) as ReadableStream, 200, {
        "content-type": TYPES[extname(file)] ?? "application/octet-stream",
        "content-length": String(size),
        "cache-control": path.startsWith("/assets/") ? FOREVER : "no-cache",
      });
    }
    if (path.startsWith("/api/") || path.startsWith("/assets/") || NAMES_A_FILE.test(path)) {
      throw notFound("There is no such file", { path });
    }
    return context.html(document, 200, { "cache-control": "no-cache" });
  });
}

async function filesOf(directory: string): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return new Map(
    entries
      .filter((entry) => entry.isFile() && !entry.name.startsWith("."))
      .map((entry) => join(entry.parentPath, entry.name))
      .map((file) => [`/${relative(directory, file).split(sep).join("/")}`, file]),
  );
}
