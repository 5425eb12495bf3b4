import type { ConnectedExchange } from "../chain/exchange.ts";
import type { MarketDomain, Order } from "../market/messages.ts";
import type { OrderInput } from "../market/service/types.ts";
import { signOrder, signReading } from "../market/sign.ts";
import type { EnergyProfile } from "../meters/profiles/energyProfile.ts";
import type { ReadingInput } from "../meters/gateway/types.ts";
import { slotEnd, slotStart } from "../units.ts";
import type { LocalClock } from "./localClock.ts";
import type { Member } from "./members.ts";
import type { CommunityServices } from "./openServices.ts";
import { planOrder } from "./planOrder.ts";

/** Cumulative registers of a meter, Wh. */
export interface Registers {
  readonly importWh: number;
  readonly exportWh: number;
}

export interface RunSlotsInput {
  readonly exchange: ConnectedExchange;
  readonly services: CommunityServices;
  readonly clock: LocalClock;
  readonly domain: MarketDomain;
  readonly members: readonly Member[];
  readonly zones: number;
  /** Energy from `firstSlot` on. */
  readonly profiles: ReadonlyMap<string, EnergyProfile>;
  readonly firstSlot: number;
  readonly slots: number;
  /** From this slot on, orders and readings are counted. */
  readonly countFrom: number;
  readonly seed: number;
  /** Where the meters' registers stand before the first slot, by name; at zero where absent. */
  readonly registers?: ReadonlyMap<string, Registers>;
  /** Earlier slots are read and not traded; all are traded where absent. */
  readonly tradeFrom?: number;
  /** What a meter orders for a slot, in place of what follows from its energy and its preference. */
  readonly orderOf?: (member: Member, slot: number) => Order | undefined;
  /** What happens beside the market once a slot's readings were handed in; the clock is 20 seconds into the next slot. */
  readonly afterSlot?: (slot: number, readings: readonly ReadingInput[]) => Promise<void>;
  readonly onSlot?: (done: number) => void;
}

export interface RunSlotsResult {
  /** Orders that the matcher gave a receipt for, and those that it refused. */
  readonly orders: number;
  readonly refusedOrders: number;
  /** Readings that the gateway took. */
  readonly readings: number;
}

// Seconds at which the driver acts; each is inside the window that the services ask for.
const SETTLE_AFTER = 20;
const ORDER_AFTER = 60;
const COMMIT_BEFORE = 590;

/**
 * Drives a local chain through a run of market slots by its block timestamps. In every slot the gateway settles the
 * readings of the slot before, the closer closes it, and the matcher takes, commits and clears the next slot's orders.
 */
export async function runSlots(input: RunSlotsInput): Promise<RunSlotsResult> {
  const { services, clock, firstSlot, slots, countFrom, afterSlot, onSlot } = input;
  const registers = new Map(
    input.members.map(({ name }) => {
      const { importWh = 0, exportWh = 0 } = input.registers?.get(name) ?? {};
      return [name, { importWh, exportWh }];
    }),
  );
  const count = { orders: 0, refusedOrders: 0, readings: 0 };
  // The slot before the first one has only the meters' first reading, which is what lets them trade.
  for (let slot = firstSlot - 1; slot < firstSlot + slots; ++slot) {
    if (slot + 1 < firstSlot + slots && slot + 1 >= (input.tradeFrom ?? firstSlot)) {
      const traded = await trade(input, slot + 1);
      if (slot + 1 >= countFrom) {
        count.orders += traded.receipts;
        count.refusedOrders += traded.refusals;
      }
    }
    const readings = readSlot(input, slot, registers);
    clock.set(slotEnd(slot) + SETTLE_AFTER);
    await services.gateway.submitAll(readings);
    if (slot >= countFrom) count.readings += readings.length;
    await services.gateway.step(clock.now());
    await services.closer.step(clock.now());
    await afterSlot?.(slot, readings);
    onSlot?.(slot - firstSlot + 1);
  }
  return count;
}

/** Brings a slot's orders to the matcher, which commits and clears their books. */
async function trade(input: RunSlotsInput, slot: number): Promise<{ receipts: number; refusals: number }> {
  const { matcher } = input.services;
  const { clock } = input;
  clock.set(slotStart(slot - 1) + ORDER_AFTER);
  await matcher.step(clock.now());
  const outcomes = await matcher.submitAll(await signOrders(input, slot));
  clock.set(slotStart(slot) - COMMIT_BEFORE);
  await matcher.step(clock.now());
  const receipts = outcomes.filter(({ receipt }) => receipt !== undefined).length;
  return { receipts, refusals: outcomes.length - receipts };
}

async function signOrders(
  { exchange, domain, members, zones, profiles, firstSlot, seed, orderOf }: RunSlotsInput,
  slot: number,
): Promise<OrderInput[]> {
  const signed = (member: Member, order: Order | undefined): OrderInput[] =>
    order === undefined ? [] : [{ ...order, signature: signOrder(domain, member.key, order).signature }];
  if (orderOf !== undefined) return members.flatMap((member) => signed(member, orderOf(member, slot)));
  const tariffs = await Promise.all(Array.from({ length: zones }, (_, zone) => exchange.tariff(zone + 1, slot)));
  return members.flatMap((member) => {
    const tariff = tariffs[member.zone - 1];
    const profile = profiles.get(member.name);
    if (tariff === undefined || profile === undefined) return [];
    const place = slot - firstSlot;
    const importWh = profile.importWh[place] ?? 0;
    const exportWh = profile.exportWh[place] ?? 0;
    return signed(member, planOrder({ member, slot, seed, importWh, exportWh, tariff }));
  });
}

/** Moves every register on by what flowed in the slot, and signs it. */
function readSlot(
  { domain, members, profiles, firstSlot }: RunSlotsInput,
  slot: number,
  registers: Map<string, { importWh: number; exportWh: number }>,
): ReadingInput[] {
  const place = slot - firstSlot;
  return members.map(({ name, key, zone }) => {
    const register = registers.get(name) ?? { importWh: 0, exportWh: 0 };
    const profile = place < 0 ? undefined : profiles.get(name);
    register.importWh += profile?.importWh[place] ?? 0;
    register.exportWh += profile?.exportWh[place] ?? 0;
    const reading = { zone, slot, ...register };
    return { ...reading, signature: signReading(domain, key, reading).signature };
  });
}
