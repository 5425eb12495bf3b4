import type { Interface } from "ethers";
import { itemErrorOf, selectorOf, type ItemError } from "../../../src/market/itemErrors.ts";
import type { OrderReceipt } from "../../../src/market/sign.ts";
import { Refusal, type World } from "../ghost/world.ts";
import type { BookOrder } from "../ghost/market.ts";
import type { Arena } from "./arena.ts";
import { readState, type ChainState } from "./chainState.ts";
import { differences } from "./compare.ts";
import {
  checkBonds,
  checkClearing,
  checkGridLeg,
  checkGridSums,
  checkMoney,
  checkRegisters,
  checkRole,
  countLeaves,
  exchangeEvents,
  type Ledger,
} from "./invariants.ts";
import type { Leaf, Reading } from "../ghost/readings.ts";
import type { SigningKey } from "../../../src/market/signer.ts";

/** How often each verb went through, and how often it was refused for what. */
export type Summary = Map<string, Map<string, number>>;

export interface Expected {
  skipped?: readonly (string | { meter: string; reason: string })[];
  leaves?: readonly Leaf[];
}

export interface Call {
  /** Name in the summary; the method if left out. */
  name?: string;
  from: string;
  method: string;
  args: readonly unknown[];
  to?: "exchange" | "token" | "desk";
  /** The caller acts as this role: nobody's money may move. */
  role?: string;
}

/** A signed order that the matcher gave a receipt for and left out of its book. */
export interface Omitted {
  zone: number;
  slot: number;
  order: BookOrder;
  signature: string;
  receipt: OrderReceipt;
}

/** One sequence: the chain, its ghost, and what the handlers remember. */
export class Run {
  readonly arena: Arena;
  readonly summary: Summary;
  readonly keys: Map<string, SigningKey>;
  world: World;
  chain: ChainState;
  ledger: Ledger;
  readonly omitted: Omitted[] = [];
  lastBatch: { zone: number; slot: number; readings: Reading[] } | null = null;
  newKeys = 0;
  steps = 0;

  private constructor(arena: Arena, summary: Summary, chain: ChainState) {
    this.arena = arena;
    this.summary = summary;
    this.keys = new Map(arena.meterKeys);
    this.world = structuredClone(arena.world);
    this.chain = chain;
    this.ledger = {
      minted: new Map(),
      burned: new Map(),
      offset: new Map(),
      proven: new Map(),
      posted: new Map([
        ...[...chain.sites].map(([id, { bond }]) => [`site ${String(id)}`, bond] as const),
        ...[...chain.matcherBonds].map(([matcher, { ticks }]) => [`matcher ${matcher}`, ticks] as const),
      ]),
      slashed: new Map(),
      faults: new Set(),
      firstSupply: chain.supply,
      firstRegisters: new Map(
        [...chain.meters].map(([address, { word }]) => [address, [word.importWh, word.exportWh]]),
      ),
    };
  }

  static async begin(arena: Arena, summary: Summary): Promise<Run> {
    const { world } = arena;
    const chain = await readState(arena, world, world, new Map(), world.credits.keys());
    requireEqual("the set-up", world, chain);
    return new Run(arena, summary, chain);
  }

  /** Time never goes back; the next block is at `time` or later. */
  waitUntil(time: number): void {
    this.world.now = Math.max(this.world.now, time);
  }

  /** Send a call, and require of it and of the state afterwards what the ghost predicts. */
  async attempt<T extends Expected | undefined>(
    call: Call,
    predict: (world: World) => T,
  ): Promise<{ done: boolean; value: T | undefined }> {
    const name = call.name ?? call.method;
    const before = this.world;
    const draft = structuredClone(before);
    let refusal: string | null = null;
    let value: T | undefined;
    try {
      value = predict(draft);
    } catch (problem) {
      if (!(problem instanceof Refusal)) throw problem;
      refusal = problem.message;
    }
    const { arena } = this;
    const to = call.to ?? "exchange";
    const abi: Interface = { exchange: arena.market.exchange, token: arena.market.credit, desk: arena.market.desk }[to]
      .interface;
    const data = abi.encodeFunctionData(call.method, call.args);
    await arena.connection.provider.request({ method: "evm_setNextBlockTimestamp", params: [before.now] });
    const outcome = await arena.send(call.from, arena[to], data);
    if (outcome.error !== refusal) {
      throw new Error(`${name}: the ghost says ${refusal ?? "done"}, the chain says ${outcome.error ?? "done"}`);
    }
    count(this.summary, name, refusal ?? "done");
    if (refusal !== null) return { done: false, value: undefined };

    const events = exchangeEvents(outcome, arena.exchange);
    requireSkips(name, value?.skipped ?? [], events);
    countHappenings(this.summary, events, value?.leaves ?? []);
    const full = ++this.steps % 16 === 0;
    const touched = full ? draft.credits.keys() : touchedHolders(arena, outcome.logs);
    const chain = await readState(arena, before, draft, this.chain.credits, touched);
    requireEqual(name, draft, chain);
    if (value?.leaves) countLeaves(this.ledger, value.leaves, events);
    checkGridLeg(chain, before, this.ledger, events);
    checkGridSums(chain, draft, this.ledger);
    checkMoney(chain, arena.exchange, draft.donated);
    checkBonds(chain, this.ledger, events);
    checkClearing(chain, events);
    checkRegisters(this.chain, chain, this.ledger);
    if (call.role !== undefined) checkRole(this.chain, chain, call.role);
    this.world = draft;
    this.chain = chain;
    return { done: true, value };
  }
}

function touchedHolders(arena: Arena, logs: readonly { address: string; topics: string[] }[]): Set<string> {
  const holders = new Set<string>();
  for (const { address, topics } of logs) {
    if (address.toLowerCase() !== arena.token.toLowerCase()) continue;
    for (const topic of topics.slice(1, 3)) {
      const tail = topic.slice(26).toLowerCase();
      for (const holder of arena.world.credits.keys()) if (holder.slice(2).toLowerCase() === tail) holders.add(holder);
    }
  }
  return holders;
}

function requireSkips(
  name: string,
  expected: NonNullable<Expected["skipped"]>,
  events: ReturnType<typeof exchangeEvents>,
): void {
  const skips = new Set(["ReadingSkipped", "OrderSkipped", "CloseSkipped"]);
  const real = events
    .filter((event) => skips.has(event.name))
    .map(({ args }) => `${String(args.meter)} ${String(args.reason)}`);
  const ghost = expected.map((item) =>
    typeof item === "string"
      ? `${item} ${selectorOf("NothingToClose")}`
      : `${item.meter} ${selectorOf(item.reason as ItemError)}`,
  );
  if (real.join() !== ghost.join()) {
    throw new Error(`${name}: the ghost skips [${ghost.join("; ")}], the chain skips [${real.join("; ")}]`);
  }
}

function requireEqual(name: string, world: World, chain: ChainState): void {
  const found = differences(world, chain);
  if (found.length > 0)
    throw new Error(`${name} leaves another state than the ghost's:\n  ${found.slice(0, 8).join("\n  ")}`);
}

/** What came of the calls, so that a part of the exchange that is never reached shows. */
function countHappenings(summary: Summary, events: ReturnType<typeof exchangeEvents>, leaves: readonly Leaf[]): void {
  for (const { name, args } of events) {
    if (name.endsWith("Skipped")) count(summary, name, itemErrorOf(String(args.reason)) ?? "unknown");
    else if (name === "SlotClosed") count(summary, "event", args.flagged === true ? "flagged" : "unflagged");
    else if (name === "SlotCleared") count(summary, "event", args.matchedWh === 0n ? "no trade" : "trade");
    else count(summary, "event", name);
  }
  for (const { gap } of leaves) count(summary, "reading", gap ? "gap" : "in time");
}

export function count(summary: Summary, name: string, result: string): void {
  const results = summary.get(name) ?? new Map<string, number>();
  results.set(result, (results.get(result) ?? 0) + 1);
  summary.set(name, results);
}
