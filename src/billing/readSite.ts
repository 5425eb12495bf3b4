import type { ExchangeEvent } from "../chain/exchange.ts";
import { JouleworkError } from "../errors.ts";
import { METER_KIND_CODES } from "../market/codes.ts";
import { decodeMeterWord, type MeterWord } from "../market/meterWord.ts";
import { decodeFill, decodeLine, type Fill } from "../market/packed.ts";
import { noAmounts, type OpenAmounts } from "./amounts.ts";
import { isGapReading } from "./isGapReading.ts";

/** What a meter bought or sold in a slot and has not been settled for. */
interface Position {
  readonly sold: boolean;
  readonly energyWh: number;
  readonly price: number;
}

export interface MeterHistory {
  readonly meter: string;
  readonly slots: Map<number, OpenAmounts>;
  readonly positions: Map<number, Position>;
}

interface MeterState extends MeterHistory {
  word: MeterWord;
  /** What the grid leg did beside the balance, announced before the event that carries the line. */
  aside: { tx: string; claimTicks: bigint; bondTicks: bigint; debtTicks: bigint; repaidTicks: bigint };
}

interface ZoneFacts {
  readonly capPrice: number;
  closedThrough: number;
}

export interface SiteHistory {
  readonly zone: number;
  readonly owner: string;
  readonly meters: readonly MeterHistory[];
}

/** Walks through the exchange's events and writes down, slot by slot, what each meter of a site paid and got. */
export function readSite(events: readonly ExchangeEvent[], site: number): SiteHistory {
  const meters = new Map<string, MeterState>();
  const zones = new Map<number, ZoneFacts>();
  let fills: { state: MeterState; fill: Fill; change: bigint }[] = [];
  let place: { zone: number; owner: string } | undefined;

  for (const event of events) {
    switch (event.name) {
      case "ZoneCreated":
        zones.set(event.args.zone, { capPrice: event.args.limits.capPrice, closedThrough: 0 });
        break;
      case "SlotClosed":
        closeThrough(zones, event.args.zone, event.args.slot);
        break;
      case "SlotsPassedOver":
        closeThrough(zones, event.args.zone, event.args.throughSlot);
        break;
      case "SiteRegistered":
        if (event.args.site === site) place = { zone: event.args.zone, owner: event.args.owner };
        break;
      case "SiteTransferred":
        if (event.args.site === site && place !== undefined) place = { ...place, owner: event.args.to };
        break;
      case "MeterRegistered":
        // A feeder measures its zone; it has no money.
        if (event.args.site === site && event.args.kind !== METER_KIND_CODES.feeder) {
          meters.set(event.args.meter, newMeter(event.args.meter, event.args.word));
        }
        break;
      case "MeterReplaced": {
        const old = meters.get(event.args.oldMeter);
        if (old === undefined) break;
        old.word = decodeMeterWord(event.args.oldWord);
        meters.set(event.args.newMeter, newMeter(event.args.newMeter, event.args.newWord));
        break;
      }
      case "OrderCleared": {
        const state = meters.get(event.args.meter);
        if (state === undefined) break;
        const fill = decodeFill(event.args.fill);
        fills.push({ state, fill, change: fill.balanceTicks - state.word.balanceTicks });
        state.word = { ...state.word, balanceTicks: fill.balanceTicks };
        break;
      }
      case "SlotCleared":
        // The price comes after the fills of its slot.
        for (const { state, fill, change } of fills) trade(state, fill, change, event.args.clearingPrice);
        fills = [];
        break;
      case "ClaimGranted":
        set(meters.get(event.args.meter), event.transactionHash, "claimTicks", event.args.amountTicks);
        break;
      case "DebtIncurred":
        set(meters.get(event.args.meter), event.transactionHash, "bondTicks", event.args.bondBurnedTicks);
        set(meters.get(event.args.meter), event.transactionHash, "debtTicks", event.args.addedTicks);
        break;
      case "DebtRepaid":
        set(meters.get(event.args.meter), event.transactionHash, "repaidTicks", event.args.amountTicks);
        break;
      case "ReadingSettled": {
        const state = meters.get(event.args.meter);
        if (state !== undefined) settleReading(state, zones, event);
        break;
      }
      case "PositionClosed": {
        const state = meters.get(event.args.meter);
        if (state !== undefined) settlePosition(state, event);
        break;
      }
      case "OrderPlaced":
      case "OrderCancelled":
      case "PlacedOrderReleased":
      case "ReadingCorrected": {
        const state = meters.get(event.args.meter);
        if (state === undefined) break;
        const amounts = slotOf(state, event.args.slot);
        const change = follow(state, event.args.word);
        amounts.otherTicks += change;
        amounts.balanceChangeTicks += change;
        break;
      }
      case "BalanceMoved":
        update(meters.get(event.args.from), event.args.fromWord);
        update(meters.get(event.args.to), event.args.toWord);
        break;
      // No slot's money, but the balance goes on from there.
      case "BalanceSeized":
      case "ClaimPaid":
      case "Deposited":
      case "MeterStatusChanged":
      case "MeterSynced":
      case "WithdrawalRequested":
        update(meters.get(event.args.meter), event.args.word);
        break;
      // None of these moves a meter's balance.
      case "AuthorityUpdated":
      case "BatchSettled":
      case "BondCollected":
      case "BondPosted":
      case "BookCommitted":
      case "ChargesAccrued":
      case "ChargesCollected":
      case "ChargesLapsed":
      case "CloseSkipped":
      case "DebtWrittenOff":
      case "DelegateSet":
      case "DisconnectionRequested":
      case "EarningsCollected":
      case "EIP712DomainChanged":
      case "EvidenceDrawn":
      case "ExportCertified":
      case "InspectionEnded":
      case "MatcherBondChanged":
      case "MatcherPenalised":
      case "MatcherSet":
      case "MatcherUnlockRequested":
      case "OrderSkipped":
      case "Paused":
      case "Penalised":
      case "ReadingSkipped":
      case "SelfTrade":
      case "SlotOpened":
      case "TierSet":
      case "TierDiscountsSet":
      case "TariffFixed":
      case "EnergyQueueSet":
      case "UnbondRequested":
      case "Unpaused":
      case "WithdrawalCollected":
      case "WorkPaid":
      case "ZoneAccountsSet":
      case "ZoneTermsSet":
        break;
    }
  }
  if (place === undefined) {
    throw new JouleworkError({
      code: "SITE_UNKNOWN",
      what: "No such site was registered",
      values: { site },
      hint: "Give the number that `joulework:site` printed.",
    });
  }
  return { ...place, meters: [...meters.values()] };
}

function newMeter(meter: string, word: bigint): MeterState {
  return { meter, slots: new Map(), positions: new Map(), word: decodeMeterWord(word), aside: nothing("") };
}

function nothing(tx: string): MeterState["aside"] {
  return { tx, claimTicks: 0n, bondTicks: 0n, debtTicks: 0n, repaidTicks: 0n };
}

function slotOf({ slots }: MeterState, slot: number): OpenAmounts {
  const known = slots.get(slot);
  if (known !== undefined) return known;
  const amounts = noAmounts();
  slots.set(slot, amounts);
  return amounts;
}

function closeThrough(zones: Map<number, ZoneFacts>, zone: number, slot: number): void {
  const facts = zones.get(zone);
  if (facts !== undefined) facts.closedThrough = slot;
}

/** Takes over the meter's word; returns by how much its balance moved. */
function follow(state: MeterState, packed: bigint): bigint {
  const word = decodeMeterWord(packed);
  const change = word.balanceTicks - state.word.balanceTicks;
  state.word = word;
  state.aside = nothing("");
  return change;
}

function update(state: MeterState | undefined, packed: bigint): void {
  if (state !== undefined) follow(state, packed);
}

function set(
  state: MeterState | undefined,
  tx: string,
  field: "claimTicks" | "bondTicks" | "debtTicks" | "repaidTicks",
  amountTicks: bigint,
): void {
  if (state === undefined) return;
  if (state.aside.tx !== tx) state.aside = nothing(tx);
  state.aside[field] += amountTicks;
}

function trade(state: MeterState, fill: Fill, change: bigint, price: number): void {
  const { slot, side, filledWh, feeTicks, placed } = fill;
  const amounts = slotOf(state, slot);
  const sold = side === "offer";
  const cost = sold ? 0n : BigInt(filledWh) * BigInt(price);
  if (!sold) {
    amounts.boughtWh += filledWh;
    amounts.boughtTicks += cost;
    amounts.feeTicks += feeTicks;
  }
  amounts.balanceChangeTicks += change;
  // What moved beyond cost and fee is the lock of a placed order that came back.
  if (placed) amounts.otherTicks += change + cost + feeTicks;
  if (filledWh > 0) state.positions.set(slot, { sold, energyWh: filledWh, price });
}

/** The values of short and long energy behind a line, of which the balance may have seen only a part. */
function addLine(state: MeterState, amounts: OpenAmounts, event: LineEvent): { short: bigint; long: bigint } {
  const { mintedTicks, burnedTicks, networkTicks, levyTicks } = decodeLine(event.args.line);
  const aside = state.aside.tx === event.transactionHash ? state.aside : nothing("");
  const long = mintedTicks + aside.claimTicks;
  const short = burnedTicks - aside.repaidTicks + aside.debtTicks;
  amounts.longTicks += long;
  amounts.shortTicks += short;
  amounts.networkTicks += networkTicks;
  amounts.levyTicks += levyTicks;
  amounts.claimTicks += aside.claimTicks;
  amounts.bondTicks += aside.bondTicks;
  amounts.debtTicks += aside.debtTicks;
  amounts.repaidTicks += aside.repaidTicks;
  amounts.balanceChangeTicks += follow(state, event.args.word);
  return { short, long };
}

type LineEvent = ExchangeEvent<"ReadingSettled"> | ExchangeEvent<"PositionClosed">;

function settleReading(
  state: MeterState,
  zones: ReadonlyMap<number, ZoneFacts>,
  event: ExchangeEvent<"ReadingSettled">,
): void {
  const before = state.word;
  const word = decodeMeterWord(event.args.word);
  const slot = word.lastSlot;
  const importedWh = word.importWh - before.importWh;
  const exportedWh = word.exportWh - before.exportWh;
  const amounts = slotOf(state, slot);
  const { short, long } = addLine(state, amounts, event);
  amounts.importWh += importedWh;
  amounts.exportWh += exportedWh;
  const position = state.positions.get(slot);
  const { capPrice = 0, closedThrough = 0 } = zones.get(word.zone) ?? {};
  const skipped = slot !== before.lastSlot + 1 || slot <= closedThrough;
  if (position === undefined && (skipped || isGapReading({ importedWh, exportedWh, short, long, capPrice }))) {
    amounts.shortWh += importedWh;
    amounts.longWh += exportedWh;
    return;
  }
  state.positions.delete(slot);
  const soldWh = position?.sold === true ? position.energyWh : 0;
  const boughtWh = position?.sold === false ? position.energyWh : 0;
  addSale(amounts, position);
  const imbalanceWh = importedWh + soldWh - exportedWh - boughtWh;
  amounts.shortWh += Math.max(0, imbalanceWh);
  amounts.longWh += Math.max(0, -imbalanceWh);
}

/** A position whose meter was not read counts as if nothing had flowed. */
function settlePosition(state: MeterState, event: ExchangeEvent<"PositionClosed">): void {
  const amounts = slotOf(state, event.args.slot);
  addLine(state, amounts, event);
  const position = state.positions.get(event.args.slot);
  if (position === undefined) return;
  state.positions.delete(event.args.slot);
  addSale(amounts, position);
  if (position.sold) amounts.shortWh += position.energyWh;
  else amounts.longWh += position.energyWh;
}

function addSale(amounts: OpenAmounts, position: Position | undefined): void {
  if (position?.sold !== true) return;
  amounts.soldWh += position.energyWh;
  amounts.soldTicks += BigInt(position.energyWh) * BigInt(position.price);
}
