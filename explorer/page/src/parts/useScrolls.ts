import { useEffect, useState } from "preact/hooks";

/** Whether what is in the box of this ref is wider than the box: then the keyboard needs to get there, and only then. */
export function useScrolls(): readonly [ref: (box: HTMLElement | null) => void, scrolls: boolean] {
  const [box, setBox] = useState<HTMLElement | null>(null);
  const [scrolls, setScrolls] = useState(false);
  useEffect(() => {
    if (box === null) return;
    const look = new ResizeObserver(() => setScrolls(box.scrollWidth > box.clientWidth));
    look.observe(box);
    for (const child of box.children) look.observe(child);
    return () => look.disconnect();
  }, [box]);
  return [setBox, scrolls];
}
