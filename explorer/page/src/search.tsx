import type { TargetedSubmitEvent } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Problem } from "../../api/problem.ts";
import type { SearchAnswer } from "../../api/search.ts";
import { ask, problemOf } from "./answers/ask.ts";
import { ProblemBox } from "./parts/states.tsx";
import { PageLink } from "./parts/links.tsx";
import { goTo, useLocation } from "./router/location.ts";

type Outcome = { readonly hits: SearchAnswer["hits"] } | { readonly problem: Problem } | null;

/** One hit is gone to at once; several are offered. */
export function SearchBox() {
  const { pathname } = useLocation();
  const [outcome, setOutcome] = useState<Outcome>(null);
  const [wanted, setWanted] = useState("");
  useEffect(() => setOutcome(null), [pathname]);

  const search = async (event: TargetedSubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const q = wanted.trim();
    if (q === "") return;
    try {
      const { hits } = await ask("search", { query: { q } });
      const [only, ...others] = hits;
      if (only !== undefined && others.length === 0 && only.page.startsWith("/")) {
        setWanted("");
        setOutcome(null);
        goTo(only.page);
      } else {
        setOutcome({ hits });
      }
    } catch (error) {
      setOutcome({ problem: problemOf(error) });
    }
  };

  return (
    <form
      role="search"
      class="search"
      onSubmit={(event) => void search(event)}
      onKeyDown={(event) => {
        if (event.key === "Escape") setOutcome(null);
      }}
    >
      <label>
        <span class="unseen">Search: address, hash, block, zone/slot, date, meter or job</span>
        <input
          type="search"
          name="q"
          autocomplete="off"
          spellcheck={false}
          maxLength={100}
          placeholder="Address, hash, 1/1947264, 2026-06-01 12:15"
          value={wanted}
          onInput={(event) => setWanted(event.currentTarget.value)}
        />
      </label>
      <button type="submit">Search</button>
      <div class="outcome" aria-live="polite">
        {outcome !== null && <Hits outcome={outcome} />}
      </div>
    </form>
  );
}

function Hits({ outcome }: { readonly outcome: NonNullable<Outcome> }) {
  if ("problem" in outcome) return <ProblemBox problem={outcome.problem} />;
  if (outcome.hits.length === 0) {
    return <p>Nothing is found. A slot is a zone, a slash and its number; a date finds the slot that runs then.</p>;
  }
  return (
    <ul>
      {outcome.hits.map((hit) => (
        <li key={`${hit.kind} ${hit.page}`}>
          <PageLink page={hit.page}>{hit.title}</PageLink> <span class="muted">{hit.kind}</span>
        </li>
      ))}
    </ul>
  );
}
