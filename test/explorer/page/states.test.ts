import { expect } from "chai";
import { openPath } from "./support/browser.ts";
import { SampleProblem } from "./support/fixtureServer.ts";
import { describeInBrowser } from "./support/inBrowser.ts";
import { sampleAccount, sampleGovernance, SAMPLE_ACCOUNT } from "./support/samples/accounts.ts";
import { sampleJob } from "./support/samples/job.ts";
import { sampleMeter, SAMPLE_METER } from "./support/samples/meter.ts";
import { sampleOverview } from "./support/samples/overview.ts";
import { ZONE } from "./support/samples/parts.ts";
import { SAMPLE_SLOT, sampleSlot } from "./support/samples/slot.ts";

const SLOT_PATH = `/slot/${String(ZONE)}/${String(SAMPLE_SLOT)}`;

describeInBrowser("states of a page", ({ open, server }) => {
  it("says in words what the server cannot answer, with its hint, and asks again", async () => {
    server.answer("job", () => {
      throw new SampleProblem("There is no job 1.");
    });
    const watched = await open();
    const { page } = watched;
    await openPath(page, "/job/1");
    const box = page.getByRole("alert");
    expect(await box.innerText())
      .to.include("There is no job 1.")
      .and.include("Look for another one.")
      .and.include("NOT_FOUND");
    server.reset();
    await box.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("heading", { name: "Green receipt" }).waitFor();
    expect(await box.count()).to.equal(0);
    // The browser itself reports the refused request; nothing else went wrong.
    expect(watched.faults.splice(0)).to.satisfy((faults: string[]) => faults.every((fault) => fault.includes("404")));
  });

  it("says that the server is gone", async () => {
    const watched = await open();
    await watched.page.route("**/api/jobs", (route) => route.abort());
    await openPath(watched.page, "/jobs");
    expect(await watched.page.getByRole("alert").innerText()).to.include("does not answer");
    watched.faults.splice(0);
  });

  it("says that it loads", async () => {
    const { page } = await open();
    let goOn = (): void => undefined;
    const held = new Promise<void>((resolve) => (goOn = resolve));
    await page.route("**/api/jobs", async (route) => {
      await held;
      await route.continue();
    });
    await page.goto("/jobs");
    await page.getByRole("status").filter({ hasText: "Loading the federated jobs" }).waitFor();
    goOn();
    await page.getByRole("table", { name: "Federated jobs" }).waitFor();
  });

  it("says what is empty", async () => {
    server.answer("slot", () => ({
      ...sampleSlot(),
      ...{ tariff: null, clearing: null, book: null, orders: [], recomputed: null, readings: [], closing: null },
      ...{ certificates: [], events: { events: [] } },
    }));
    server.answer("governance", () => ({ ...sampleGovernance(), proposals: [], queue: [] }));
    server.answer("account", () => ({
      ...sampleAccount(),
      ...{ sites: [], providers: [], jobs: [], certificates: [], transfers: [], events: { events: [] } },
    }));
    const { page } = await open();
    const found: string[] = [];
    for (const path of [SLOT_PATH, "/governance", `/account/${SAMPLE_ACCOUNT}`]) {
      await openPath(page, path);
      found.push(...(await page.locator(".empty").allInnerTexts()));
    }
    expect(found)
      .to.include("No bid took part.")
      .and.include("Nothing has been proposed yet.")
      .and.include("This account owns no site.");
  });

  it("shows the beginning of a long list, and all of it on demand", async () => {
    server.answer("slot", () => sampleSlot({ bids: 500, offers: 500 }));
    const { page } = await open();
    await openPath(page, SLOT_PATH);
    const rows = page.getByRole("table", { name: "Bids, by falling limit" }).locator("tbody tr");
    expect(await rows.count()).to.equal(100);
    await page.getByRole("button", { name: "Show all 500 rows" }).first().click();
    expect(await rows.count()).to.equal(500);
  });

  it("asks for the next page of a list with its cursor", async () => {
    server.answer("meter", ({ query }) => {
      const meter = sampleMeter();
      return query.cursor === undefined
        ? { ...meter, slots: meter.slots.slice(0, 3), next: "third" }
        : { ...meter, slots: meter.slots.slice(3, 5) };
    });
    const { page } = await open();
    await openPath(page, `/meter/${SAMPLE_METER}`);
    const rows = page.getByRole("table", { name: "Settled slots" }).locator("tbody tr");
    expect(await rows.count()).to.equal(3);
    await page.getByRole("button", { name: "More slots" }).click();
    await rows.nth(4).waitFor();
    expect(await page.getByRole("button", { name: "More slots" }).count()).to.equal(0);
    expect(server.asked.at(-1)).to.include("cursor=third");
  });

  it("shows a newer answer by itself, and not while it is told to rest", async () => {
    let head = 4_321;
    server.answer("overview", () => {
      const overview = sampleOverview();
      return { ...overview, head: { ...overview.head, number: head } };
    });
    const { page } = await open();
    await page.clock.install();
    await openPath(page, "/");
    head = 4_322;
    await page.clock.fastForward(10_000);
    await page.getByRole("link", { name: "4322", exact: true }).waitFor();
    const live = page.getByRole("checkbox", { name: "Live" });
    await live.uncheck();
    const before = server.asked.length;
    for (let minute = 0; minute < 10; minute++) await page.clock.fastForward(60_000);
    // One question may have been on its way as the box was unchecked.
    expect(server.asked.length).to.be.within(before, before + 1);
    head = 4_323;
    await live.check();
    await page.clock.runFor(1_000);
    await page.clock.fastForward(60_000);
    await page.getByRole("link", { name: "4323", exact: true }).waitFor();
  });

  it("says that a job's losses are being measured, and shows them by itself once they are", async () => {
    server.answer("job", () => ({ ...sampleJob(), losses: [], lossesPending: true }));
    const { page } = await open();
    await page.clock.install();
    await page.goto("/job/1");
    await page.getByRole("status").filter({ hasText: "the losses, which are measured anew" }).waitFor();
    server.reset();
    await page.clock.runFor(1_000);
    await page.clock.fastForward(10_000);
    await page.getByRole("img", { name: /^Validation loss from/ }).waitFor();
    const before = server.asked.length;
    for (let minute = 0; minute < 3; minute++) await page.clock.fastForward(60_000);
    expect(server.asked.length, "questions once all is measured").to.equal(before);
  });

  it("says how far the index has come", async () => {
    server.answer("overview", () => ({
      ...sampleOverview(),
      ...{ indexedBlock: 1_000, indexing: { fromBlock: 0, toBlock: 4_321, done: false } },
    }));
    const { page } = await open();
    await page.goto("/");
    expect(await page.getByRole("status").filter({ hasText: "index" }).innerText()).to.include("1,000 of 4,321");
  });
});
