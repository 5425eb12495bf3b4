import { expect } from "chai";
import { openPath } from "./support/browser.ts";
import { describeInBrowser } from "./support/inBrowser.ts";
import { failedAudit, passedAudit, runningAudit } from "./support/samples/audit.ts";
import { ZONE } from "./support/samples/parts.ts";
import { SAMPLE_SLOT } from "./support/samples/slot.ts";

describeInBrowser("the page of the audit", ({ open, server }) => {
  it("starts it, shows how far it is, and each check at its end", async () => {
    let done = 0;
    server.answer("startAudit", () => ({ ...runningAudit(), done: 0 }));
    server.answer("audit", () => (++done < 3 ? { ...runningAudit(), done: done * 1_000 } : passedAudit()));
    const { page } = await open();
    await openPath(page, "/audit");
    await page.getByRole("button", { name: "Start an audit" }).click();
    await page.getByRole("progressbar").waitFor();
    await page.getByText("All 2 checks hold: no difference.").waitFor();
    expect(await page.getByText("4,321 of 4,321 blocks read").count()).to.equal(1);
    await page.getByRole("heading", { name: "The index is the chain" }).waitFor();
    expect(server.asked.filter((asked) => asked === "GET /api/audit/run-1")).to.have.length(3);
    expect(server.asked).to.include("POST /api/audit");
  });

  it("leads from each difference to the item concerned, and nowhere else", async () => {
    server.answer("audit", failedAudit);
    const { page } = await open();
    await openPath(page, "/audit");
    await page.getByRole("button", { name: "Start an audit" }).click();
    await page.getByText("1 of 3 checks found differences.").waitFor();
    expect(await page.getByRole("link", { name: "A page elsewhere" }).count()).to.equal(0);
    await page.getByRole("link", { name: `Clearing price of slot ${String(SAMPLE_SLOT)}` }).click();
    await page.waitForURL(`**/slot/${String(ZONE)}/${String(SAMPLE_SLOT)}`);
    await page.getByRole("heading", { name: "Recomputation" }).waitFor();
  });

  it("says why it broke off", async () => {
    server.answer("audit", () => ({ ...runningAudit(), state: "broken", problem: "The node went away." }));
    const { page } = await open();
    await openPath(page, "/audit");
    await page.getByRole("button", { name: "Start an audit" }).click();
    await page.getByText("The node went away.").waitFor();
    await page.getByRole("button", { name: "Start it again" }).waitFor();
  });
});
