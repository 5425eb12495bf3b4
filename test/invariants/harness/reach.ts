import type { Summary } from "./run.ts";

/** Every verb of the exchange that the sequences use. */
export const VERBS: readonly string[] = [
  "placeOrder",
  "cancelOrder",
  "commitBook",
  "clear",
  "settle",
  "settleReading",
  "close",
  "passOver",
  "postMatcherBond",
  "requestMatcherUnlock",
  "collectMatcherBond",
  "reportUncleared",
  "reportMissing",
  "deposit",
  "donate",
  "moveBalance",
  "requestWithdrawal",
  "collectWithdrawal",
  "postBond",
  "requestUnbond",
  "collectBond",
  "payDebt",
  "seize",
  "payClaim",
  "writeOff",
  "setCreditLine",
  "registerMeter",
  "replaceMeter",
  "suspendMeter",
  "reinstateMeter",
  "retireMeter",
  "setDelegate",
  "syncMeter",
  "setZoneTerms",
  "fixTariffs",
  "reportEquivocation",
  "reportImpossible",
  "endInspection",
  "collectCharges",
  "collectEarnings",
  "pause",
  "unpause",
];

/** Verbs that change state and that no sequence makes, with the folder of the tests that do. */
export const TESTED_ELSEWHERE: Readonly<Record<string, string>> = {
  certifyExport: "test/certificates",
  correctReading: "test/exchange",
  createZone: "test/registry",
  depositWithPermit: "test/accounts",
  drawEvidence: "test/registry",
  multicall: "test/exchange",
  registerSite: "test/registry",
  reportSelfTrade: "test/exchange",
  setAuthority: "test/governance",
  setEnergyQueue: "test/exchange",
  setMatcher: "test/registry",
  setTier: "test/registry",
  setTierDiscounts: "test/exchange",
  setZoneAccounts: "test/registry",
  transferSite: "test/registry",
};

/** What must have come of them: each is a path of its own through the exchange. */
const HAPPENINGS = [
  "trade",
  "no trade",
  "flagged",
  "unflagged",
  "PositionClosed",
  "PlacedOrderReleased",
  "DebtIncurred",
  "DebtRepaid",
  "BalanceSeized",
  "ClaimGranted",
  "ClaimPaid",
  "ChargesLapsed",
  "DisconnectionRequested",
  "MatcherPenalised",
  "Penalised",
  "WorkPaid",
  "TariffFixed",
];
const SKIPPED_READINGS = [
  "UnknownMeter",
  "WrongZone",
  "MeterSuspended",
  "ReadingTooOld",
  "EarlierSlotOpen",
  "RegisterDecreased",
  "EnergyBeyondRatedPower",
];
const SKIPPED_ORDERS = ["MeterUnread", "MeterNotBonded", "InsufficientBalance", "OrderSuperseded", "MeterIndebted"];

/** What the sequences behind these summaries have not done, by name. */
export function unreached(...summaries: readonly Summary[]): string[] {
  const seen = (name: string, result: string): boolean => summaries.some((summary) => summary.get(name)?.has(result));
  const missing = (name: string, results: readonly string[]): string[] =>
    results.filter((result) => !seen(name, result)).map((result) => `${name}: ${result}`);
  return [
    ...VERBS.filter((verb) => !seen(verb, "done")),
    ...missing("event", HAPPENINGS),
    ...missing("reading", ["in time", "gap"]),
    ...missing("ReadingSkipped", SKIPPED_READINGS),
    ...missing("OrderSkipped", SKIPPED_ORDERS),
  ];
}
