import type { Interface, Result } from "ethers";
import { decodeMeterWord, type MeterWord } from "../../../src/market/meterWord.ts";
import type { World } from "../ghost/world.ts";
import type { Arena } from "./arena.ts";

export interface ChainMeter {
  word: MeterWord;
  site: number;
  status: number;
  claim: bigint;
  delegate: string;
}

export interface ChainSite {
  owner: string;
  bond: bigint;
  debt: bigint;
  unbonding: bigint;
  unbondingSlot: number;
  faults: number;
  requiredBond: bigint;
  meters: string[];
}

/** Everything of the exchange's state that the tests know how to ask for, decoded. */
export interface ChainState {
  meters: Map<string, ChainMeter>;
  sites: Map<number, ChainSite>;
  zones: Map<number, Result>;
  /** Records by `zone:slot`, with their placed orders. */
  records: Map<string, { record: Result; placed: Result }>;
  withdrawals: Map<number, bigint>;
  earned: Map<string, bigint>;
  matcherBonds: Map<string, { ticks: bigint; unlockSlot: number }>;
  credits: Map<string, bigint>;
  supply: bigint;
  headroom: bigint;
}

/** Slots of a zone whose records may still hold money or have just been closed. */
export function watchedSlots(before: World, after: World, zone: number): number[] {
  const closed = before.zones.get(zone)?.closedThrough ?? 0;
  return [...(after.zones.get(zone)?.ring.values() ?? [])].map(({ slot }) => slot).filter((slot) => slot > closed);
}

/** Read the state in one call; `touched` are the holders whose credits may have changed since `known`. */
export async function readState(
  arena: Arena,
  before: World,
  after: World,
  known: ReadonlyMap<string, bigint>,
  touched: Iterable<string>,
): Promise<ChainState> {
  const abi: Interface = arena.market.exchange.interface;
  const asked: { method: string; args: unknown[]; take: (result: Result) => void }[] = [];
  const state: ChainState = {
    meters: new Map(),
    sites: new Map(),
    zones: new Map(),
    records: new Map(),
    withdrawals: new Map(),
    earned: new Map(),
    matcherBonds: new Map(),
    credits: new Map(known),
    supply: 0n,
    headroom: 0n,
  };
  const ask = (method: string, args: unknown[], take: (result: Result) => void) => asked.push({ method, args, take });
  const first = (result: Result): Result => result[0] as Result;

  for (const address of after.meters.keys()) {
    ask("meterWord", [address], (word) =>
      ask("meterConfig", [address], (config) => {
        state.meters.set(address, {
          word: decodeMeterWord(word[0] as bigint),
          site: Number(first(config).site),
          status: Number(first(config).status),
          claim: first(config).claimTicks as bigint,
          delegate: String(first(config).delegate),
        });
      }),
    );
  }
  for (const id of after.sites.keys()) {
    ask("siteInfo", [id], (result) => {
      const site = first(result);
      state.sites.set(id, {
        owner: String(site.owner),
        bond: site.bondTicks as bigint,
        debt: site.debtTicks as bigint,
        unbonding: site.unbondingTicks as bigint,
        unbondingSlot: Number(site.unbondingSlot),
        requiredBond: site.requiredBondTicks as bigint,
        faults: Number(site.faults),
        meters: [...(site.meters as string[])],
      });
    });
  }
  for (const zone of after.zones.keys()) {
    ask("zoneInfo", [zone], (result) => state.zones.set(zone, first(result)));
    for (const slot of watchedSlots(before, after, zone)) {
      ask("slotRecord", [zone, slot], (record) =>
        ask("placedOrders", [zone, slot], (placed) =>
          state.records.set(`${zone}:${slot}`, { record: first(record), placed: first(placed) }),
        ),
      );
    }
  }
  for (const id of new Set([...before.withdrawals.keys(), ...after.withdrawals.keys()])) {
    ask("withdrawal", [id], (result) => state.withdrawals.set(id, first(result).amountTicks as bigint));
  }
  for (const account of after.earned.keys()) {
    ask("earned", [account], (result) => state.earned.set(account, result[0] as bigint));
  }
  for (const matcher of arena.matchers) {
    ask("matcherBond", [matcher], (result) =>
      state.matcherBonds.set(matcher, { ticks: result[0] as bigint, unlockSlot: Number(result[1]) }),
    );
  }
  // Answers may ask further questions: at most one more round.
  for (let round = asked.splice(0); round.length > 0; round = asked.splice(0)) {
    const calls = round.map(({ method, args }) => encoded(abi, method, args));
    const answers = splitBytes(await arena.call(arena.exchange, multicall(calls)));
    round.forEach(({ method, take }, index) => take(decoded(abi, method, calls[index] ?? "", answers[index] ?? "")));
  }
  const token: Interface = arena.market.credit.interface;
  for (const holder of touched) {
    const answer = await arena.call(arena.token, token.encodeFunctionData("balanceOf", [holder]));
    state.credits.set(holder, BigInt(answer));
  }
  state.supply = BigInt(await arena.call(arena.token, token.encodeFunctionData("totalSupply")));
  state.headroom = BigInt(
    await arena.call(arena.desk, arena.market.desk.interface.encodeFunctionData("headroomTicks")),
  );
  return state;
}

// Encoding and decoding by the library take most of a sequence's time: what was asked before is not encoded again, and
// an answer that has not changed is not decoded again.
const encodings = new Map<string, string>();
const decodings = new Map<string, { answer: string; result: Result }>();

function encoded(abi: Interface, method: string, args: readonly unknown[]): string {
  const key = `${method}(${args.join()})`;
  const known = encodings.get(key) ?? abi.encodeFunctionData(method, args).slice(2);
  encodings.set(key, known);
  return known;
}

function decoded(abi: Interface, method: string, call: string, answer: string): Result {
  const known = decodings.get(call);
  if (known?.answer === answer) return known.result;
  const result = abi.decodeFunctionResult(method, `0x${answer}`);
  decodings.set(call, { answer, result });
  return result;
}

const word = (value: number): string => value.toString(16).padStart(64, "0");

/** Calldata of `multicall(bytes[])`. */
function multicall(calls: readonly string[]): string {
  const bodies = calls.map((call) => word(call.length / 2) + call.padEnd(Math.ceil(call.length / 64) * 64, "0"));
  let offset = 32 * calls.length;
  const offsets = bodies.map((body) => {
    const at = word(offset);
    offset += body.length / 2;
    return at;
  });
  return `0xac9650d8${word(32)}${word(calls.length)}${offsets.join("")}${bodies.join("")}`;
}

/** The items of an ABI-encoded `bytes[]`, hex without prefix. */
function splitBytes(data: string): string[] {
  const base = 2 + 128;
  const at = (place: number): number => Number(`0x${data.slice(place, place + 64)}`);
  return Array.from({ length: at(2 + 64) }, (_, index) => {
    const start = base + 2 * at(base + 64 * index);
    return data.slice(start + 64, start + 64 + 2 * at(start));
  });
}
