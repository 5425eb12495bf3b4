import { expect } from "chai";
import type { Page } from "playwright-core";
import { openPath } from "./support/browser.ts";
import { describeInBrowser } from "./support/inBrowser.ts";
import { SAMPLE_CERTIFICATE } from "./support/samples/accounts.ts";
import { sampleContract, SAMPLE_TRANSACTION } from "./support/samples/chain.ts";
import { sampleOverview } from "./support/samples/overview.ts";
import { sampleMeter, SAMPLE_METER } from "./support/samples/meter.ts";
import { addressOf, HOSTILE } from "./support/samples/parts.ts";

/** What markup in a text would have left behind. */
async function traces(page: Page): Promise<string> {
  return await page.evaluate<string>(
    "[document.querySelectorAll('main img, main script, header script').length, document.title.includes('owned')].join()",
  );
}

describeInBrowser("text of the chain", ({ open, server }) => {
  const places = [
    [`/certificate/${SAMPLE_CERTIFICATE}`, "a cancellation's purpose and beneficiary", 2],
    ["/governance", "a proposal's description and a ballot's reason", 2],
    [`/contract/${addressOf("EnergyExchange")}`, "a source", 1],
    [`/tx/${SAMPLE_TRANSACTION}`, "a call's argument", 1],
  ] as const;
  for (const [path, what, times] of places) {
    it(`is text in ${what}`, async () => {
      const { page } = await open();
      await openPath(page, path);
      const text = (await page.locator("main").textContent()) ?? "";
      const shown = text.replaceAll('\\"', '"').split(HOSTILE).length - 1;
      expect(shown).to.equal(times);
      expect(await traces(page)).to.equal("0,false");
    });
  }

  it("is text in names, badges, states and flags too", async () => {
    server.answer("contract", () => ({ ...sampleContract(), name: HOSTILE, eventNames: [HOSTILE] }));
    server.answer("overview", () => ({
      ...sampleOverview(),
      network: HOSTILE,
      contracts: [{ name: HOSTILE, address: addressOf("owner") }],
    }));
    server.answer("meter", () => {
      const meter = sampleMeter();
      return {
        ...meter,
        status: HOSTILE,
        flags: [HOSTILE],
        badges: meter.badges.map((badge) => ({ ...badge, title: HOSTILE })),
      };
    });
    const { page } = await open();
    for (const path of ["/", `/contract/${addressOf("EnergyExchange")}`, `/meter/${SAMPLE_METER}`]) {
      await openPath(page, path);
      await page.getByText("onerror").first().waitFor();
      expect(await page.locator("main img, main script, .network img").count(), path).to.equal(0);
    }
    expect(await page.getByText(HOSTILE).count()).to.be.greaterThan(1);
  });
});
