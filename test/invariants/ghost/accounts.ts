import { syncSite, sync } from "./gridLeg.ts";
import { ownerOf } from "./readings.ts";
import {
  addTo,
  BALANCE_CEILING,
  burn,
  headroomOf,
  isFlagged,
  least,
  mint,
  must,
  pull,
  push,
  recordOf,
  refuse,
  requireMature,
  RING,
  slotAt,
  supplyOf,
  zoneOf,
  type Meter,
  type Site,
  type World,
} from "./world.ts";

function known(world: World, address: string): Meter {
  const meter = world.meters.get(address);
  return meter === undefined || meter.retired ? refuse("UnknownMeter") : meter;
}

function owned(world: World, caller: string, address: string): Meter {
  const meter = world.meters.get(address) ?? refuse("UnknownMeter");
  if (ownerOf(world, meter) !== caller) refuse("NotEntitled");
  return meter;
}

function site(world: World, id: number): Site {
  return world.sites.get(id) ?? refuse("UnknownSite");
}

/** A site's balances go to its debt before anything leaves it. */
function seizeBalances(world: World, of: Site): void {
  for (const address of of.meters) {
    const meter = must(world.meters.get(address));
    const part = least(meter.balance, of.debt);
    meter.balance -= part;
    of.debt -= part;
    burn(world, part);
  }
}

function requireNoDebt(world: World, of: Site): void {
  seizeBalances(world, of);
  if (of.debt > 0n) refuse("SiteIndebted");
}

export function deposit(world: World, caller: string, address: string, amount: bigint): void {
  const meter = known(world, address);
  if (amount === 0n) refuse("NothingToPay");
  if (meter.balance + amount > BALANCE_CEILING) refuse("BalanceOverflow");
  pull(world, caller, amount);
  meter.balance += amount;
}

export function move(world: World, caller: string, from: string, to: string, amount: bigint): void {
  const source = owned(world, caller, from);
  const target = world.meters.get(to);
  if (from === to || target?.site !== source.site) return refuse("UnknownMeter");
  requireNoDebt(world, must(world.sites.get(source.site)));
  if (target.retired) refuse("UnknownMeter");
  if (amount > source.balance) refuse("AmountTooLarge");
  source.balance -= amount;
  target.balance += amount;
}

export function requestWithdrawal(world: World, caller: string, address: string, amount: bigint, to: string): number {
  const meter = owned(world, caller, address);
  if (amount === 0n) refuse("NothingToPay");
  requireNoDebt(world, must(world.sites.get(meter.site)));
  if (amount > meter.balance) refuse("AmountTooLarge");
  meter.balance -= amount;
  const id = ++world.withdrawalCount;
  world.withdrawals.set(id, { id, to, amount, maturitySlot: slotAt(world.now), site: meter.site, meter: address });
  return id;
}

export function collectWithdrawal(world: World, id: number): void {
  const waiting = world.withdrawals.get(id) ?? refuse("UnknownWithdrawal");
  const of = must(world.sites.get(waiting.site));
  requireMature(world, zoneOf(world, of.zone), waiting.maturitySlot);
  world.withdrawals.delete(id);
  seizeBalances(world, of);
  const repaid = least(waiting.amount, of.debt);
  of.debt -= repaid;
  burn(world, repaid);
  push(world, waiting.to, waiting.amount - repaid);
}

export function postBond(world: World, caller: string, id: number, amount: bigint): void {
  const of = site(world, id);
  if (amount === 0n) refuse("NothingToPay");
  pull(world, caller, amount);
  of.bond += amount;
  syncSite(world, of);
}

export function requestUnbond(world: World, caller: string, id: number, amount: bigint): void {
  const of = site(world, id);
  if (caller !== of.owner) refuse("NotEntitled");
  if (amount > of.bond) refuse("AmountTooLarge");
  of.unbonding = amount;
  of.unbondingSlot = slotAt(world.now) + RING;
  syncSite(world, of);
}

export function collectBond(world: World, caller: string, id: number, to: string): void {
  const of = site(world, id);
  if (caller !== of.owner) refuse("NotEntitled");
  if (of.unbonding === 0n) refuse("NothingToPay");
  if (of.unbondingSlot > slotAt(world.now)) refuse("NotMature");
  requireMature(world, zoneOf(world, of.zone), of.unbondingSlot - RING);
  seizeBalances(world, of);
  const repaid = least(of.bond, of.debt);
  of.bond -= repaid;
  of.debt -= repaid;
  burn(world, repaid);
  const amount = least(of.unbonding, of.bond);
  if (amount === 0n) refuse("NothingToPay");
  of.bond -= amount;
  of.unbonding = 0n;
  syncSite(world, of);
  push(world, to, amount);
}

export function payDebt(world: World, caller: string, id: number, most: bigint): void {
  const of = site(world, id);
  const amount = least(most, of.debt);
  if (amount === 0n) refuse("NothingToPay");
  pull(world, caller, amount);
  burn(world, amount);
  of.debt -= amount;
  syncSite(world, of);
}

export function seize(world: World, id: number): void {
  const of = site(world, id);
  if (of.debt === 0n) refuse("NothingToPay");
  seizeBalances(world, of);
  syncSite(world, of);
}

export function writeOff(world: World, id: number, amount: bigint): void {
  const of = site(world, id);
  if (amount === 0n) refuse("NothingToPay");
  if (amount > of.debt) refuse("AmountTooLarge");
  of.debt -= amount;
  addTo(world.totals.writtenOffTicks, id, amount);
  syncSite(world, of);
}

/** A claim offsets its site's debt first, then is minted as far as there is room. */
export function payClaim(world: World, address: string): void {
  const meter = known(world, address);
  const of = must(world.sites.get(meter.site));
  const offset = least(meter.claim, of.debt);
  const minted = least(meter.claim - offset, headroomOf(world));
  if (offset + minted === 0n) refuse("NothingToPay");
  of.debt -= offset;
  meter.claim -= offset + minted;
  meter.balance += minted;
  mint(world, minted);
  sync(world, meter);
}

export function syncMeter(world: World, address: string): void {
  sync(world, known(world, address));
}

export function collectCharges(world: World, zoneId: number): void {
  const zone = zoneOf(world, zoneId);
  const { accruals, accounts } = zone;
  if (accruals.network + accruals.levy + accruals.fee + accruals.season === 0n) refuse("NothingToPay");
  zone.accruals = { network: 0n, levy: 0n, fee: 0n, season: 0n };
  push(world, accounts.network, accruals.network);
  push(world, accounts.levy, accruals.levy);
  push(world, accounts.fee, accruals.fee);
  push(world, accounts.season, accruals.season);
}

export function collectEarnings(world: World, caller: string, to: string): void {
  const amount = world.earned.get(caller) ?? 0n;
  if (amount === 0n) refuse("NothingToPay");
  world.earned.set(caller, 0n);
  push(world, to, amount);
}

export function postMatcherBond(world: World, caller: string, matcher: string, amount: bigint): void {
  if (amount === 0n) refuse("BadParameter");
  pull(world, caller, amount);
  const bond = world.matcherBonds.get(matcher) ?? { ticks: 0n, unlockSlot: 0 };
  world.matcherBonds.set(matcher, { ...bond, ticks: bond.ticks + amount });
}

export function requestMatcherUnlock(world: World, caller: string): void {
  const bond = world.matcherBonds.get(caller);
  if (bond === undefined || bond.ticks === 0n) return refuse("NothingToPay");
  world.matcherBonds.set(caller, { ...bond, unlockSlot: slotAt(world.now) + 256 });
}

export function collectMatcherBond(world: World, caller: string, to: string): void {
  const bond = world.matcherBonds.get(caller);
  if (bond === undefined || bond.ticks === 0n || bond.unlockSlot === 0) return refuse("NothingToPay");
  if (slotAt(world.now) < bond.unlockSlot) refuse("NotMature");
  world.matcherBonds.delete(caller);
  push(world, to, bond.ticks);
}

export function endInspection(world: World, zoneId: number, slot: number): void {
  const zone = zoneOf(world, zoneId);
  if (recordOf(zone, slot) === undefined || slot > zone.closedThrough || !isFlagged(world, zone, slot)) {
    refuse("NoSlotRecord");
  }
  zone.flagged.delete(slot);
}

/** The credit line that GRID states must keep credits in circulation backed. `line` in base units. */
export function setCreditLine(world: World, line: bigint): void {
  if (world.fundsBacking + line < supplyOf(world) * 1_000_000_000n) refuse("Unbacked");
  world.creditLine = line;
}

export function donate(world: World, caller: string, amount: bigint): void {
  pull(world, caller, amount);
  world.donated += amount;
}
