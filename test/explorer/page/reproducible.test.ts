import { expect } from "chai";
import { openPath } from "./support/browser.ts";
import { describeInBrowser } from "./support/inBrowser.ts";
import { sampleReproducible } from "./support/samples/reproducible.ts";

describeInBrowser("the page of a reproducible job", ({ open, server }) => {
  it("shows claims and every move with who, clocks and node, each with its transaction", async () => {
    const { page } = await open();
    await openPath(page, "/reproducible/1");
    const main = page.locator("main");
    await main.getByRole("heading", { name: "Dispute 1 about round 1" }).waitFor();
    const moves = main.getByRole("table", { name: "Moves of dispute 1" }).locator("tbody tr");
    expect(await moves.count()).to.equal(3);
    const proof = moves.nth(2);
    expect(await proof.innerText())
      .to.include("proved what it had claimed")
      .and.to.include("0, 2 above the leaves");
    expect(await proof.innerText())
      .to.include("580")
      .and.to.include("600")
      .and.to.include("71,002");
    const [dispute] = sampleReproducible().disputes;
    const source = dispute?.moves[2]?.source;
    expect(await proof.locator("a.sourced").getAttribute("href")).to.equal(
      `/tx/${source?.transactionHash ?? ""}#log-${String(source?.logIndex)}`,
    );
    const text = await main.innerText();
    for (const shown of ["dot: a + v0 * v1", "step 21, operation 118, element 77, term 3", "212,322"]) {
      expect(text).to.include(shown);
    }
  });

  it("says who is to move and until when, and leads to all events of the job", async () => {
    const { page } = await open();
    await openPath(page, "/reproducible/1");
    const panel = page.locator("section", { has: page.getByRole("heading", { name: "Dispute 2 about round 1" }) });
    expect(await panel.innerText()).to.match(/To move\s+0x[0-9a-fA-F]{4}….{4}, until 2025-06-21 10:30:00 UTC/);
    await page.getByRole("link", { name: "All events of this job" }).click();
    await page.getByRole("heading", { level: 1, name: "Events" }).waitFor();
    await page.getByRole("table", { name: "Events that match the filter" }).waitFor();
    expect(server.asked).to.include("GET /api/events?reproducible=1");
  });

  it("says so where moves are missing", async () => {
    server.answer("reproducibleJob", () => ({ ...sampleReproducible(), movesKnown: false }));
    const { page } = await open();
    await openPath(page, "/reproducible/1");
    expect(await page.locator(".problem[role=alert]").innerText()).to.include("moves of disputes are missing");
  });

  it("is led to from the jobs and from the overview", async () => {
    const { page } = await open();
    for (const [path, name] of [
      ["/jobs", "Reproducible jobs"],
      ["/", "Open jobs"],
    ] as const) {
      await openPath(page, path);
      const table = page.getByRole("table", { name, exact: true });
      await table.locator('a[href="/reproducible/1"]').click();
      await page.getByRole("heading", { level: 1, name: "Reproducible job 1" }).waitFor();
    }
  });
});
