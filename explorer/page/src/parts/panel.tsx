import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

interface PanelProps {
  readonly title: string;
  readonly note?: ComponentChildren;
  readonly children: ComponentChildren;
  readonly wide?: boolean;
}

/** A headed part of a page. */
export function Panel({ title, note, children, wide = false }: PanelProps) {
  const id = useId();
  return (
    <section class={wide ? "panel wide" : "panel"} aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        {note !== undefined && <div class="note">{note}</div>}
      </header>
      {children}
    </section>
  );
}
