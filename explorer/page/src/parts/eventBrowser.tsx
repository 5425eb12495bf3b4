import type { TargetedSubmitEvent } from "preact";
import { usePages } from "../answers/usePages.ts";
import { goTo } from "../router/location.ts";
import { Download } from "./download.tsx";
import { EventTable } from "./events.tsx";
import { More } from "./more.tsx";
import { Loading, ProblemBox } from "./states.tsx";

const FIELDS = ["contract", "name", "party", "zone", "slot", "job", "reproducible"] as const;
type Field = (typeof FIELDS)[number];
export type EventQuery = Readonly<Partial<Record<Field, string>>>;

const LABELS: Readonly<Record<Field, string>> = {
  contract: "Contract",
  name: "Event",
  party: "Party (address)",
  zone: "Zone",
  slot: "Slot",
  job: "Training job",
  reproducible: "Reproducible job",
};

const NUMERIC: ReadonlySet<Field> = new Set(["zone", "slot", "job", "reproducible"]);

interface EventBrowserProps {
  /** What the page itself decides, which the reader cannot change. */
  readonly fixed: EventQuery;
  /** The query of the page's address, which holds the filter so that it can be bookmarked. */
  readonly search: string;
  readonly path: string;
  /** Names to offer. */
  readonly contracts?: readonly string[];
  readonly eventNames?: readonly string[];
}

/** Events behind a filter, page by page, with everything that matches as a file. */
export function EventBrowser({ fixed, search, path, contracts = [], eventNames = [] }: EventBrowserProps) {
  const given = new URLSearchParams(search);
  const chosen: EventQuery = Object.fromEntries(
    FIELDS.filter((field) => (given.get(field) ?? "") !== "").map((field) => [field, given.get(field)]),
  );
  const query = { ...chosen, ...fixed };
  const { pages, problem, askAgain, ...next } = usePages("events", { query });
  const offers: Partial<Record<Field, readonly string[]>> = { contract: contracts, name: eventNames };
  const filter = (event: TargetedSubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const wanted = new URLSearchParams();
    for (const [field, value] of new FormData(event.currentTarget)) {
      if (typeof value === "string" && value.trim() !== "") wanted.set(field, value.trim());
    }
    goTo(wanted.size === 0 ? path : `${path}?${wanted.toString()}`);
  };

  return (
    <>
      <form class="filter" onSubmit={filter} key={search}>
        {FIELDS.filter((field) => fixed[field] === undefined).map((field) => (
          <label key={field}>
            <span>{LABELS[field]}</span>
            <input
              name={field}
              autocomplete="off"
              spellcheck={false}
              defaultValue={chosen[field] ?? ""}
              list={(offers[field] ?? []).length > 0 ? `offer-${field}` : undefined}
              inputMode={NUMERIC.has(field) ? "numeric" : undefined}
            />
            {(offers[field] ?? []).length > 0 && (
              <datalist id={`offer-${field}`}>
                {offers[field]?.map((name) => (
                  <option key={name} value={name} />
                ))}
              </datalist>
            )}
          </label>
        ))}
        <button type="submit">Filter</button>
      </form>
      <Download query={query} />
      {problem !== null && <ProblemBox problem={problem} askAgain={askAgain} />}
      {pages.length === 0 && problem === null && <Loading what="events" />}
      {pages.length > 0 && (
        <EventTable caption="Events that match the filter" events={pages.flatMap((page) => page.events)} />
      )}
      <More {...next} what="events" />
    </>
  );
}
