import type { SlotTariff } from "../../chain/exchange.ts";
import type { Member } from "../../community/members.ts";
import { reputationScore } from "../../game/reputation.ts";
import { BASE_UNITS_PER_TICK, ticksToBaseUnits } from "../../units.ts";
import { placeOf, type ChainRecord } from "./chainRecord.ts";
import { Differences } from "./differences.ts";
import type { PlayedGame } from "./playTwinGame.ts";
import type { RecordedRun, RecordedSlot } from "./recordRun.ts";
import { slotParts } from "./slotParts.ts";

/** What the chain said of a window, and what its meters had before it, ticks by address. */
export interface PlayedWindow {
  readonly chain: ChainRecord;
  readonly tariffs: ReadonlyMap<string, SlotTariff>;
  readonly balances: ReadonlyMap<string, bigint>;
  readonly balancesAfter: ReadonlyMap<string, bigint>;
  /** Orders that the matcher gave a receipt for. */
  readonly orders: number;
  readonly game: PlayedGame;
  /** Certificates that were issued, Wh by place and meter; undefined where the scenario gives them no worth. */
  readonly certificates: ReadonlyMap<string, number> | undefined;
}

/** Holds every integer that the simulator has of a window to the chain's. */
export function compareTwin(recorded: RecordedRun, members: readonly Member[], played: PlayedWindow): Differences {
  const differences = new Differences();
  const { zones, run } = recorded;
  for (const slots of zones) {
    for (const slot of slots) compareSlot(differences, slot, played);
    const [first] = slots;
    first?.netWh.forEach((_, index) => {
      const member = members[first.from + index];
      if (member !== undefined) compareMeter(differences, slots, index, member, played);
    });
  }
  const orders = zones.flat().reduce((sum, slot) => sum + slot.orders.size, 0);
  differences.compare("order", "receipts of the matcher", orders, played.orders);
  for (const refusal of played.chain.refusals) differences.compare("order", "refused", "", refusal);
  run.costTicks.forEach((costTicks, agent) => {
    const member = members[agent];
    if (member === undefined) return;
    // Rewards are compared by themselves; what certificates are worth and what training is paid is the scenario's, not the exchange's.
    const besideTicks =
      (run.certificateTicks[agent] ?? 0) + (run.payTicks[agent] ?? 0) + (run.game?.rewardTicks[agent] ?? 0);
    const marketTicks = costTicks + besideTicks;
    const { address } = member.key;
    const paid = (played.balances.get(address) ?? 0n) - (played.balancesAfter.get(address) ?? 0n);
    differences.compare("cost of the window", member.name, marketTicks, paid);
  });
  compareGame(differences, recorded, members, played.game);
  if (played.certificates !== undefined) compareCertificates(differences, recorded, members, played.certificates);
  return differences;
}

/** What each agent gave is certified if it is a plant of one source, slot by slot, and nothing else is. */
function compareCertificates(
  differences: Differences,
  { zones, run: { fleet } }: RecordedRun,
  members: readonly Member[],
  certificates: ReadonlyMap<string, number>,
): void {
  const plants = new Set(fleet.renewables);
  for (const { zone, slot, from, netWh } of zones.flat()) {
    netWh.forEach((net, index) => {
      const member = members[from + index];
      if (member === undefined) return;
      const certifiedWh = plants.has(from + index) ? Math.max(0, -net) : 0;
      const issuedWh = certificates.get(placeOf(zone, slot, member.key.address)) ?? 0;
      differences.compare("certificate", placeOf(zone, slot, member.name), certifiedWh, issuedWh);
    });
  }
}

/** Reputation after every day, and what the season came to. Payments are whole ticks in the simulator, so the chain's are counted down to them. */
function compareGame(
  differences: Differences,
  { run: { game }, syncs }: RecordedRun,
  members: readonly Member[],
  { standings, season, pool }: PlayedGame,
): void {
  for (const { agent, day, after } of syncs) {
    const where = `${members[agent]?.name ?? ""}, after day ${String(day)}`;
    const standing = standings.get(day)?.[agent];
    differences.compare("reputation", where, after.reliabilityPpm, standing?.reliabilityPpm);
    differences.compare("reputation", where, after.efficiencyPpm, standing?.efficiencyPpm);
    differences.compare("reputation", where, after.contributionPpm, standing?.contributionPpm);
    differences.compare("score", where, reputationScore(after), standing?.scorePpm);
    differences.compare("tier", where, after.tier, standing?.tier);
  }
  if (game === undefined) return;
  differences.compare("pool", "the season", ticksToBaseUnits(BigInt(game.pooledTicks)), pool);
  members.forEach(({ name }, agent) => {
    const found = season[agent];
    const paid = found === undefined ? undefined : (found.reward + found.rebate) / BASE_UNITS_PER_TICK;
    differences.compare("points", name, game.points[agent] ?? 0, found?.points);
    differences.compare("reward", name, game.rewardTicks[agent] ?? 0, paid);
  });
}

function compareSlot(differences: Differences, recorded: RecordedSlot, { chain, tariffs }: PlayedWindow): void {
  const { zone, slot, prices, orders } = recorded;
  const place = placeOf(zone, slot);
  const tariff = tariffs.get(place);
  differences.compare("import price", place, prices.importPrice, tariff?.importPrice);
  differences.compare("export price", place, prices.exportPrice, tariff?.exportPrice);
  differences.compare("scarcity", place, recorded.scarcityPpm, tariff?.scarcityPpm);
  if (orders.size > 0) {
    const cleared = chain.cleared.get(place);
    const bought = [...orders.values()].reduce((sum, { side, filledWh }) => sum + (side === "bid" ? filledWh : 0), 0);
    differences.compare("clearing price", place, prices.clearingPrice, cleared?.clearingPrice);
    differences.compare("matched energy", place, bought, cleared?.matchedWh);
  }
  // The last slots of a window are still open when it ends.
  const closed = chain.closed.get(place);
  if (closed === undefined) return;
  const sum = (sign: number): number => recorded.netWh.reduce((total, netWh) => total + Math.max(0, sign * netWh), 0);
  differences.compare("energy of a slot", place, sum(1), closed.importWh);
  differences.compare("energy of a slot", place, sum(-1), closed.exportWh);
}

/** Follows a meter's money through the window in the chain's order: the next slot is cleared before this one is read. */
function compareMeter(
  differences: Differences,
  slots: readonly RecordedSlot[],
  index: number,
  { name, key: { address } }: Member,
  { chain, balances }: PlayedWindow,
): void {
  let balance = balances.get(address) ?? 0n;
  let [importWh, exportWh] = [0, 0];
  const clear = (recorded: RecordedSlot | undefined): void => {
    const order = recorded?.orders.get(recorded.from + index);
    if (recorded === undefined || order === undefined) return;
    const where = placeOf(recorded.zone, recorded.slot, name);
    const fill = chain.fills.get(placeOf(recorded.zone, recorded.slot, address));
    const { purchase, fee } = partsOf(recorded, index);
    balance -= BigInt(purchase + fee);
    differences.compare("fill", where, order.filledWh, fill?.filledWh ?? 0);
    differences.compare("fee", where, fee, fill?.feeTicks ?? 0n);
    if (fill === undefined) return;
    differences.compare(
      "order",
      where,
      `${order.side} ${String(order.energyWh)}`,
      `${fill.side} ${String(fill.energyWh)}`,
    );
    differences.compare("order", where, order.limitPrice, fill.limitPrice);
    differences.compare("balance", where, balance, fill.balanceTicks);
  };
  clear(slots[0]);
  slots.forEach((recorded, place) => {
    clear(slots[place + 1]);
    const where = placeOf(recorded.zone, recorded.slot, name);
    const reading = chain.readings.get(placeOf(recorded.zone, recorded.slot, address));
    const parts = partsOf(recorded, index);
    const netWh = recorded.netWh[index] ?? 0;
    importWh += Math.max(0, netWh);
    exportWh += Math.max(0, -netWh);
    balance += BigInt(parts.proceeds + parts.minted - parts.burned - parts.network - parts.levy);
    differences.compare("network charge", where, parts.network, reading?.line.networkTicks);
    differences.compare("levy", where, parts.levy, reading?.line.levyTicks);
    differences.compare("bought from the grid", where, parts.burned, reading?.line.burnedTicks);
    differences.compare("sold to the grid", where, parts.minted, reading?.line.mintedTicks);
    differences.compare("register", where, importWh, reading?.word.importWh);
    differences.compare("register", where, exportWh, reading?.word.exportWh);
    differences.compare("balance", where, balance, reading?.word.balanceTicks);
  });
}

function partsOf(recorded: RecordedSlot, index: number): ReturnType<typeof slotParts> {
  const { netWh, positionWh, prices, feePpm } = recorded;
  return slotParts(netWh[index] ?? 0, positionWh[index] ?? 0, { ...prices, feePpm: feePpm[index] ?? 0 });
}
