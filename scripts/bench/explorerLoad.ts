import { Interface, type ParamType } from "ethers";
import { getChecksum } from "../../src/chain/checksum.ts";
import { EXCHANGE_ABI } from "../../src/chain/exchangeAbi.ts";
import { createRevertDecoder } from "../../src/chain/revertDecoder.ts";
import type { RpcCall, RpcClient, RpcOutcome } from "../../src/chain/rpc.ts";
import { encodeMeterWord, NO_FLAGS } from "../../src/market/meterWord.ts";
import { createApp } from "../../explorer/server/app.ts";
import { openArtifacts } from "../../explorer/server/artifacts.ts";
import { createContext } from "../../explorer/server/context.ts";
import { listen } from "../../explorer/server/listen.ts";
import { createQueries } from "../../explorer/server/queries/index.ts";
import type { Batch, BlockRow, EventKey, Store } from "../../explorer/store/store.ts";

/** Milliseconds of the answers of one route. */
export interface RouteTimes {
  readonly route: string;
  readonly answers: number;
  /** One client alone. */
  readonly aloneMs: number;
  /** All clients at once: half of the answers, and 95 of 100, came within these. */
  readonly medianMs: number;
  readonly p95Ms: number;
}

export interface LoadParameters {
  /** An index of `syntheticBatches`. */
  readonly store: Store;
  readonly zones: number;
  readonly metersPerZone: number;
  readonly clients: number;
  /** Questions that each client asks, one after another. */
  readonly questions: number;
}

const HOUR_SLOTS = 4;

/** Asks a server over a large index from many clients at once; every answer has to be one. */
export async function explorerLoad({
  store,
  zones,
  metersPerZone,
  clients,
  questions,
}: LoadParameters): Promise<RouteTimes[]> {
  const meters = await registerAll(store, zones, metersPerZone);
  const newest = await newestSlot(store);
  const blocks = (await store.head())?.number ?? 1;
  const exchange = meters.exchange;
  const context = createContext({
    rpc: stillNode(),
    deployment: {
      network: "synthetic",
      chainId: 31_337,
      deployBlock: 0,
      contracts: { EnergyExchange: exchange, EnergyCredit: exchange },
    },
    store,
    artifacts: openArtifacts("artifacts"),
    indexing: () => ({ fromBlock: 0, toBlock: 0, done: true }),
  });
  const audits = { start: refuse, get: refuse, close: () => Promise.resolve() };
  const app = await createApp({ context, queries: createQueries(audits) });
  const server = await listen(app);
  const base = `http://127.0.0.1:${String(server.port)}`;
  const paths: Readonly<Record<string, (seed: number) => string>> = {
    overview: () => "/api/overview",
    slot: (seed) => `/api/zones/${String(1 + (seed % zones))}/slots/${String(newest - HOUR_SLOTS - (seed % 500))}`,
    meter: (seed) => `/api/meters/${meters.addresses[(seed * 7) % meters.addresses.length] ?? ""}`,
    "events of a zone": (seed) => `/api/events?zone=${String(1 + (seed % zones))}`,
    "events by name": () => "/api/events?contract=EnergyExchange&name=MatcherSet",
    block: (seed) => `/api/blocks/${String(seed % blocks)}`,
    search: (seed) => `/api/search?q=${String(newest - (seed % 500))}`,
  };
  try {
    const times: RouteTimes[] = [];
    for (const [route, path] of Object.entries(paths)) {
      // What a server keeps from the first answer on, it keeps for everybody.
      await ask(base, path(0));
      const aloneMs = await ask(base, path(1));
      const found = await Promise.all(
        Array.from({ length: clients }, async (_, client) => {
          const own: number[] = [];
          for (let question = 0; question < questions; ++question)
            own.push(await ask(base, path(client * questions + question)));
          return own;
        }),
      );
      const sorted = found.flat().sort((a, b) => a - b);
      const at = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? 0;
      times.push({ route, answers: sorted.length, aloneMs, medianMs: at(0.5), p95Ms: at(0.95) });
    }
    return times;
  } finally {
    await server.close();
  }
}

async function ask(base: string, path: string): Promise<number> {
  const start = performance.now();
  const answer = await fetch(base + path);
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${path}: ${String(answer.status)} ${text.slice(0, 300)}`);
  return performance.now() - start;
}

function refuse(): never {
  throw new Error("a synthetic chain has nothing to audit");
}

async function newestSlot(store: Store): Promise<number> {
  const [cleared] = await store.events({ names: ["SlotCleared"] }, { limit: 1 });
  return (JSON.parse(cleared?.args ?? "{}") as { readonly slot?: number }).slot ?? 0;
}

/** Writes a last block in which every zone and meter of the synthetic market is registered, as its queries expect. */
async function registerAll(store: Store, zones: number, metersPerZone: number) {
  const [head, known] = await Promise.all([store.head(), store.events({ names: ["ZoneCreated"] }, { limit: 1 })]);
  const [{ address: exchange } = { address: "" }] = await store.events({ names: ["SlotCleared"] }, { limit: 1 });
  const addresses: string[] = [];
  const events: Batch["events"][number][] = [];
  const number = (head?.number ?? -1) + 1;
  const transactionHash = `0x${"f".repeat(64)}`;
  const emit = (name: string, args: object, keys: EventKey[]): void => {
    const place = { blockNumber: number, logIndex: events.length, transactionHash, transactionIndex: 0 };
    events.push({ ...place, address: exchange, contract: "EnergyExchange", name, args: JSON.stringify(args), keys });
  };
  for (let zone = 1; zone <= zones; ++zone) {
    emit("ZoneCreated", { zone }, [{ kind: "zone", value: String(zone) }]);
    const told = await store.events(
      { names: ["ReadingSettled"], key: { kind: "zone", value: String(zone) } },
      { limit: metersPerZone },
    );
    const lanes = { laneEven: null, laneOdd: null, balanceTicks: 0n, reliability: 0x800, tier: 0, flags: NO_FLAGS };
    const word = String(encodeMeterWord({ importWh: 0, exportWh: 0, lastSlot: 1, ...lanes, powerClass: 64, zone }));
    for (const { args } of told) {
      const { meter } = JSON.parse(args) as { readonly meter: string };
      addresses.push(getChecksum(meter));
      emit("MeterRegistered", { meter, site: addresses.length, kind: 1, source: addresses.length % 5, word }, [
        { kind: "party", value: meter },
        { kind: "site", value: String(addresses.length) },
      ]);
    }
  }
  const block: BlockRow = {
    ...{ number, hash: `0x${"e".repeat(64)}`, parentHash: head?.hash ?? "", time: (head?.time ?? 0) + 1 },
    ...{ gasUsed: 0, gasLimit: 1, transactions: 1 },
  };
  const transaction = {
    ...{ hash: transactionHash, blockNumber: number, index: 0, from: exchange, to: exchange, nonce: 0, contract: null },
    ...{ method: null, succeeded: true, gasUsed: 0, createdContract: null },
  };
  if (known.length === 0) await store.append({ blocks: [block], transactions: [transaction], events });
  return { exchange, addresses };
}

/** A node that knows no transaction and whose contracts hold nothing: what is measured is the server. */
function stillNode(): RpcClient {
  const functions = new Interface(EXCHANGE_ABI);
  const results = new Map<string, string>();
  const answer = (method: string, params: readonly unknown[]): unknown => {
    if (method === "eth_getBlockByNumber") {
      const zero = `0x${"0".repeat(64)}`;
      return { number: "0x0", hash: zero, parentHash: zero, timestamp: "0x684fff00", gasLimit: "0x1" };
    }
    if (method !== "eth_call") return null;
    const { data = "" } = params[0] as { readonly data?: string };
    const selector = data.slice(0, 10);
    let result = results.get(selector);
    if (result === undefined) {
      const called = functions.getFunction(selector);
      result =
        called === null ? `0x${"0".repeat(64)}` : functions.encodeFunctionResult(called, called.outputs.map(nothing));
      results.set(selector, result);
    }
    return result;
  };
  const call = <T>({ method, params, parse }: RpcCall<T>): Promise<T> => Promise.resolve(parse(answer(method, params)));
  return {
    url: "http://127.0.0.1:0",
    decodeRevert: createRevertDecoder([]),
    call,
    all: (calls) => Promise.all(calls.map(call)),
    batch: (async (calls: readonly RpcCall<unknown>[]) => {
      const values = await Promise.all(calls.map(call));
      return values.map((value): RpcOutcome<unknown> => ({ ok: true, value }));
    }) as RpcClient["batch"],
  };
}

function nothing(type: ParamType): unknown {
  if (type.isArray()) return [];
  if (type.isTuple()) return type.components.map(nothing);
  if (type.type === "bool") return false;
  if (type.type === "address") return `0x${"0".repeat(40)}`;
  return type.type.startsWith("bytes") ? `0x${"00".repeat(Number(type.type.slice(5)))}` : 0;
}
