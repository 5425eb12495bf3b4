import { expect } from "chai";
import type { Page } from "playwright-core";
import { openPath } from "./support/browser.ts";
import { describeInBrowser } from "./support/inBrowser.ts";

async function paper(page: Page): Promise<string> {
  return await page.evaluate<string>("getComputedStyle(document.body).backgroundColor");
}

async function firstChart(page: Page): Promise<string> {
  return await page.evaluate<string>("document.querySelector('canvas').toDataURL()");
}

describeInBrowser("colours", ({ open }) => {
  it("follow the system until the reader chooses, and keep the choice", async () => {
    const { page } = await open({ colorScheme: "light" });
    await openPath(page, "/");
    const light = await paper(page);
    await page.emulateMedia({ colorScheme: "dark" });
    const dark = await paper(page);
    expect(dark).not.to.equal(light);
    await page.getByLabel("Colours").selectOption("light");
    expect(await paper(page)).to.equal(light);
    await page.reload();
    await openPath(page, "/");
    expect(await paper(page)).to.equal(light);
    await page.getByLabel("Colours").selectOption("dark");
    await page.emulateMedia({ colorScheme: "light" });
    expect(await paper(page)).to.equal(dark);
  });

  it("reach the charts", async () => {
    const { page } = await open({ colorScheme: "light" });
    await openPath(page, "/");
    const light = await firstChart(page);
    await page.getByLabel("Colours").selectOption("dark");
    expect(await firstChart(page)).not.to.equal(light);
  });
});
