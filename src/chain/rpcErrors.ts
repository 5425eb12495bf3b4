import { JouleworkError } from "../errors.ts";
import type { DecodedRevert } from "./revertDecoder.ts";

export interface RpcErrorParameters {
  readonly method: string;
  readonly rpcCode: number;
  readonly rpcMessage: string;
  readonly revert?: DecodedRevert | undefined;
}

/** The node answered that it could not do what it was asked. `code` is CALL_REVERTED or RPC_REFUSED. */
export class RpcError extends JouleworkError {
  readonly method: string;
  readonly rpcCode: number;
  /** The node's own words. */
  readonly rpcMessage: string;
  /** Why the contract refused, where the node gave the contract's data. */
  readonly revert: DecodedRevert | undefined;

  constructor({ method, rpcCode, rpcMessage, revert }: RpcErrorParameters) {
    super(
      revert === undefined
        ? {
            code: "RPC_REFUSED",
            what: "The node refused a request",
            values: { method, rpcCode, message: rpcMessage },
            hint: "Check the request, and that the node supports the method.",
          }
        : {
            code: "CALL_REVERTED",
            what: `The contract refused: ${revert.text}`,
            values: { method, selector: revert.selector },
            hint: "Look the error up in docs/errors.md and correct the call.",
          },
    );
    this.method = method;
    this.rpcCode = rpcCode;
    this.rpcMessage = rpcMessage;
    this.revert = revert;
  }
}

/** No usable answer came. `code` is RPC_UNREACHABLE, RPC_TIMEOUT, RPC_HTTP or RPC_BAD_RESPONSE. */
export class RpcTransportError extends JouleworkError {
  /** Whether asking again later can help. */
  readonly transient: boolean;
  /** Whether the request surely never reached the node. */
  readonly unsent: boolean;
  /** Whether a kept-alive connection had been closed by the other side, which the next request does not meet again. */
  readonly staleConnection: boolean;

  constructor(
    parameters: ConstructorParameters<typeof JouleworkError>[0] & {
      readonly transient?: boolean;
      readonly unsent?: boolean;
      readonly staleConnection?: boolean;
    },
  ) {
    super(parameters);
    this.transient = parameters.transient ?? false;
    this.unsent = parameters.unsent ?? false;
    this.staleConnection = parameters.staleConnection ?? false;
  }
}

const NEVER_CONNECTED = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);
const CONNECTION_LOST = new Set(["ECONNRESET", "EPIPE", "UND_ERR_SOCKET"]);
const BUSY_STATUS = new Set([408, 425, 429, 500, 502, 503, 504]);

/** What a failed fetch means. */
export function transportError(error: unknown, url: string, timeoutMs: number): RpcTransportError {
  if (error instanceof RpcTransportError) return error;
  const codes = causeCodes(error);
  if (codes.names.has("TimeoutError") || codes.names.has("AbortError")) {
    return new RpcTransportError({
      code: "RPC_TIMEOUT",
      what: "The node did not answer in time",
      values: { url: publicUrl(url), timeoutMs },
      hint: "Check the node's load, ask for less at once or allow more time.",
      cause: error,
      transient: true,
    });
  }
  const unsent = [...codes.codes].some((code) => NEVER_CONNECTED.has(code));
  const lost = [...codes.codes].some((code) => CONNECTION_LOST.has(code));
  return new RpcTransportError({
    code: "RPC_UNREACHABLE",
    what: lost && !unsent ? "The connection to the node broke" : "No node answers",
    values: { url: publicUrl(url), reason: codes.deepest },
    hint: "Start the node or correct the URL.",
    cause: error,
    transient: true,
    unsent,
    staleConnection: lost && !unsent,
  });
}

/** An answer that is not of HTTP's success class. */
export function httpError(status: number, text: string, url: string): RpcTransportError {
  return new RpcTransportError({
    code: "RPC_HTTP",
    what: "The node's server answered with an error",
    values: { url: publicUrl(url), status, body: text.slice(0, 200) },
    hint: "Check the URL, its access key and its rate limit.",
    transient: BUSY_STATUS.has(status),
  });
}

/** An answer that is not what JSON-RPC or the method says. */
export function badResponse(method: string, got: unknown): RpcTransportError {
  return new RpcTransportError({
    code: "RPC_BAD_RESPONSE",
    what: "The answer is not what the method returns",
    values: { method, got: shortened(got) },
    hint: "Check that the URL is that of an Ethereum node.",
  });
}

/** A URL without its user, path and query, where providers put access keys. */
export function publicUrl(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : "(not a URL)";
}

function causeCodes(error: unknown): { codes: Set<string>; names: Set<string>; deepest: string } {
  const codes = new Set<string>();
  const names = new Set<string>();
  let deepest = String(error);
  let open: unknown[] = [error];
  for (let depth = 0; depth < 8 && open.length > 0; depth += 1) {
    const next: unknown[] = [];
    for (const part of open) {
      if (!(part instanceof Error)) continue;
      names.add(part.name);
      if ("code" in part && typeof part.code === "string") codes.add(part.code);
      if (part.message !== "") deepest = part.message;
      if (part instanceof AggregateError) next.push(...(part.errors as unknown[]));
      next.push(part.cause);
    }
    open = next;
  }
  return { codes, names, deepest };
}

function shortened(got: unknown): string {
  return got === undefined ? "nothing" : JSON.stringify(got).slice(0, 200);
}
