import { setTimeout as sleep } from "node:timers/promises";
import { contentAddress } from "./contentAddress.ts";
import { DEFAULT_MAX_BYTES, requireHash, requireSize, storeError } from "./storeError.ts";
import type { UpdateStore } from "./types.ts";

export interface HttpStoreParameters {
  /** Entries are at `<url>/<64 digits>`; read with GET and HEAD, written with PUT. */
  readonly url: string;
  /** Sent as `Authorization: Bearer`; default: environment variable JOULEWORK_STORE_TOKEN. */
  readonly token?: string;
  /** Most bytes of an entry. */
  readonly maxBytes?: number;
  /** For one attempt, its answer's body included. */
  readonly timeoutMs?: number;
  readonly attempts?: number;
  /** Wait before the second attempt; it doubles with each further one. */
  readonly backoffMs?: number;
}

interface Answer {
  readonly status: number;
  readonly body: Uint8Array;
}

interface Connection extends Required<Omit<HttpStoreParameters, "token">> {
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * A store behind plain HTTP: an object store's gateway or any server that keeps what is PUT. Nothing it says is believed:
 * every body is limited in size while it arrives and checked by its hash. No answer, 408, 429 and 5xx are tried again.
 *
 * @throws STORE_UNREACHABLE after the last attempt, STORE_REFUSED for another status, STORE_MISSING for 404 and 410,
 *   STORE_DAMAGED for bytes of another hash, STORE_TOO_LARGE, STORE_HASH_INVALID, STORE_URL_INVALID.
 */
export function httpStore({
  url,
  token = process.env.JOULEWORK_STORE_TOKEN ?? "",
  maxBytes = DEFAULT_MAX_BYTES,
  timeoutMs = 30_000,
  attempts = 4,
  backoffMs = 250,
}: HttpStoreParameters): UpdateStore {
  requireUrl(url);
  const headers: Readonly<Record<string, string>> = token === "" ? {} : { authorization: `Bearer ${token}` };
  const link: Connection = { url: url.replace(/\/+$/, ""), maxBytes, timeoutMs, attempts, backoffMs, headers };

  const has = async (hash: string) => {
    const { status } = await request(link, "HEAD", hash);
    if (isMissing(status)) return false;
    requireSuccess(status, "HEAD", hash);
    return true;
  };
  const get = async (hash: string) => {
    const { status, body } = await request(link, "GET", hash);
    if (isMissing(status)) throw storeError("STORE_MISSING", "The store has no such entry", { hash });
    requireSuccess(status, "GET", hash);
    if (contentAddress(body) !== hash) {
      throw storeError("STORE_DAMAGED", "The server's bytes have another hash", { hash, bytes: body.length });
    }
    return body;
  };
  const put = async (bytes: Uint8Array) => {
    requireSize(bytes.length, maxBytes);
    const kept = bytes.slice();
    const hash = contentAddress(kept);
    const { status } = await request(link, "PUT", hash, kept);
    requireSuccess(status, "PUT", hash);
    return hash;
  };
  return { put, get, has };
}

async function request(link: Connection, method: string, hash: string, body?: Uint8Array): Promise<Answer> {
  requireHash(hash);
  let problem: unknown;
  for (let attempt = 0; attempt < link.attempts; ++attempt) {
    if (attempt > 0) await sleep(link.backoffMs * 2 ** (attempt - 1));
    try {
      const answer = await exchange(link, method, hash, body);
      if (!isPassing(answer.status)) return answer;
      problem = new Error(`HTTP status ${answer.status}`);
    } catch (error) {
      // Too many bytes stay too many.
      if (isTooLarge(error)) throw error;
      problem = error;
    }
  }
  const told = problem instanceof Error ? problem.message : String(problem);
  const values = { method, hash, attempts: link.attempts, problem: told };
  throw storeError("STORE_UNREACHABLE", "The store does not answer", values, problem);
}

async function exchange(link: Connection, method: string, hash: string, body?: Uint8Array): Promise<Answer> {
  const response = await fetch(`${link.url}/${hash.slice(2)}`, {
    method,
    headers: body === undefined ? link.headers : { ...link.headers, "content-type": "application/octet-stream" },
    // The token goes to the named server alone.
    redirect: "error",
    signal: AbortSignal.timeout(link.timeoutMs),
    ...(body === undefined ? {} : { body: Buffer.from(body) }),
  });
  const wanted = method === "GET" && response.ok;
  if (wanted) return { status: response.status, body: await readLimited(response, link.maxBytes) };
  await response.body?.cancel();
  return { status: response.status, body: new Uint8Array(0) };
}

async function readLimited(response: Response, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop by an error cancels the rest.
  for await (const chunk of response.body ?? []) {
    const bytes = chunk as Uint8Array;
    size += bytes.length;
    requireSize(size, maxBytes);
    chunks.push(bytes);
  }
  return new Uint8Array(Buffer.concat(chunks, size));
}

function requireUrl(url: string): void {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const plain = parsed !== undefined && /^https?:$/.test(parsed.protocol) && parsed.search + parsed.hash === "";
  if (plain && parsed.username + parsed.password === "") return;
  // A password may be in it: the text is not repeated.
  throw storeError("STORE_URL_INVALID", "This is no address of a store", { length: url.length });
}

function requireSuccess(status: number, method: string, hash: string): void {
  if (status >= 200 && status < 300) return;
  throw storeError("STORE_REFUSED", "The store refuses the request", { status, method, hash });
}

function isMissing(status: number): boolean {
  return status === 404 || status === 410;
}

/** Whether a later attempt may go better. */
function isPassing(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}

function isTooLarge(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "STORE_TOO_LARGE";
}
