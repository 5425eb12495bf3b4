import { useState } from "preact/hooks";
import type { EventAnswer } from "../../../api/primitives.ts";
import { ask, problemOf } from "../answers/ask.ts";
import { eventsAsCsv } from "../format/csv.ts";
import { whole } from "../format/quantities.ts";
import type { EventQuery } from "./eventBrowser.tsx";

const PAGE_SIZE = 500;

/** Everything that a filter matches, as a file made in the browser. */
export function Download({ query }: { readonly query: EventQuery }) {
  const [told, setTold] = useState("");
  const save = async (format: "csv" | "json") => {
    try {
      const events = await allEvents(query, (count) => setTold(`${whole(count)} events…`));
      const text = format === "csv" ? eventsAsCsv(events) : JSON.stringify(events, null, 2);
      saveFile(`joulework-events.${format}`, text, format === "csv" ? "text/csv" : "application/json");
      setTold(`${whole(events.length)} events saved`);
    } catch (error) {
      const { message, hint } = problemOf(error);
      setTold(`${message} ${hint}`);
    }
  };
  return (
    <p class="download">
      <button type="button" onClick={() => void save("csv")}>
        Download CSV
      </button>
      <button type="button" onClick={() => void save("json")}>
        Download JSON
      </button>
      <span role="status">{told}</span>
    </p>
  );
}

async function allEvents(query: EventQuery, tell: (count: number) => void): Promise<EventAnswer[]> {
  const events: EventAnswer[] = [];
  let cursor: string | undefined;
  do {
    const page = await ask("events", { query: { ...query, limit: PAGE_SIZE, cursor } });
    events.push(...page.events);
    tell(events.length);
    cursor = page.next;
  } while (cursor !== undefined);
  return events;
}

function saveFile(name: string, text: string, type: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
