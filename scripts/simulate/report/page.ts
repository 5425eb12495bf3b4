import { escapeHtml } from "./escapeHtml.ts";
import { drawPlot, type Plot } from "./plot.ts";

export interface Section {
  readonly heading: string;
  readonly text?: string;
  readonly table?: { readonly head: readonly string[]; readonly rows: readonly (readonly string[])[] };
  readonly plots?: readonly Plot[];
  /** Shown as it is, folded up. */
  readonly source?: string;
}

const STYLE = `
:root { color-scheme: light dark; --paper: #fff; --ink: #1c2128; --muted: #57606a; --rule: #d8dee4;
  --first: #0b62c4; --second: #b3500a; --third: #1a7f37; --fourth: #8250df; --fifth: #a1175d; --sixth: #00707a;
  --seventh: #7a5c00; --eighth: #57606a; }
@media (prefers-color-scheme: dark) { :root { --paper: #0f1419; --ink: #e6edf3; --muted: #9aa7b4; --rule: #30363d;
  --first: #6cb0ff; --second: #f0955b; --third: #5fc878; --fourth: #bd9bff; --fifth: #ff86bd; --sixth: #4fd0da;
  --seventh: #e0c04a; --eighth: #9aa7b4; } }
body { margin: 0 auto; max-width: 75rem; padding: 1rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.2rem; margin-top: 2rem; }
figure { margin: 1rem 0; max-width: 52rem; } svg { width: 100%; height: auto; display: block; }
.key { display: flex; flex-wrap: wrap; gap: 0 1rem; list-style: none; margin: 0; padding: 0; font-size: 0.9rem; }
.key span { display: inline-block; width: 0.8rem; height: 0.8rem; margin-right: 0.4rem; }
figcaption { color: var(--muted); font-size: 0.9rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: 0.9rem; font-variant-numeric: tabular-nums; }
th, td { padding: 0.25rem 0.75rem; border-bottom: 1px solid var(--rule); text-align: right; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
pre { overflow-x: auto; padding: 0.75rem; border: 1px solid var(--rule); }
`;

/** One page that needs nothing else: its policy forbids every request, and it has no script. */
export function pageOf(title: string, lead: string, sections: readonly Section[]): string {
  let plots = 0;
  const body = sections.map(({ heading, text, table, plots: drawn = [], source }) =>
    [
      `<section><h2>${escapeHtml(heading)}</h2>`,
      ...(text === undefined ? [] : [`<p>${escapeHtml(text)}</p>`]),
      ...(table === undefined ? [] : [tableOf(heading, table)]),
      ...drawn.map((plot) => drawPlot(plot, ++plots)),
      ...(source === undefined
        ? []
        : [`<details><summary>Show</summary><pre tabindex="0">${escapeHtml(source)}</pre></details>`]),
      "</section>",
    ].join("\n"),
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
<p>${escapeHtml(lead)}</p>
${body.join("\n")}
</main>
</body>
</html>
`;
}

function tableOf(caption: string, { head, rows }: NonNullable<Section["table"]>): string {
  const cells = (tag: "th" | "td", texts: readonly string[], scope: string): string =>
    texts
      .map((text, place) =>
        place === 0 && tag === "td"
          ? `<th scope="row">${escapeHtml(text)}</th>`
          : `<${tag}${scope}>${escapeHtml(text)}</${tag}>`,
      )
      .join("");
  return [
    `<div class="wide" tabindex="0" role="region" aria-label="${escapeHtml(caption)}"><table>`,
    `<thead><tr>${cells("th", head, ' scope="col"')}</tr></thead>`,
    `<tbody>${rows.map((row) => `<tr>${cells("td", row, "")}</tr>`).join("\n")}</tbody>`,
    "</table></div>",
  ].join("\n");
}
