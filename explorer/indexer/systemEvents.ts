import type { AbiEntry, AbiParameter } from "../../src/chain/abiTypes.ts";
import { decodeMeterWord } from "../../src/market/meterWord.ts";
import { decodeFill } from "../../src/market/packed.ts";
import type { EventKey } from "../store/store.ts";
import type { Zones } from "./zones.ts";

type Args = Readonly<Record<string, unknown>>;

/** Gives what an event is about. */
export type KeysOf = (args: Args, zones: Zones) => EventKey[];

type Kind = EventKey["kind"];

const NOBODY = "0x0000000000000000000000000000000000000000";

/** Arguments that name a subject, in any event or struct in it. */
const SUBJECTS: Readonly<Record<string, Exclude<Kind, "party" | "slot">>> = {
  zone: "zone",
  site: "site",
  job: "job",
  lease: "lease",
  season: "season",
  proposalId: "proposal",
};

/** The same where one contract gives the name a meaning of its own. */
const SUBJECTS_OF: Readonly<Record<string, Readonly<Record<string, Kind>>>> = {
  TimelockController: { id: "proposal" },
  AccessManager: { operationId: "proposal" },
  CertificateMarket: { id: "certificate" },
  EnergyCertificates: { id: "certificate", neighbour: "zone" },
  // They are counted apart from training jobs.
  ReproducibleJobs: { job: "reproducible", dispute: "dispute" },
};

/** Where an event's slots are if not in an argument `slot`, and its zone if neither it nor what it names tells. */
interface PlaceRule {
  readonly slots?: (args: Args) => readonly number[];
  readonly zone?: (args: Args) => number;
}

const meterWord = (value: unknown): ReturnType<typeof decodeMeterWord> => decodeMeterWord(value as bigint);
const fill = ({ fill: packed }: Args): ReturnType<typeof decodeFill> => decodeFill(packed as bigint);

/** Events that carry their place in packed words, and those about several slots. */
const PLACES: Readonly<Record<string, PlaceRule>> = {
  "EnergyExchange.OrderCleared": { zone: (args) => fill(args).zone, slots: (args) => [fill(args).slot] },
  "EnergyExchange.ReadingSettled": {
    zone: ({ word }) => meterWord(word).zone,
    slots: ({ word }) => [meterWord(word).lastSlot],
  },
  "EnergyExchange.PositionClosed": { zone: ({ word }) => meterWord(word).zone },
  // It may be years that nobody used: a key for both ends.
  "EnergyExchange.SlotsPassedOver": { slots: ({ fromSlot, throughSlot }) => [Number(fromSlot), Number(throughSlot)] },
  "Seasons.EventCalled": {
    slots: ({ firstSlot, slots }) => Array.from({ length: Number(slots) }, (_, i) => Number(firstSlot) + i),
  },
};

/** Prepares the finding of keys once an event, so that the loop over logs looks at no type. */
export function prepareKeys(contract: string, event: AbiEntry): KeysOf {
  const inputs = event.inputs ?? [];
  const readers = inputs.map((input) => ({ name: input.name, read: reader(contract, input) }));
  const rule = PLACES[`${contract}.${event.name ?? ""}`] ?? {};
  const slots =
    rule.slots ?? (inputs.some(({ name }) => name === "slot") ? ({ slot }: Args) => [Number(slot)] : () => []);
  return (args, zones) => {
    const keys: EventKey[] = [];
    for (const { name, read } of readers) read?.(args[name], keys);
    const places = slots(args);
    const zone = zoneOf(args, zones, rule, places.length > 0);
    if (zone !== undefined) {
      if (args.zone === undefined) keys.push({ kind: "zone", value: String(zone) });
      for (const slot of places) keys.push({ kind: "slot", value: `${zone}/${slot}` });
    }
    return distinct(keys);
  };
}

function zoneOf(args: Args, zones: Zones, rule: PlaceRule, placed: boolean): number | undefined {
  if (args.zone !== undefined) return Number(args.zone);
  // A retired meter's word has no zone any more.
  const packed = rule.zone?.(args) ?? 0;
  if (packed !== 0) return packed;
  return placed ? zones.zoneOf(args) : undefined;
}

type Read = (value: unknown, keys: EventKey[]) => void;

function reader(contract: string, { name, type, components = [] }: AbiParameter): Read | undefined {
  if (type.endsWith("[]")) {
    const read = reader(contract, { name, type: type.slice(0, -2), components });
    if (read === undefined) return undefined;
    return (values, keys) => {
      for (const value of values as readonly unknown[]) read(value, keys);
    };
  }
  if (type === "tuple") {
    const fields = components.flatMap((field) => {
      const read = reader(contract, field);
      return read === undefined ? [] : [{ name: field.name, read }];
    });
    if (fields.length === 0) return undefined;
    return (value, keys) => {
      for (const field of fields) field.read((value as Args)[field.name], keys);
    };
  }
  if (type === "address") {
    return (value, keys) => {
      if (value !== NOBODY) keys.push({ kind: "party", value: String(value) });
    };
  }
  const kind = SUBJECTS_OF[contract]?.[name] ?? SUBJECTS[name];
  if (kind === undefined || kind === "party" || kind === "slot") return undefined;
  return (value, keys) => {
    // Zones, sites, jobs and leases are counted from one: zero is none.
    const text = String(value);
    if (text !== "0") keys.push({ kind, value: text });
  };
}

function distinct(keys: readonly EventKey[]): EventKey[] {
  return keys.filter(
    (key, place) => keys.findIndex(({ kind, value }) => kind === key.kind && value === key.value) === place,
  );
}
