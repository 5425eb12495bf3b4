import type { ConnectedExchange } from "../chain/exchange.ts";
import { setNextBlockTime } from "../chain/localChain.ts";
import type { TransactionRequest } from "../chain/signTransaction.ts";
import { buildBook, encodeBook } from "../market/book.ts";
import type { MarketDomain } from "../market/messages.ts";
import { encodeReadings } from "../market/readings.ts";
import { signOrder, signReading, type SignedOrder } from "../market/sign.ts";
import type { EnergyProfile } from "../meters/profiles/energyProfile.ts";
import { SLOT_SECONDS } from "../units.ts";
import { planOrder } from "./planOrder.ts";
import { exchangeCall, type LocalSenders } from "./registerCommunity.ts";
import type { Member } from "./members.ts";

export interface RunSlotsInput {
  readonly exchange: ConnectedExchange;
  readonly domain: MarketDomain;
  readonly senders: LocalSenders;
  readonly members: readonly Member[];
  readonly zones: number;
  readonly profiles: ReadonlyMap<string, EnergyProfile>;
  readonly firstSlot: number;
  readonly slots: number;
  readonly seed: number;
  readonly onSlot?: (done: number) => void;
}

export interface RunSlotsResult {
  /** Orders that were signed and committed. */
  readonly orders: number;
  /** Readings that were signed and submitted. */
  readonly readings: number;
}

// Seconds into a slot at which the driver acts; each is inside the window that the contracts ask for.
const SETTLE_AT = 20;
const COMMIT_BEFORE = 590;
const CLEAR_BEFORE = 450;

/**
 * Drives a local chain through a run of market slots by its block timestamps. In every slot: the readings of the slot
 * before are settled and that slot is closed; then the next slot's orders are committed and cleared.
 */
export async function runSlots(input: RunSlotsInput): Promise<RunSlotsResult> {
  const { exchange, senders, firstSlot, slots, onSlot } = input;
  const registers = new Map(input.members.map(({ name }) => [name, { importWh: 0, exportWh: 0 }]));
  const count = { orders: 0, readings: 0 };
  // The slot before the first one has only the meters' first reading, which is what lets them trade.
  for (let slot = firstSlot - 1; slot < firstSlot + slots; ++slot) {
    if (slot + 1 < firstSlot + slots) count.orders += await trade(input, slot + 1);
    const batches = readSlot(input, slot, registers);
    count.readings += input.members.length;
    await setNextBlockTime(exchange.rpc, (slot + 1) * SLOT_SECONDS + SETTLE_AT);
    await senders.of("gateway").send(batches);
    onSlot?.(slot - firstSlot + 1);
  }
  return count;
}

/** Commits and clears the books of a slot; returns how many orders they hold. */
async function trade(input: RunSlotsInput, slot: number): Promise<number> {
  const { exchange, domain, senders, zones } = input;
  const signed = await signOrders(input, slot);
  const commits: TransactionRequest[] = [];
  const clears: TransactionRequest[] = [];
  for (let zone = 1; zone <= zones; ++zone) {
    const orders = signed.filter((order) => order.zone === zone);
    if (orders.length === 0) continue;
    const book = buildBook({ domain, zone, slot, orders });
    const { bidEntries, offerEntries } = encodeBook(book);
    commits.push(exchangeCall(exchange, "commitBook", [zone, slot, book.hash, orders.length]));
    clears.push(exchangeCall(exchange, "clear", [zone, slot, bidEntries, offerEntries]));
  }
  if (commits.length === 0) return 0;
  const matcher = senders.of("matcher");
  await setNextBlockTime(exchange.rpc, slot * SLOT_SECONDS - COMMIT_BEFORE);
  await matcher.send(commits);
  await setNextBlockTime(exchange.rpc, slot * SLOT_SECONDS - CLEAR_BEFORE);
  await matcher.send(clears);
  return signed.length;
}

async function signOrders(
  { exchange, domain, members, zones, profiles, firstSlot, seed }: RunSlotsInput,
  slot: number,
): Promise<SignedOrder[]> {
  const tariffs = await Promise.all(Array.from({ length: zones }, (_, zone) => exchange.tariff(zone + 1, slot)));
  return members.flatMap((member) => {
    const tariff = tariffs[member.zone - 1];
    const profile = profiles.get(member.name);
    if (tariff === undefined || profile === undefined) return [];
    const place = slot - firstSlot;
    const order = planOrder({
      member,
      slot,
      seed,
      importWh: profile.importWh[place] ?? 0,
      exportWh: profile.exportWh[place] ?? 0,
      tariff,
    });
    return order === undefined ? [] : [signOrder(domain, member.key, order)];
  });
}

/** Moves every register on by what flowed in the slot, and signs it; settle and close, zone by zone. */
function readSlot(
  { exchange, domain, members, zones, profiles, firstSlot }: RunSlotsInput,
  slot: number,
  registers: Map<string, { importWh: number; exportWh: number }>,
): TransactionRequest[] {
  const place = slot - firstSlot;
  const requests: TransactionRequest[] = [];
  for (let zone = 1; zone <= zones; ++zone) {
    const readings = members
      .filter((member) => member.zone === zone)
      .map(({ name, key }) => {
        const register = registers.get(name) ?? { importWh: 0, exportWh: 0 };
        const profile = place < 0 ? undefined : profiles.get(name);
        register.importWh += profile?.importWh[place] ?? 0;
        register.exportWh += profile?.exportWh[place] ?? 0;
        const { signature } = signReading(domain, key, { zone, slot, ...register });
        return { ...register, signature };
      });
    requests.push(exchangeCall(exchange, "settle", [zone, slot, encodeReadings(readings)]));
    requests.push(exchangeCall(exchange, "close", [zone, slot, []]));
  }
  return requests;
}
