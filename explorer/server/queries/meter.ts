import { ENERGY_SOURCE_CODES, METER_KIND_CODES, METER_STATUS_CODES } from "../../../src/market/codes.ts";
import { decodeMeterWord, MAX_RELIABILITY, type MeterFlags } from "../../../src/market/meterWord.ts";
import { slotLimitWh } from "../../../src/market/powerClass.ts";
import { PPM, SLOT_SECONDS } from "../../../src/units.ts";
import { checksummed } from "../addresses.ts";
import { notFound } from "../problems.ts";
import type { Query } from "./query.ts";
import { eventPage, pageOf, placeOf, sourceOf } from "./support/answers.ts";
import { contractOf } from "./support/contracts.ts";
import { badgesOf } from "./support/badges.ts";
import { eventsOf, newestOf, positionOf } from "./support/events.ts";
import { meterSlots } from "./support/meterSlots.ts";
import { keyOf } from "./support/names.ts";
import { reputationHistory } from "./support/reputationHistory.ts";

/** A day. */
const SLOTS = 96;
const EVENTS = 25;

/** A meter with what it was settled for, newest first. */
export const meter: Query<"meter"> = async (context, { address: given, cursor, limit = SLOTS }) => {
  const { store } = context;
  const address = checksummed(given);
  const party = { key: { kind: "party", value: address } } as const;
  const first = await newestOf(store, "EnergyExchange", ["MeterRegistered", "MeterReplaced"], party);
  if (first === undefined) throw notFound("There is no such meter", { address });
  const exchange = contractOf(context, "EnergyExchange");
  const after = placeOf(cursor);
  const [packed, config, settled, events] = await Promise.all([
    exchange.read("meterWord", [address]),
    exchange.read("meterConfig", [address]),
    eventsOf(store, "EnergyExchange", ["ReadingSettled", "PositionClosed"], party, {
      limit: limit + 1,
      ...(after === undefined ? {} : { after }),
    }),
    eventPage(store, party, EVENTS),
  ]);
  const word = decodeMeterWord(packed);
  const { site } = config;
  const [info, reputation, badges] = await Promise.all([
    exchange.read("siteInfo", [site]),
    reputationHistory(store, site),
    badgesOf(context, site),
  ]);
  const { rows, next } = pageOf(settled, limit, positionOf);
  return {
    address,
    zone: info.zone,
    site,
    owner: info.owner,
    kind: keyOf(METER_KIND_CODES, config.kind),
    energySource: keyOf(ENERGY_SOURCE_CODES, config.source),
    status: keyOf(METER_STATUS_CODES, config.status),
    storageCapacityWh: config.storageCapacityWh,
    ratedPowerW: Math.round((slotLimitWh(word.powerClass) * 3_600) / SLOT_SECONDS),
    importRegisterWh: word.importWh,
    exportRegisterWh: word.exportWh,
    lastSlot: word.lastSlot,
    balanceTicks: String(word.balanceTicks),
    reliabilityPpm: Math.floor((word.reliability * PPM) / MAX_RELIABILITY),
    tier: word.tier,
    flags: flagNames(word.flags),
    registeredAt: first.time,
    registered: sourceOf(first),
    slots: await meterSlots(store, address, rows),
    next,
    reputation,
    badges,
    events,
  };
};

function flagNames(flags: MeterFlags): string[] {
  return Object.entries(flags).flatMap(([name, set]) => (set ? [name] : []));
}
