import { existsSync } from "node:fs";
import { chromium, type Browser, type BrowserContextOptions, type Page } from "playwright-core";

const CHROMIUM = process.env.JOULEWORK_CHROMIUM ?? "/usr/bin/chromium";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** A real browser, or the reason why there is none. */
export async function openBrowser(): Promise<Browser> {
  return await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
}

/** Why the tests of the page cannot run here; undefined where they can, or where they have to. */
export function missingBrowser(): string | undefined {
  if (existsSync(CHROMIUM) || process.env.JOULEWORK_REQUIRE_CHROMIUM === "1") return undefined;
  return `no Chromium at ${CHROMIUM} (JOULEWORK_CHROMIUM names another one)`;
}

/** A page with what must not happen on it. */
export interface WatchedPage {
  readonly page: Page;
  /** Errors on the console, uncaught ones, and breaches of the content security policy. */
  readonly faults: string[];
  /** Requests to any other host than the page's own. */
  readonly strayRequests: readonly string[];
  readonly close: () => Promise<void>;
}

/** How long anything on a page may take on a busy machine. */
const PATIENCE_MS = 120_000;

export const DESKTOP = { width: 1_280, height: 800 };
export const PHONE = { width: 360, height: 740 };

/** A fresh window on the server at `url`. */
export async function openWindow(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport: DESKTOP, baseURL: url, acceptDownloads: true, ...options });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const faults: string[] = [];
  const strayRequests: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") faults.push(message.text());
  });
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("request", (request) => {
    const target = request.url();
    if (!target.startsWith(`${url}/`) && !target.startsWith("blob:")) strayRequests.push(target);
  });
  return { page, faults, strayRequests, close: () => context.close() };
}

/** Goes to a path and waits until its answer shows. */
export async function openPath(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await page.locator("h1").waitFor();
  await page.locator(".loading").waitFor({ state: "detached" });
}

const ASK_EVERY_MS = 20;

/**
 * Waits until an expression holds in the page. It is asked from outside each time: a loop inside the page, such as Playwright's own,
 * evaluates a text there, which the content-security policy forbids.
 */
export async function untilTrue(page: Page, expression: string): Promise<void> {
  for (let waited = 0; waited < PATIENCE_MS; waited += ASK_EVERY_MS) {
    if (await page.evaluate<boolean>(expression)) return;
    await page.waitForTimeout(ASK_EVERY_MS);
  }
  throw new Error(`never came true: ${expression}`);
}
