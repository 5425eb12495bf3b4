import { AbiCoder, keccak256, ZeroAddress, type LogDescription } from "ethers";
import { decodeFill, decodeLine } from "../../../src/market/packed.ts";
import { laneOf } from "../../../src/market/meterWord.ts";
import type { Leaf } from "../ghost/readings.ts";
import type { World } from "../ghost/world.ts";
import type { ChainState } from "./chainState.ts";
import type { Outcome } from "./arena.ts";

/** Sums over the whole sequence, taken from the chain's events alone. */
export interface Ledger {
  minted: Map<number, bigint>;
  burned: Map<number, bigint>;
  offset: Map<number, bigint>;
  /** Watt-hours in proof leaves, by meter: import, export. */
  proven: Map<string, [number, number]>;
  /** What was posted since the start and the first bond, less what its owner collected, by site and by matcher. */
  posted: Map<string, bigint>;
  /** What a bond paid: cut for faults, burned for what its site owed. */
  slashed: Map<string, bigint>;
  /** Faults that were punished. */
  faults: Set<string>;
  firstSupply: bigint;
  firstRegisters: Map<string, [number, number]>;
}

export class Broken extends Error {}

function hold(number: number, condition: boolean, what: string): void {
  if (!condition) throw new Broken(`invariant ${number} is broken: ${what}`);
}

const BASE = 1_000_000_000n;
const sum = (values: Iterable<bigint>): bigint => [...values].reduce((total, value) => total + value, 0n);
const add = <Key>(map: Map<Key, bigint>, key: Key, value: bigint) => map.set(key, (map.get(key) ?? 0n) + value);

/** 1: no credit appears or disappears outside grid leg and desk, and the exchange holds exactly what it owes. */
export function checkMoney(chain: ChainState, exchange: string, donated: bigint): void {
  hold(1, sum(chain.credits.values()) === chain.supply, "total supply is not the sum of balances");
  const owed =
    sum([...chain.meters.values()].map(({ word }) => word.balanceTicks)) +
    setAside(chain) +
    sum([...chain.sites.values()].map(({ bond }) => bond)) +
    sum([...chain.matcherBonds.values()].map(({ ticks }) => ticks)) +
    sum([...chain.zones.values()].flatMap((zone) => [...(zone.accruals as bigint[])])) +
    sum(chain.earned.values()) +
    sum(chain.withdrawals.values()) +
    sum([...chain.records.values()].map(({ record }) => record.workTicks as bigint)) +
    locks(chain) +
    donated;
  const held = chain.credits.get(exchange) ?? 0n;
  hold(1, held === owed * BASE, `the exchange holds ${held} base units and owes ${owed * BASE}`);
}

/** Proceeds of sellers whose position is not settled. */
function setAside(chain: ChainState): bigint {
  let ticks = 0n;
  for (const { word } of chain.meters.values()) {
    for (const slot of [word.lastSlot + 1, word.lastSlot + 2]) {
      const lane = laneOf(word, slot);
      if (lane?.side !== "offer") continue;
      const price = chain.records.get(`${word.zone}:${slot}`)?.record.clearingPrice as bigint;
      ticks += BigInt(lane.energyWh) * price;
    }
  }
  return ticks;
}

/** What orders placed on chain have locked in slots that are neither cleared nor closed. */
function locks(chain: ChainState): bigint {
  let ticks = 0n;
  for (const { record, placed } of chain.records.values()) {
    if ((Number(record.status) & (2 | 16)) !== 0) continue;
    for (const order of placed as unknown as Iterable<Record<string, bigint>>) {
      const energyWh = order.energyWh ?? 0n;
      if (energyWh === 0n) continue;
      const cost = order.side === 1n ? energyWh * (order.limitPrice ?? 0n) : 0n;
      ticks += 1_000_000n + cost + (cost * (record.feePpm as bigint) + 999_999n) / 1_000_000n;
    }
  }
  return ticks;
}

/** 2: what is bought is sold, at one price that is nobody's worse than asked and within the tariff. */
export function checkClearing(chain: ChainState, events: readonly LogDescription[]): void {
  const cleared = events.find(({ name }) => name === "SlotCleared");
  if (!cleared) return;
  const price = Number(cleared.args.clearingPrice);
  const record = chain.records.get(`${cleared.args.zone}:${cleared.args.slot}`)?.record;
  let bought = 0n;
  let sold = 0n;
  for (const event of events.filter(({ name }) => name === "OrderCleared")) {
    const fill = decodeFill(event.args[1] as bigint);
    if (fill.filledWh === 0) continue;
    if (fill.side === "bid") {
      bought += BigInt(fill.filledWh);
      hold(2, price <= fill.limitPrice, `a buyer pays ${price} with a limit of ${fill.limitPrice}`);
    } else {
      sold += BigInt(fill.filledWh);
      hold(2, price >= fill.limitPrice, `a seller gets ${price} with a limit of ${fill.limitPrice}`);
    }
    hold(2, fill.filledWh <= fill.energyWh, "a fill is larger than its order");
  }
  hold(2, bought === sold && sold === cleared.args.matchedWh, `bought ${bought} Wh, sold ${sold} Wh`);
  const inBand = price >= Number(record?.exportPrice) && price <= Number(record?.importPrice);
  hold(2, bought === 0n || inBand, `the price ${price} is outside the tariff`);
}

/** 3: registers and last slots never go down, and proof leaves carry each metered watt-hour exactly once. */
export function checkRegisters(before: ChainState, after: ChainState, ledger: Ledger): void {
  for (const [address, { word }] of after.meters) {
    const old = before.meters.get(address)?.word;
    if (old) {
      const rising = word.importWh >= old.importWh && word.exportWh >= old.exportWh && word.lastSlot >= old.lastSlot;
      hold(3, rising, `a register of ${address} went down`);
    } else {
      ledger.firstRegisters.set(address, [word.importWh, word.exportWh]);
    }
    const [firstImport, firstExport] = ledger.firstRegisters.get(address) ?? [0, 0];
    const [imported, exported] = ledger.proven.get(address) ?? [0, 0];
    const once = word.importWh - firstImport === imported && word.exportWh - firstExport === exported;
    hold(3, once, `leaves of ${address} do not add up to its registers`);
  }
}

/** 3: the batch's root is that of the leaves that the ghost expects, which are then counted. */
export function countLeaves(ledger: Ledger, leaves: readonly Leaf[], events: readonly LogDescription[]): void {
  const root = events.find(({ name }) => name === "BatchSettled")?.args.root as string | undefined;
  hold(
    3,
    root === (leaves.length === 0 ? undefined : rootOf(leaves)),
    "the batch proves other readings than it settled",
  );
  for (const { meter, importWh, exportWh } of leaves) {
    const [imported, exported] = ledger.proven.get(meter) ?? [0, 0];
    ledger.proven.set(meter, [imported + Number(importWh), exported + Number(exportWh)]);
  }
}

function rootOf(leaves: readonly Leaf[]): string {
  const coder = AbiCoder.defaultAbiCoder();
  let nodes = leaves.map(({ meter, zone, slot, importWh, exportWh, gap }) =>
    keccak256(
      coder.encode(
        ["address", "uint16", "uint32", "uint64", "uint64", "uint8"],
        [meter, zone, slot, importWh, exportWh, gap ? 1 : 0],
      ),
    ),
  );
  while (nodes.length > 1) {
    const next: string[] = [];
    for (let index = 0; index < nodes.length; index += 2) {
      const pair = nodes.slice(index, index + 2).sort();
      next.push(pair.length === 2 ? keccak256(coder.encode(["bytes32", "bytes32"], pair)) : (pair[0] ?? ""));
    }
    nodes = next;
  }
  return nodes[0] ?? "";
}

/** 4: site by site and since the start, minted, claims, burned and debt are what imbalances were worth. */
export function checkGridLeg(chain: ChainState, world: World, ledger: Ledger, events: readonly LogDescription[]): void {
  const siteOf = (meter: string): number => chain.meters.get(meter)?.site ?? 0;
  for (const { name, args } of events) {
    if (name === "ReadingSettled" || name === "PositionClosed") {
      const line = decodeLine(args.line as bigint);
      add(ledger.minted, siteOf(String(args.meter)), line.mintedTicks);
      add(ledger.burned, siteOf(String(args.meter)), line.burnedTicks);
    } else if (name === "ClaimPaid") {
      add(ledger.minted, siteOf(String(args.meter)), args.mintedTicks as bigint);
      add(ledger.offset, siteOf(String(args.meter)), args.debtOffsetTicks as bigint);
    } else if (name === "BalanceSeized") {
      add(ledger.burned, Number(args.site), args.amountTicks as bigint);
    } else if (name === "DebtRepaid" && args.meter === ZeroAddress) {
      add(ledger.burned, Number(args.site), args.amountTicks as bigint);
    } else if (name === "WithdrawalCollected") {
      const waiting = world.withdrawals.get(Number(args.id));
      add(ledger.burned, waiting?.site ?? 0, args.debtTicks as bigint);
    }
  }
}

/** 4, the sums themselves; `world` is the one after the call. */
export function checkGridSums(chain: ChainState, world: World, ledger: Ledger): void {
  for (const id of world.sites.keys()) {
    const claims = sum([...chain.meters.values()].filter(({ site }) => site === id).map(({ claim }) => claim));
    const minted = ledger.minted.get(id) ?? 0n;
    const burned = ledger.burned.get(id) ?? 0n;
    const offset = ledger.offset.get(id) ?? 0n;
    const debt = chain.sites.get(id)?.debt ?? 0n;
    const long = world.totals.longTicks.get(id) ?? 0n;
    const short = world.totals.shortTicks.get(id) ?? 0n;
    const given = world.totals.writtenOffTicks.get(id) ?? 0n;
    hold(4, minted + claims + offset === long, `site ${id} was long for ${long}, minted ${minted}, claims ${claims}`);
    hold(
      4,
      burned + debt + offset + given === short,
      `site ${id} was short for ${short}, burned ${burned}, debt ${debt}`,
    );
  }
  const grown = (sum(ledger.minted.values()) - sum(ledger.burned.values())) * BASE;
  hold(1, chain.supply - ledger.firstSupply === grown, "something but the grid leg changed the supply");
  hold(1, world.fundsBacking + world.creditLine >= chain.supply, "credits in circulation exceed what backs them");
}

/** Bonds + slashed = posted, for every site and matcher, and each fault is punished once: from the events alone. */
export function checkBonds(chain: ChainState, ledger: Ledger, events: readonly LogDescription[]): void {
  const collects = events.some(({ name }) => name === "BondCollected");
  for (const { name, args } of events) {
    const site = `site ${String(args.site)}`;
    if (name === "BondPosted") add(ledger.posted, site, args.amountTicks as bigint);
    else if (name === "BondCollected") add(ledger.posted, site, -(args.amountTicks as bigint));
    else if (name === "DebtIncurred") add(ledger.slashed, site, args.bondBurnedTicks as bigint);
    else if (name === "DebtRepaid" && args.meter === ZeroAddress && collects) {
      add(ledger.slashed, site, args.amountTicks as bigint);
    } else if (name === "MatcherBondChanged") {
      add(ledger.posted, `matcher ${String(args.matcher)}`, args.changeTicks as bigint);
    } else if (name === "Penalised") {
      add(ledger.slashed, site, args.cutTicks as bigint);
      punishedOnce(ledger, `meter ${String(args.meter)} ${String(args.slot)} ${String(args.kind)}`);
    } else if (name === "MatcherPenalised") {
      add(ledger.slashed, `matcher ${String(args.matcher)}`, args.cutTicks as bigint);
      punishedOnce(ledger, `matcher ${String(args.zone)} ${String(args.slot)} ${String(args.fault)}`);
    }
  }
  const held = new Map([...chain.sites].map(([id, { bond }]) => [`site ${String(id)}`, bond]));
  for (const [matcher, { ticks }] of chain.matcherBonds) held.set(`matcher ${matcher}`, ticks);
  for (const name of new Set([...held.keys(), ...ledger.posted.keys(), ...ledger.slashed.keys()])) {
    const [bond, slashed] = [held.get(name) ?? 0n, ledger.slashed.get(name) ?? 0n];
    const posted = ledger.posted.get(name) ?? 0n;
    hold(9, bond + slashed === posted, `${name} posted ${posted}, lost ${slashed} and has ${bond}`);
  }
}

function punishedOnce({ faults }: Ledger, fault: string): void {
  hold(9, !faults.has(fault), `${fault} was punished twice`);
  faults.add(fault);
}

/** 8: what a role does leaves everybody's money where it is. */
export function checkRole(before: ChainState, after: ChainState, role: string): void {
  for (const [holder, units] of before.credits) {
    hold(8, after.credits.get(holder) === units, `${role} moved the credits of ${holder}`);
  }
  const money = (chain: ChainState, id: number) =>
    sum(
      [...chain.meters.values()].filter(({ site }) => site === id).map(({ word, claim }) => word.balanceTicks + claim),
    ) + (chain.sites.get(id)?.bond ?? 0n);
  for (const id of before.sites.keys()) {
    hold(8, money(before, id) === money(after, id), `${role} moved the money of site ${id}`);
  }
}

/** Events of the exchange, in order. */
export function exchangeEvents(outcome: Outcome, exchange: string): LogDescription[] {
  return outcome.logs.flatMap(({ address, event }) =>
    address.toLowerCase() === exchange.toLowerCase() && event ? [event] : [],
  );
}
