import { useEffect, useRef } from "preact/hooks";
import { useAnswer } from "./answers/useAnswer.ts";
import { Header } from "./header.tsx";
import { KnownContracts } from "./parts/known.ts";
import { ShownPlace } from "./pages/shownPlace.tsx";
import { useLocation } from "./router/location.ts";
import { placeOf } from "./router/place.ts";

export function App() {
  const location = useLocation();
  const main = useRef<HTMLElement>(null);
  const deployment = useAnswer("overview");
  const contracts = new Map(
    (deployment.answer?.contracts ?? []).map(({ name, address }) => [address.toLowerCase(), name]),
  );
  useFocusOnMove(main, location.pathname);

  return (
    <KnownContracts.Provider value={contracts}>
      <a class="skip" href="#main">
        Skip to content
      </a>
      <Header
        pathname={location.pathname}
        network={
          deployment.answer === null ? null : `${deployment.answer.network} ${String(deployment.answer.chainId)}`
        }
      />
      <main id="main" ref={main} tabIndex={-1}>
        <ShownPlace key={location.pathname} place={placeOf(location.pathname)} search={location.search} />
      </main>
      <footer>
        <p>
          Every figure comes from the chain and leads to its transaction. Energy in Wh or kWh, prices in credits per
          kWh, times in UTC.
        </p>
      </footer>
    </KnownContracts.Provider>
  );
}

/** After a move within the page, as after a load of one: at the top, with the heading read to those who cannot see it. */
function useFocusOnMove(main: { readonly current: HTMLElement | null }, pathname: string): void {
  const before = useRef(pathname);
  useEffect(() => {
    if (before.current === pathname) return;
    before.current = pathname;
    if (window.location.hash === "") window.scrollTo(0, 0);
    main.current?.querySelector("h1")?.focus({ preventScroll: true });
  }, [main, pathname]);
}
