import type { EventKey } from "../../store/store.ts";
import { badRequest } from "../problems.ts";
import type { Query } from "./query.ts";
import { eventPage } from "./support/answers.ts";

const EVENTS = 50;

/** Events, newest first. They are found along one index, so only one of party, zone (and slot) and a job of either kind may be given. */
export const events: Query<"events"> = ({ store }, input) => {
  const { contract, name, cursor, limit = EVENTS } = input;
  const [key, ...others] = keysOf(input);
  if (others.length > 0) {
    throw badRequest(
      "FILTERS_CONTRADICT",
      "Events are looked up by one subject at a time",
      { subjects: [key, ...others].map((one) => one?.kind ?? "").join(", ") },
      "Give a party, a zone with or without its slot, or a job of either kind.",
    );
  }
  const filter = {
    ...(contract === undefined ? {} : { contract }),
    ...(name === undefined ? {} : { names: [name] }),
    ...(key === undefined ? {} : { key }),
  };
  return eventPage(store, filter, limit, cursor);
};

function keysOf(input: Parameters<typeof events>[1]): EventKey[] {
  const { party, zone, slot, job, reproducible } = input;
  if (slot !== undefined && zone === undefined) {
    throw badRequest("ZONE_MISSING", "A slot is one of a zone", { slot }, "Give the zone too.");
  }
  return [
    ...(party === undefined ? [] : [{ kind: "party", value: party } as const]),
    ...(zone === undefined ? [] : [zoneKey(zone, slot)]),
    ...(job === undefined ? [] : [{ kind: "job", value: String(job) } as const]),
    ...(reproducible === undefined ? [] : [{ kind: "reproducible", value: String(reproducible) } as const]),
  ];
}

function zoneKey(zone: number, slot: number | undefined): EventKey {
  return slot === undefined ? { kind: "zone", value: String(zone) } : { kind: "slot", value: `${zone}/${slot}` };
}
