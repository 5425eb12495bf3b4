import type { EventKey } from "../../store/store.ts";
import { badRequest } from "../problems.ts";
import type { Query } from "./query.ts";
import { eventPage } from "./support/answers.ts";

const EVENTS = 50;

/** Events, newest first: those about everything that is asked for. */
export const events: Query<"events"> = ({ store }, input) => {
  const { contract, name, cursor, limit = EVENTS } = input;
  const [key, ...also] = keysOf(input);
  const filter = {
    ...(contract === undefined ? {} : { contract }),
    ...(name === undefined ? {} : { names: [name] }),
    ...(key === undefined ? {} : { key, also }),
  };
  return eventPage(store, filter, limit, cursor);
};

/** The rarest first: the list is read along its index. */
function keysOf(input: Parameters<typeof events>[1]): EventKey[] {
  const { party, zone, slot, job, reproducible } = input;
  if (slot !== undefined && zone === undefined) {
    throw badRequest("ZONE_MISSING", "A slot is one of a zone", { slot }, "Give the zone too.");
  }
  return [
    ...(zone === undefined || slot === undefined ? [] : [{ kind: "slot", value: `${zone}/${slot}` } as const]),
    ...(job === undefined ? [] : [{ kind: "job", value: String(job) } as const]),
    ...(reproducible === undefined ? [] : [{ kind: "reproducible", value: String(reproducible) } as const]),
    ...(party === undefined ? [] : [{ kind: "party", value: party } as const]),
    ...(zone === undefined || slot !== undefined ? [] : [{ kind: "zone", value: String(zone) } as const]),
  ];
}
