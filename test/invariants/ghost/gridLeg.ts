import {
  addTo,
  BALANCE_CEILING,
  burn,
  headroomOf,
  least,
  mayExport,
  mint,
  must,
  siteOf,
  type Meter,
  type Prices,
  type Site,
  type SlotState,
  type World,
  type Zone,
} from "./world.ts";

/** What a meter gets and owes. */
export interface Due {
  proceeds: bigint;
  long: bigint;
  short: bigint;
  network: bigint;
  levy: bigint;
}

export const NOTHING: Due = { proceeds: 0n, long: 0n, short: 0n, network: 0n, levy: 0n };

/** What came of it: the line of the event. */
export interface Line {
  minted: bigint;
  burned: bigint;
  network: bigint;
  levy: bigint;
}

/**
 * Settle what a meter gets and owes. In this order: earnings arrive (what the mint bound leaves no room for becomes a
 * claim), the grid takes what it is owed (then from the bond, then as debt), earnings of a flagged meter go to its site's
 * debt, charges take what is left of the balance and otherwise lapse.
 */
export function settleDue(world: World, meter: Meter, due: Due): Line {
  const site = siteOf(world, meter);
  addTo(world.totals.longTicks, site.id, due.long);
  addTo(world.totals.shortTicks, site.id, due.short);

  const fits = BALANCE_CEILING - least(BALANCE_CEILING, meter.balance + due.proceeds);
  const minted = least(least(due.long, headroomOf(world)), fits);
  mint(world, minted);
  meter.claim += due.long - minted;
  const earnings = due.proceeds + minted;
  meter.balance += earnings;

  let burned = least(due.short, meter.balance);
  meter.balance -= burned;
  const missing = due.short - burned;
  if (missing > 0n) {
    const fromBond = least(missing, site.bond);
    site.bond -= fromBond;
    site.debt += missing - fromBond;
    burned += fromBond;
    sync(world, meter);
  }
  if (meter.indebted) {
    const repaid = least(least(meter.balance, earnings), site.debt);
    meter.balance -= repaid;
    site.debt -= repaid;
    burned += repaid;
    sync(world, meter);
  }
  burn(world, burned);

  const network = least(due.network, meter.balance);
  meter.balance -= network;
  const levy = least(due.levy, meter.balance);
  meter.balance -= levy;
  return { minted, burned, network, levy };
}

/**
 * What a seller owes besides for energy that it sold and did not give: its buyer paid the local network charge for it,
 * and the energy came from the grid.
 */
export function undelivered(prices: Prices, energyWh: bigint): bigint {
  return energyWh > 0n ? energyWh * (prices.networkGridPrice - prices.networkLocalPrice) : 0n;
}

/** A position whose meter was not read: as if nothing had flowed. */
export function settleUnread(world: World, meter: Meter, record: SlotState): Line {
  const lane = must(meter.lanes.get(record.slot));
  meter.lanes.delete(record.slot);
  return settleDue(
    world,
    meter,
    lane.side === "offer"
      ? {
          ...NOTHING,
          proceeds: lane.energyWh * record.clearingPrice,
          short: lane.energyWh * record.prices.importPrice + undelivered(record.prices, lane.energyWh),
        }
      : { ...NOTHING, long: lane.energyWh * record.prices.exportPrice },
  );
}

/** Pay the worker for `lanes` settled positions of a slot. */
export function payWork(world: World, record: SlotState, worker: string, lanes: bigint): void {
  if (lanes === 0n) return;
  const part = (record.work * lanes) / record.openPositions;
  record.openPositions -= lanes;
  record.work -= part;
  addTo(world.earned, worker, part);
}

export function accrue(zone: Zone, added: Partial<Zone["accruals"]>): void {
  zone.accruals.network += added.network ?? 0n;
  zone.accruals.levy += added.levy ?? 0n;
  zone.accruals.fee += added.fee ?? 0n;
  zone.accruals.season += added.season ?? 0n;
}

/** Bond that a site's exporting meters need. */
export function requiredBond(world: World, site: Site): bigint {
  const zone = must(world.zones.get(site.zone));
  return site.meters
    .map((address) => must(world.meters.get(address)))
    .reduce((sum, meter) => sum + bondPart(zone, meter), 0n);
}

/** The part of one meter. */
export function bondPart(zone: Zone, meter: Meter): bigint {
  if (!mayExport(meter.kind)) return 0n;
  // The highest network charge there is: 1 credit a kWh.
  const undelivered = 2n * (zone.capPrice + 1_000_000n);
  const lied = 101n * zone.exportCapPrice;
  return meter.limitWh * (undelivered > lied ? undelivered : lied);
}

/** Bring a meter's flags up to date with its site. */
export function sync(world: World, meter: Meter): void {
  const site = siteOf(world, meter);
  meter.indebted = site.debt > 0n;
  meter.bonded = mayExport(meter.kind) && site.bond >= site.unbonding + requiredBond(world, site);
}

export function syncSite(world: World, site: Site): void {
  for (const address of site.meters) sync(world, must(world.meters.get(address)));
}
