import { useEffect, useState } from "preact/hooks";

/** Where the browser is: the parts of its address that choose and filter a page. */
export interface Location {
  readonly pathname: string;
  readonly search: string;
  readonly hash: string;
}

const listeners = new Set<() => void>();

function read(): Location {
  const { pathname, search, hash } = window.location;
  return { pathname, search, hash };
}

function tell(): void {
  for (const listener of listeners) listener();
}

/** Goes to a path of the page without loading the document again. */
export function goTo(path: string, { replace = false } = {}): void {
  if (replace) window.history.replaceState(null, "", path);
  else window.history.pushState(null, "", path);
  tell();
}

/** Makes plain links move within the page, and the browser's back and forward buttons work. Called once. */
export function listenToLinks(): void {
  window.addEventListener("popstate", tell);
  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    if (link?.origin !== window.location.origin || link.target !== "") return;
    if (link.hasAttribute("download") || link.hasAttribute("data-document")) return;
    const samePage = link.pathname === window.location.pathname && link.search === window.location.search;
    if (samePage && link.hash !== "") return;
    event.preventDefault();
    goTo(link.pathname + link.search + link.hash);
  });
}

export function useLocation(): Location {
  const [location, setLocation] = useState(read);
  useEffect(() => {
    const listener = () => setLocation(read());
    listeners.add(listener);
    listener();
    return () => {
      listeners.delete(listener);
    };
  }, []);
  return location;
}
