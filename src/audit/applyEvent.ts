import type { ExchangeEvent, ExchangeEventName } from "../chain/exchange.ts";
import { JouleworkError } from "../errors.ts";
import { orderCleared, orderSkipped, slotCleared } from "./clearingEvents.ts";
import { closeSkipped, positionClosed, slotClosed } from "./closingEvents.ts";
import { checkDraw } from "./evidenceEvents.ts";
import { certificatesEvent } from "./certificateEvents.ts";
import { offersEvent } from "./offerEvents.ts";
import { badgesEvent } from "./badgeEvents.ts";
import { creditEvent } from "./creditEvents.ts";
import { deskEvent } from "./deskEvents.ts";
import { chargesLapsed, claimGranted, debtIncurred, disconnectionRequested } from "./legEvents.ts";
import { inspectionsEvent } from "./inspectionEvents.ts";
import * as money from "./moneyEvents.ts";
import * as orders from "./orderEvents.ts";
import { penalised, selfTrade } from "./penaltyEvents.ts";
import { batchSettled, readingSettled, readingSkipped } from "./readingEvents.ts";
import { jobsEvent } from "./jobEvents.ts";
import { marketEvent } from "./leaseEvents.ts";
import { providersEvent } from "./providerEvents.ts";
import { queueEvent } from "./queueEvents.ts";
import { reputationEvent } from "./reputationEvents.ts";
import * as registry from "./registryEvents.ts";
import type { Run } from "./run.ts";
import { energyQueueSet, tariffFixed } from "./tariffEvents.ts";
import { noteScarcity, seasonsEvent } from "./seasonEvents.ts";
import type { AuditEvent, Place } from "./types.ts";
import * as zones from "./zoneEvents.ts";

type Rules = { readonly [Name in ExchangeEventName]: (run: Run, event: ExchangeEvent<Name>) => void };

/** What every event of the exchange does; an event without a rule does not compile. */
const RULES: Rules = {
  ZoneCreated: zones.zoneCreated,
  ZoneTermsSet: zones.zoneTermsSet,
  ZoneAccountsSet: zones.zoneAccountsSet,
  TierDiscountsSet: zones.tierDiscountsSet,
  TariffFixed: tariffFixed,
  EnergyQueueSet: energyQueueSet,
  MatcherSet: zones.matcherSet,
  SlotOpened: zones.slotOpened,
  SlotClosed: slotClosed,
  SlotsPassedOver: zones.slotsPassedOver,
  InspectionEnded: zones.inspectionEnded,
  ChargesAccrued: zones.chargesAccrued,
  ChargesCollected: zones.chargesCollected,
  WorkPaid: zones.workPaid,
  EarningsCollected: zones.earningsCollected,
  SiteRegistered: registry.siteRegistered,
  SiteTransferred: registry.siteTransferred,
  MeterRegistered: registry.meterRegistered,
  MeterReplaced: registry.meterReplaced,
  MeterStatusChanged: registry.meterStatusChanged,
  DelegateSet: registry.delegateSet,
  MeterSynced: registry.meterSynced,
  TierSet: registry.tierSet,
  Penalised: penalised,
  SelfTrade: selfTrade,
  ReadingCorrected: money.readingCorrected,
  OrderPlaced: orders.orderPlaced,
  OrderCancelled: orders.orderCancelled,
  PlacedOrderReleased: orders.placedOrderReleased,
  BookCommitted: orders.bookCommitted,
  OrderCleared: orderCleared,
  OrderSkipped: orderSkipped,
  SlotCleared: slotCleared,
  MatcherBondChanged: orders.matcherBondChanged,
  MatcherUnlockRequested: orders.matcherUnlockRequested,
  MatcherPenalised: orders.matcherPenalised,
  ReadingSettled: readingSettled,
  ReadingSkipped: readingSkipped,
  BatchSettled: batchSettled,
  PositionClosed: positionClosed,
  CloseSkipped: closeSkipped,
  ChargesLapsed: chargesLapsed,
  DisconnectionRequested: disconnectionRequested,
  Deposited: money.deposited,
  BalanceMoved: money.balanceMoved,
  WithdrawalRequested: money.withdrawalRequested,
  WithdrawalCollected: money.withdrawalCollected,
  BondPosted: money.bondPosted,
  UnbondRequested: money.unbondRequested,
  BondCollected: money.bondCollected,
  DebtIncurred: debtIncurred,
  DebtRepaid: money.debtRepaid,
  DebtWrittenOff: money.debtWrittenOff,
  BalanceSeized: money.balanceSeized,
  ClaimGranted: claimGranted,
  ClaimPaid: money.claimPaid,
  EvidenceDrawn: (run, event) => {
    money.evidenceDrawn(run, event);
    checkDraw(run, event);
  },
  ExportCertified: money.exportCertified,
  Paused: ({ state }) => void (state.paused = true),
  Unpaused: ({ state }) => void (state.paused = false),
  AuthorityUpdated: () => undefined,
  EIP712DomainChanged: () => undefined,
};

/** Checks one event against the state before it, and takes over what it says. */
export function applyEvent(run: Run, { source, event }: AuditEvent): void {
  try {
    run.findings.add("events", "events", 1);
    if (source === "credit") creditEvent(run, event);
    else if (source === "desk") deskEvent(run, event);
    else if (source === "reputation") reputationEvent(run, event);
    else if (source === "seasons") seasonsEvent(run, event);
    else if (source === "badges") badgesEvent(run, event);
    else if (source === "inspections") inspectionsEvent(run, event);
    else if (source === "market") marketEvent(run, event);
    else if (source === "providers") providersEvent(run, event);
    else if (source === "queue") queueEvent(run, event);
    else if (source === "jobs") jobsEvent(run, event);
    // Their events are compared at the end of the transaction with those that its calls must have left.
    else if (source === "reproducible") return;
    else if (source === "certificates") certificatesEvent(run, event);
    else if (source === "offers") offersEvent(run, event);
    else applyExchangeEvent(run, event);
  } catch (error) {
    if (!(error instanceof JouleworkError)) throw error;
    run.findings.fail("events", placeOf(event.args), event.name, "an event that fits the state", error.message);
  }
}

function applyExchangeEvent(run: Run, event: ExchangeEvent): void {
  // The table gives every name the rule for its own event, which a union of names cannot say.
  const rule = RULES[event.name] as (run: Run, event: ExchangeEvent) => void;
  rule(run, event);
  noteScarcity(run.state.seasons, event);
}

function placeOf(args: object): Place {
  const { zone, slot, meter, site } = args as Place;
  const { job, round } = args as { readonly job?: bigint; readonly round?: bigint };
  return {
    ...(zone === undefined ? {} : { zone }),
    ...(slot === undefined ? {} : { slot }),
    ...(meter === undefined ? {} : { meter }),
    ...(site === undefined ? {} : { site }),
    ...(job === undefined ? {} : { job: Number(job) }),
    ...(round === undefined ? {} : { round: Number(round) }),
  };
}
