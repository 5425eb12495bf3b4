import { ZeroAddress, ZeroHash, type Result } from "ethers";
import { laneOf } from "../../../src/market/meterWord.ts";
import { requiredBond } from "../ghost/gridLeg.ts";
import { activeMeters, headroomOf, recordOf, supplyOf, type Lane, type SlotState, type World } from "../ghost/world.ts";
import type { ChainState } from "./chainState.ts";

/** Every difference between what the ghost says and what the chain says. */
export function differences(world: World, chain: ChainState): string[] {
  const found: string[] = [];
  const same = (path: string, ghost: unknown, real: unknown): void => {
    const [a, b] = [text(ghost), text(real)];
    if (a !== b) found.push(`${path}: ghost ${a}, chain ${b}`);
  };
  for (const [address, meter] of world.meters) {
    const real = chain.meters.get(address);
    const at = `meter ${address}`;
    same(`${at} importWh`, meter.importWh, real?.word.importWh);
    same(`${at} exportWh`, meter.exportWh, real?.word.exportWh);
    same(`${at} lastSlot`, meter.lastSlot, real?.word.lastSlot);
    same(`${at} balance`, meter.balance, real?.word.balanceTicks);
    same(`${at} zone`, meter.retired ? 0 : meter.zone, real?.word.zone);
    same(`${at} status`, meter.retired ? 3 : meter.suspended ? 2 : 1, real?.status);
    same(`${at} claim`, meter.claim, real?.claim);
    same(`${at} delegate`, meter.delegate ?? ZeroAddress, real?.delegate);
    if (meter.retired || real === undefined) continue;
    const { flags } = real.word;
    same(
      `${at} flags`,
      [meter.suspended, meter.indebted, meter.bonded],
      [flags.suspended, flags.indebted, flags.bonded],
    );
    // A lane needs no slot tag: an open one is always of the slot after the last read one or of the next.
    for (const slot of [meter.lastSlot + 1, meter.lastSlot + 2]) {
      same(`${at} lane ${slot}`, laneText(meter.lanes.get(slot)), laneText(laneOf(real.word, slot)));
    }
    same(
      `${at} number of lanes`,
      meter.lanes.size,
      Number(real.word.laneEven !== null) + Number(real.word.laneOdd !== null),
    );
  }
  for (const [id, site] of world.sites) {
    const real = chain.sites.get(id);
    const ghost = [site.owner, site.bond, site.debt, site.unbonding, site.unbondingSlot, site.faults, site.meters];
    same(`site ${id}`, ghost, [
      real?.owner,
      real?.bond,
      real?.debt,
      real?.unbonding,
      real?.unbondingSlot,
      real?.faults,
      real?.meters,
    ]);
    same(`site ${id} required bond`, requiredBond(world, site), real?.requiredBond);
  }
  for (const [id, zone] of world.zones) {
    const real = chain.zones.get(id);
    const accruals = real?.accruals as Result;
    const active = activeMeters(world, id);
    const ratedWh = active.reduce((sum, meter) => sum + (meter.kind === "feeder" ? 0n : meter.limitWh), 0n);
    same(`zone ${id} closed through`, zone.closedThrough, real?.closedThrough);
    same(`zone ${id} newest slot`, zone.newestSlot, real?.newestSlot);
    same(`zone ${id} fixed through`, zone.tariff.through, real?.tariffThrough);
    same(`zone ${id} reference price`, zone.tariff.reference, real?.referencePrice);
    same(`zone ${id} active meters`, active.length, real?.activeMeters);
    same(`zone ${id} rated Wh`, ratedWh, real?.ratedWh);
    same(`zone ${id} feeder`, zone.feeder ?? ZeroAddress, real?.feeder);
    same(`zone ${id} accruals`, Object.values(zone.accruals), [...accruals]);
    for (const key of chain.records.keys()) {
      const [zoneText = "", slotText = ""] = key.split(":");
      if (Number(zoneText) !== id) continue;
      const record = recordOf(zone, Number(slotText));
      const answer = chain.records.get(key);
      if (record && answer) sameRecord(same, key, record, answer.record, answer.placed);
    }
  }
  for (const [id, amount] of chain.withdrawals)
    same(`withdrawal ${id}`, world.withdrawals.get(id)?.amount ?? 0n, amount);
  for (const [account, ticks] of chain.earned) same(`earned ${account}`, world.earned.get(account) ?? 0n, ticks);
  for (const [matcher, bond] of chain.matcherBonds) {
    same(`matcher bond ${matcher}`, Object.values(world.matcherBonds.get(matcher) ?? { ticks: 0n, slot: 0 }), [
      bond.ticks,
      bond.unlockSlot,
    ]);
  }
  for (const [holder, units] of chain.credits) {
    same(`credits of ${holder}`, (world.credits.get(holder) ?? 0n) * 1_000_000_000n, units);
  }
  same("total supply", supplyOf(world) * 1_000_000_000n, chain.supply);
  same("headroom", headroomOf(world), chain.headroom);
  return found;
}

function sameRecord(
  same: (path: string, ghost: unknown, real: unknown) => void,
  key: string,
  ghost: SlotState,
  real: Result,
  placed: Result,
): void {
  const at = `record ${key}`;
  const { prices } = ghost;
  same(
    `${at} prices`,
    [
      prices.importPrice,
      prices.exportPrice,
      prices.feePpm,
      prices.networkLocalPrice,
      prices.networkGridPrice,
      prices.levyPrice,
    ],
    ["importPrice", "exportPrice", "feePpm", "networkLocalPrice", "networkGridPrice", "levyPrice"].map(
      (name) => real[name] as bigint,
    ),
  );
  const status = Number(real.status);
  const bits = [2, 4, 8, 16, 64, 128].map((bit) => (status & bit) !== 0);
  same(
    `${at} status`,
    [ghost.cleared, ghost.committed, ghost.feederRead, ghost.closed, ghost.punished, ghost.bookCleared],
    bits,
  );
  same(`${at} positions`, ghost.openPositions, real.openPositions);
  same(`${at} clearing price`, ghost.clearingPrice, real.clearingPrice);
  same(`${at} matched Wh`, ghost.matchedWh, real.matchedWh);
  same(`${at} work`, ghost.work, real.workTicks);
  same(
    `${at} sums`,
    [ghost.readCount, ghost.importWh, ghost.exportWh, ghost.readRatedWh, ghost.feederWh],
    ["readCount", "importWh", "exportWh", "readRatedWh", "feederWh"].map((name) => real[name] as bigint),
  );
  same(
    `${at} commitment`,
    [ghost.matcher ?? ZeroAddress, ghost.bookHash ?? ZeroHash, ghost.bookOrders],
    [real.matcher, real.bookHash, real.bookOrders],
  );
  same(
    `${at} placed`,
    ghost.placed.map((order) => [
      order.meter,
      order.energyWh,
      order.energyWh === 0n ? "" : [order.side, order.limitPrice],
    ]),
    [...(placed as Iterable<Result>)].map((order): unknown[] => [
      order.meter,
      order.energyWh,
      order.energyWh === 0n ? "" : [order.side === 1n ? "bid" : "offer", order.limitPrice],
    ]),
  );
}

function laneText(lane: Lane | { side: string; energyWh: number } | null | undefined): string {
  return lane ? `${lane.side} ${lane.energyWh}` : "none";
}

function text(value: unknown): string {
  return Array.isArray(value) ? `[${value.map(text).join(", ")}]` : String(value);
}
