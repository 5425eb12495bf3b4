import { expect } from "chai";
import type { Browser, BrowserContextOptions } from "playwright-core";
import { missingBrowser, openBrowser, openWindow, type WatchedPage } from "./browser.ts";
import { startFixtureServer, type FixtureServer } from "./fixtureServer.ts";

/** What a test of the page works with. */
export interface BrowserTools {
  readonly server: Omit<FixtureServer, "close">;
  /** A fresh window, closed after the test. */
  readonly open: (options?: BrowserContextOptions) => Promise<WatchedPage>;
}

/**
 * A suite in a real browser on a fixture server. Every window is checked after its test: no error on its console and no
 * request to another host. Without a browser the suite is skipped, with the reason.
 */
export function describeInBrowser(title: string, body: (tools: BrowserTools) => void): void {
  describe(title, function () {
    let browser: Browser | undefined;
    let server: FixtureServer | undefined;
    const windows: WatchedPage[] = [];

    before(async function () {
      const reason = missingBrowser();
      if (reason !== undefined) {
        console.log(`    skipped: ${reason}`);
        this.skip();
      }
      server = await startFixtureServer();
      browser = await openBrowser();
    });
    after(async () => {
      await browser?.close();
      await server?.close();
    });
    afterEach(async () => {
      server?.reset();
      for (const watched of windows.splice(0)) {
        await watched.close();
        expect(watched.strayRequests, "requests to other hosts").to.deep.equal([]);
        expect(watched.faults, "errors on the console").to.deep.equal([]);
      }
    });

    const started = (): FixtureServer => {
      if (server === undefined) throw new Error("the fixture server has not started");
      return server;
    };
    body({
      server: {
        answer: (name, sample) => started().answer(name, sample),
        reset: () => started().reset(),
        get url() {
          return started().url;
        },
        get asked() {
          return started().asked;
        },
      },
      async open(options) {
        if (browser === undefined) throw new Error("the browser has not started");
        const watched = await openWindow(browser, started().url, options);
        windows.push(watched);
        return watched;
      },
    });
  });
}
