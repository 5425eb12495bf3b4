import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { chromium, type Page } from "playwright-core";
import type { Answer } from "../../explorer/api/routes.ts";
import { JouleworkError } from "../../src/errors.ts";

const SIZE = { width: 1_120, height: 900 };
/** Room for the audit of a day, or for measuring a job's losses, on a busy machine. */
const LONGEST_MS = 600_000;

export interface TakePicturesParameters {
  /** Address of the explorer. */
  readonly url: string;
  readonly out: string;
  readonly chromium: string;
  readonly tell: (line: string) => void;
}

/** Opens each main page of an explorer and writes what one sees of it to a PNG of the page's name. */
export async function takePictures({
  url,
  out,
  chromium: executablePath,
  tell,
}: TakePicturesParameters): Promise<void> {
  await mkdir(out, { recursive: true });
  const paths = await pathsOf(url);
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
  try {
    for (const [name, path] of Object.entries(paths)) {
      const page = await browser.newPage({ baseURL: url, viewport: SIZE, colorScheme: "light" });
      await page.goto(path);
      await page.locator("main h2, main button.main").first().waitFor();
      await page.locator(".loading").waitFor({ state: "detached", timeout: LONGEST_MS });
      if (name === "audit") await runAudit(page);
      const file = join(out, `${name}.png`);
      await page.screenshot({ path: file });
      tell(file);
      await page.close();
    }
  } finally {
    await browser.close();
  }
}

/** The pages worth a picture: the slot with most trade of the last ones, and a meter that sold in it. */
async function pathsOf(url: string): Promise<Readonly<Record<string, string>>> {
  const { zones } = await answer<Answer<"overview">>(url, "/api/overview");
  const points = zones.flatMap(({ zone, slots }) => slots.map((point) => ({ zone, ...point })));
  const [best] = points.toSorted((a, b) => b.matchedWh - a.matchedWh);
  if (best === undefined) {
    throw new JouleworkError({
      code: "NOTHING_TRADED",
      what: "The explorer's chain has no slot to show",
      values: { url },
      hint: "Give the explorer of a chain on which a community traded.",
    });
  }
  const slotPath = `${String(best.zone)}/${String(best.slot)}`;
  const { orders } = await answer<Answer<"slot">>(url, `/api/zones/${slotPath.replace("/", "/slots/")}`);
  const seller = orders.find(({ side, filledWh }) => side === "offer" && filledWh > 0);
  const { jobs } = await answer<Answer<"jobs">>(url, "/api/jobs");
  const [job] = jobs;
  return {
    overview: "/",
    slot: `/slot/${slotPath}`,
    ...(seller === undefined ? {} : { meter: `/meter/${seller.meter}` }),
    ...(job === undefined ? {} : { job: `/job/${String(job.job)}` }),
    audit: "/audit",
  };
}

async function answer<A>(url: string, path: string): Promise<A> {
  const response = await fetch(url + path);
  if (!response.ok) {
    throw new JouleworkError({
      code: "EXPLORER_REFUSED",
      what: "The explorer does not answer",
      values: { url: url + path, status: response.status },
      hint: "Look whether it runs and has indexed its chain.",
    });
  }
  return (await response.json()) as A;
}

async function runAudit(page: Page): Promise<void> {
  await page.locator("button.main").click();
  await page.locator(".verdict").waitFor({ timeout: LONGEST_MS });
}
