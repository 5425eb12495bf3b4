import { setTimeout as sleep } from "node:timers/promises";
import { JouleworkError } from "../errors.ts";
import type { Abi } from "./abiTypes.ts";
import { createRevertDecoder } from "./revertDecoder.ts";
import type { RevertDecoder } from "./revertDecoder.ts";
import { badResponse, httpError, RpcError, RpcTransportError, transportError } from "./rpcErrors.ts";

/** A request with the reading of its answer; `src/chain/calls.ts` makes them. */
export interface RpcCall<T> {
  readonly method: string;
  readonly params: readonly unknown[];
  /** Turns the node's answer into a value; throws where it is not what the method returns. */
  readonly parse: (result: unknown) => T;
}

export type RpcOutcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: RpcError };

export type RpcOutcomes<Calls extends readonly RpcCall<unknown>[]> = {
  -readonly [K in keyof Calls]: Calls[K] extends RpcCall<infer T> ? RpcOutcome<T> : never;
};

export interface RpcClient {
  readonly url: string;
  /** Decodes what contracts revert with, by the errors that the client was given. */
  readonly decodeRevert: RevertDecoder;
  /** One request. Throws `RpcError` where the node refuses, `RpcTransportError` where no answer comes. */
  call<T>(call: RpcCall<T>): Promise<T>;
  /** Requests in one HTTP message, done by the node in this order; long lists are cut. Each has its own outcome. */
  batch<const Calls extends readonly RpcCall<unknown>[]>(calls: Calls): Promise<RpcOutcomes<Calls>>;
  /** As `batch`, for requests of one kind that must all succeed. */
  all<T>(calls: readonly RpcCall<T>[]): Promise<T[]>;
}

export interface RpcParameters {
  readonly url: string;
  /** Interfaces whose custom errors are decoded. */
  readonly errors?: Abi;
  /** Longest time for one HTTP exchange. */
  readonly timeoutMs?: number;
  /** How long a node that does not answer is asked again before the caller gets the error. */
  readonly patienceMs?: number;
  /** Most requests in one HTTP message. */
  readonly batchSize?: number;
}

interface Message {
  readonly jsonrpc: "2.0";
  readonly id: number;
  readonly method: string;
  readonly params: readonly unknown[];
}

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 5_000;
// Servers close idle connections, Hardhat's node after 5 s; fetch may still write to one that was closed a moment ago.
const IDLE_MS = 2_000;
// These change nothing when they are done twice: a signed transaction has one hash however often it arrives.
const REPEATABLE = /^(eth|net|web3|debug|txpool)_/;

/** A JSON-RPC client over HTTP that waits for a node that is away and says what a contract refused. */
export function createRpcClient({
  url,
  errors = [],
  timeoutMs = 30_000,
  patienceMs = 5_000,
  batchSize = 200,
}: RpcParameters): RpcClient {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new JouleworkError({
      code: "RPC_URL_INVALID",
      what: "The node's address is not an HTTP URL",
      values: { url },
      hint: "Give one such as http://127.0.0.1:8545.",
    });
  }
  const decodeRevert = createRevertDecoder(errors);
  let nextId = 1;
  let lastAnswer = 0;

  const message = ({ method, params }: RpcCall<unknown>): Message => ({ jsonrpc: "2.0", id: nextId++, method, params });

  async function post(body: unknown): Promise<unknown> {
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(timeoutMs),
      });
      const text = await response.text();
      const answer = parseJson(text);
      // Some nodes send a JSON-RPC error with an HTTP error: the former says more.
      if (!response.ok && !isObject(answer) && !Array.isArray(answer)) throw httpError(response.status, text, url);
      if (answer === undefined) throw badResponse("(HTTP)", text);
      lastAnswer = Date.now();
      return answer;
    } catch (error) {
      throw transportError(error, url, timeoutMs);
    }
  }

  async function exchange(body: unknown, repeatable: boolean): Promise<unknown> {
    // What must not be done twice is not risked on a connection that may be stale.
    if (!repeatable && Date.now() - lastAnswer > IDLE_MS) {
      await exchange(message({ method: "eth_chainId", params: [], parse: String }), true);
    }
    const deadline = Date.now() + patienceMs;
    let pause = FIRST_PAUSE_MS;
    let staleSeen = false;
    for (;;) {
      try {
        return await post(body);
      } catch (error) {
        if (!(error instanceof RpcTransportError) || !error.transient) throw error;
        if (!repeatable && !error.unsent) throw error;
        if (error.staleConnection && !staleSeen) {
          staleSeen = true;
          continue;
        }
        if (Date.now() + pause > deadline) throw error;
        await sleep(pause);
        pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
      }
    }
  }

  function outcome<T>(call: RpcCall<T>, answer: unknown): RpcOutcome<T> {
    if (!isObject(answer)) throw badResponse(call.method, answer);
    if (answer.error !== undefined && answer.error !== null) {
      return { ok: false, error: rpcError(call.method, answer.error, decodeRevert) };
    }
    if (!("result" in answer)) throw badResponse(call.method, answer);
    return { ok: true, value: call.parse(answer.result) };
  }

  async function batchPart(calls: readonly RpcCall<unknown>[]): Promise<RpcOutcome<unknown>[]> {
    const messages = calls.map(message);
    const answers = await exchange(
      messages,
      calls.every(({ method }) => REPEATABLE.test(method)),
    );
    if (!Array.isArray(answers)) {
      if (isObject(answers) && isObject(answers.error)) throw rpcError("(batch)", answers.error, decodeRevert);
      throw badResponse("(batch)", answers);
    }
    const byId = new Map(answers.filter(isObject).map((answer) => [answer.id, answer]));
    return calls.map((call, index) => outcome(call, byId.get(messages[index]?.id)));
  }

  async function batchList(calls: readonly RpcCall<unknown>[]): Promise<RpcOutcome<unknown>[]> {
    const outcomes: RpcOutcome<unknown>[] = [];
    for (let from = 0; from < calls.length; from += batchSize) {
      outcomes.push(...(await batchPart(calls.slice(from, from + batchSize))));
    }
    return outcomes;
  }

  return {
    url,
    decodeRevert,
    async call<T>(call: RpcCall<T>): Promise<T> {
      const result = outcome(call, await exchange(message(call), REPEATABLE.test(call.method)));
      if (!result.ok) throw result.error;
      return result.value;
    },
    async batch<const Calls extends readonly RpcCall<unknown>[]>(calls: Calls): Promise<RpcOutcomes<Calls>> {
      return (await batchList(calls)) as RpcOutcomes<Calls>;
    },
    async all<T>(calls: readonly RpcCall<T>[]): Promise<T[]> {
      const outcomes = (await batchList(calls)) as RpcOutcome<T>[];
      return outcomes.map((one) => {
        if (!one.ok) throw one.error;
        return one.value;
      });
    },
  };
}

function rpcError(method: string, raw: unknown, decodeRevert: RevertDecoder): RpcError {
  const error = isObject(raw) ? raw : { message: String(raw) };
  const rpcMessage = typeof error.message === "string" ? error.message : JSON.stringify(error);
  const rpcCode = typeof error.code === "number" ? error.code : 0;
  const data = revertData(error.data, 0) ?? (/revert/i.test(rpcMessage) ? "0x" : undefined);
  return new RpcError({ method, rpcCode, rpcMessage, revert: data === undefined ? undefined : decodeRevert(data) });
}

// Nodes nest the contract's data differently: as the data itself, or one or two objects deep.
function revertData(value: unknown, depth: number): string | undefined {
  if (typeof value === "string") {
    const match = /^(?:Reverted )?(0x(?:[0-9a-f]{2})*)$/i.exec(value);
    return match?.[1];
  }
  if (!isObject(value) || depth > 2) return undefined;
  return revertData(value.data ?? value.result ?? value.originalError, depth + 1);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
