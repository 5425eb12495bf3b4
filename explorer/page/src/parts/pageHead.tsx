import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";

interface PageHeadProps {
  readonly title: string;
  /** The kind of thing, above its title. */
  readonly kind?: string;
  readonly children?: ComponentChildren;
}

/** The page's heading, which also names the document. */
export function PageHead({ title, kind, children }: PageHeadProps) {
  useEffect(() => {
    document.title = `${kind === undefined ? "" : `${kind} `}${title} · Joulework explorer`;
  }, [title, kind]);
  return (
    <header class="page-head">
      <h1 tabIndex={-1}>
        {kind !== undefined && <span class="kind">{kind} </span>}
        <span class={title.startsWith("0x") ? "hex" : undefined}>{title}</span>
      </h1>
      {children !== undefined && <div class="page-note">{children}</div>}
    </header>
  );
}
