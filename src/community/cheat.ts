import type { MarketDomain } from "../market/messages.ts";
import { signReading, type SignedReading } from "../market/sign.ts";
import type { ReadingInput } from "../meters/gateway/types.ts";
import type { Member } from "./members.ts";

/** A meter that tells the gateway one thing and somebody else another. */
export interface Cheat {
  readonly member: Member;
  /** The slot that it signs twice. */
  readonly slot: number;
}

/** At noon a roof gives most, and more still sounds likely. */
const CHEATING_AFTER_SLOTS = 48;
const EMBELLISHED_WH = 500;

/**
 * The community's cheat: its last home with panels behind one meter, at noon of the first day. Undefined where no home has
 * panels.
 */
export function chooseCheat(members: readonly Member[], firstSlot: number): Cheat | undefined {
  const member = members.findLast(({ kind }) => kind === "prosumer");
  return member === undefined ? undefined : { member, slot: firstSlot + CHEATING_AFTER_SLOTS };
}

/** What the cheat signs for others beside its reading for the gateway: that it gave more. */
export function embellished(
  domain: MarketDomain,
  { member, slot }: Cheat,
  readings: readonly ReadingInput[],
  meters: readonly Member[],
): SignedReading | undefined {
  const honest = readings[meters.indexOf(member)];
  if (honest?.slot !== slot) return undefined;
  const { zone, importWh, exportWh } = honest;
  return signReading(domain, member.key, { zone, slot, importWh, exportWh: exportWh + EMBELLISHED_WH });
}
