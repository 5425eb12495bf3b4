import { expect } from "chai";
import type { Page } from "playwright-core";
import { openPath, untilTrue } from "./support/browser.ts";
import { describeInBrowser } from "./support/inBrowser.ts";
import { ZONE } from "./support/samples/parts.ts";
import { SAMPLE_SLOT, sampleSlot } from "./support/samples/slot.ts";

/** What has the focus: its name as it is read aloud, more or less. */
async function focused(page: Page): Promise<string> {
  return await page.evaluate<string>(
    "(document.activeElement.innerText || document.activeElement.getAttribute('name') || document.activeElement.tagName).trim().split('\\n')[0]",
  );
}

/** Presses the tabulator until what has the focus is called `name`. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let presses = 0; presses < 80; presses += 1) {
    await page.keyboard.press("Tab");
    if ((await focused(page)) === name) return;
  }
  throw new Error(`the tabulator does not get to ${name}`);
}

describeInBrowser("the keyboard alone", ({ open, server }) => {
  it("skips to the content, walks to a slot and on, and is told where it is", async () => {
    const { page } = await open();
    await openPath(page, "/");
    await page.keyboard.press("Tab");
    expect(await focused(page)).to.equal("Skip to content");
    await page.keyboard.press("Enter");
    await untilTrue(page, "document.activeElement.id === 'main'");
    await tabTo(page, String(SAMPLE_SLOT + 9));
    await page.keyboard.press("Enter");
    await page.waitForURL(`**/slot/${String(ZONE)}/${String(SAMPLE_SLOT + 9)}`);
    await untilTrue(page, "document.activeElement.tagName === 'H1'");
    expect(await focused(page)).to.include(String(SAMPLE_SLOT + 9));
    await tabTo(page, "Next slot →");
    await page.keyboard.press("Enter");
    await page.waitForURL(`**/slot/${String(ZONE)}/${String(SAMPLE_SLOT + 10)}`);
  });

  it("opens the figures of a chart and scrolls a wide table", async () => {
    const { page } = await open({ viewport: { width: 500, height: 700 } });
    await openPath(page, `/slot/${String(ZONE)}/${String(SAMPLE_SLOT)}`);
    const summary = page.getByText("Figures of this chart").first();
    await summary.focus();
    await page.keyboard.press("Enter");
    await page.getByRole("table", { name: "Limit prices over cumulated energy" }).waitFor();
    const box = page.getByRole("group", { name: "Readings and payments" });
    await box.focus();
    await page.keyboard.press("ArrowRight");
    await untilTrue(page, "document.activeElement.scrollLeft > 0");
  });

  it("stops at a table only where it scrolls", async () => {
    const { page } = await open();
    const stops = "document.querySelectorAll('.table-box[tabindex=\"0\"]').length";
    await openPath(page, "/jobs");
    await untilTrue(page, `${stops} === 0`);
    await page.setViewportSize({ width: 320, height: 700 });
    await untilTrue(page, `${stops} === 2`);
  });

  it("goes on with the rows that it asked for", async () => {
    server.answer("slot", () => sampleSlot({ bids: 150, offers: 3 }));
    const { page } = await open();
    await openPath(page, `/slot/${String(ZONE)}/${String(SAMPLE_SLOT)}`);
    const bids = page.getByRole("table", { name: "Bids, by falling limit" });
    await page.getByRole("button", { name: "Show all 150 rows" }).focus();
    await page.keyboard.press("Enter");
    await untilTrue(page, "document.activeElement.tagName === 'TR'");
    await page.keyboard.press("Tab");
    const next = await bids.locator("tbody tr").nth(100).getByRole("link").first().innerText();
    expect(await focused(page)).to.equal(next);
  });

  it("shows where the focus is", async () => {
    const { page } = await open();
    await openPath(page, "/");
    const unseen: string[] = [];
    for (let presses = 0; presses < 25; presses += 1) {
      await page.keyboard.press("Tab");
      const outline = await page.evaluate<string>("getComputedStyle(document.activeElement).outlineStyle");
      if (outline === "none") unseen.push(await focused(page));
    }
    expect(unseen).to.deep.equal([]);
  });
});
