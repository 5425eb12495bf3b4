import axe, { type AxeResults } from "axe-core";
import type { Page } from "playwright-core";

/** What axe-core finds on a page with everything unfolded: rule, impact and where, one line each. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  await page.evaluate("document.querySelectorAll('details').forEach((details) => { details.open = true; })");
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<AxeResults>("axe.run()");
  return violations.flatMap(({ id, impact, nodes }) =>
    nodes.map(({ target, failureSummary = "" }) => {
      const reason = failureSummary.split("\n").at(-1)?.trim() ?? "";
      return `${id} (${String(impact)}) at ${target.join(" ")}: ${reason}`;
    }),
  );
}

/** How far the document is wider than its window: wide tables have to scroll in their own box. */
export async function horizontalOverflow(page: Page): Promise<number> {
  return await page.evaluate<number>("document.documentElement.scrollWidth - document.documentElement.clientWidth");
}
