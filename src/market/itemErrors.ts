import { id } from "ethers";

/** Why one order, reading or position of a batch is skipped: names of the contract's errors of the shape (meter, slot). */
export const ITEM_ERRORS = [
  "UnknownMeter",
  "WrongZone",
  "MeterSuspended",
  "MeterIndebted",
  "MeterUnread",
  "MeterNotBonded",
  "FeederCannotTrade",
  "InsufficientBalance",
  "OrderBeyondRatedPower",
  "LimitOutsideTariff",
  "OrderSuperseded",
  "NotDelegate",
  "ReadingTooOld",
  "ReadingTooEarly",
  "EarlierSlotOpen",
  "RegisterDecreased",
  "EnergyBeyondRatedPower",
  "StorageBeyondCapacity",
  "BalanceOverflow",
  "NothingToClose",
] as const;

export type ItemError = (typeof ITEM_ERRORS)[number];

const BY_SELECTOR = new Map<string, ItemError>(ITEM_ERRORS.map((name) => [selectorOf(name), name]));

/** The four bytes that a skip event carries for an item error. */
export function selectorOf(error: ItemError): string {
  return id(`${error}(address,uint32)`).slice(0, 10);
}

/** The item error behind the four bytes of a skip event. */
export function itemErrorOf(selector: string): ItemError | undefined {
  return BY_SELECTOR.get(selector.toLowerCase());
}
