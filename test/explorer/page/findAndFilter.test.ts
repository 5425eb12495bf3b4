import { expect } from "chai";
import { parse } from "csv-parse/sync";
import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { openPath } from "./support/browser.ts";
import { describeInBrowser } from "./support/inBrowser.ts";
import { addressOf, ZONE } from "./support/samples/parts.ts";
import { SAMPLE_SLOT } from "./support/samples/slot.ts";

const CONTRACT = addressOf("EnergyExchange");

/** A row of the file, by the column's head. */
interface EventRow {
  readonly values: string;
}

async function saved(page: Page, button: string): Promise<string> {
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: button }).click();
  return await readFile(await (await download).path(), "utf8");
}

describeInBrowser("finding", ({ open, server }) => {
  it("goes to the only thing found", async () => {
    const page_ = `/slot/${String(ZONE)}/${String(SAMPLE_SLOT)}`;
    server.answer("search", () => ({ hits: [{ kind: "slot", title: "Slot", page: page_ }] }));
    const { page } = await open();
    await openPath(page, "/");
    await page.getByRole("searchbox").fill(` ${String(ZONE)}/${String(SAMPLE_SLOT)} `);
    await page.getByRole("button", { name: "Search" }).click();
    await page.waitForURL(`**${page_}`);
    expect(server.asked).to.include(`GET /api/search?q=${String(ZONE)}%2F${String(SAMPLE_SLOT)}`);
  });

  it("offers several things, and says that there is none", async () => {
    server.answer("search", () => ({
      hits: [
        { kind: "meter", title: "Meter 0x12…34", page: `/meter/${addressOf("bid 0")}` },
        { kind: "account", title: "Its account", page: `/account/${addressOf("bid 0")}` },
      ],
    }));
    const { page } = await open();
    await openPath(page, "/");
    await page.getByRole("searchbox").fill("something");
    await page.keyboard.press("Enter");
    await page.getByRole("link", { name: "Its account" }).waitFor();
    await page.getByRole("link", { name: "Meter 0x12…34" }).click();
    await page.waitForURL(`**/meter/${addressOf("bid 0")}`);
    server.answer("search", () => ({ hits: [] }));
    await page.getByRole("searchbox").fill("nothing");
    await page.keyboard.press("Enter");
    await page.getByText("Nothing is found.").waitFor();
    await page.keyboard.press("Escape");
    expect(await page.getByText("Nothing is found.").count()).to.equal(0);
  });
});

describeInBrowser("events", ({ open, server }) => {
  it("are filtered by name, party and slot, at an address that can be kept", async () => {
    const { page } = await open();
    await openPath(page, `/contract/${CONTRACT}`);
    await page.getByLabel("Event", { exact: true }).fill("SlotCleared");
    await page.getByLabel("Slot", { exact: true }).fill(String(SAMPLE_SLOT));
    await page.getByRole("button", { name: "Filter" }).click();
    await page.waitForURL(`**/contract/${CONTRACT}?name=SlotCleared&slot=${String(SAMPLE_SLOT)}`);
    await page.reload();
    await page.getByRole("table", { name: "Events that match the filter" }).waitFor();
    expect(await page.getByLabel("Event", { exact: true }).inputValue()).to.equal("SlotCleared");
    const wanted = `GET /api/events?name=SlotCleared&slot=${String(SAMPLE_SLOT)}&contract=EnergyExchange`;
    expect(server.asked.filter((asked) => asked === wanted)).to.have.length(2);
  });

  it("are saved as CSV and JSON, every page of them", async () => {
    const { page } = await open();
    await openPath(page, "/events");
    const rows = parse<EventRow>(await saved(page, "Download CSV"), { columns: true });
    await page.getByText("100 events saved").waitFor();
    const events = JSON.parse(await saved(page, "Download JSON")) as { args: unknown }[];
    expect(rows).to.have.length(100);
    expect(rows.map((row) => JSON.parse(row.values) as unknown)).to.deep.equal(events.map(({ args }) => args));
  });
});

describeInBrowser("read functions", ({ open, server }) => {
  it("are asked with what is typed", async () => {
    const { page } = await open();
    await openPath(page, `/contract/${CONTRACT}`);
    await page.getByText("siteOf(address)").click();
    await page.getByLabel("meter address").fill(addressOf("bid 0"));
    await page.getByRole("button", { name: "Ask" }).click();
    const answer = page.getByRole("table", { name: "Answer of siteOf(address)" });
    expect(await answer.locator("tbody tr").innerText()).to.match(/site\s+uint32\s+7/);
    const question = new URL(server.asked.at(-1)?.split(" ")[1] ?? "", server.url).searchParams;
    expect(question.get("signature")).to.equal("siteOf(address)");
    expect(question.get("args")).to.equal(JSON.stringify([addressOf("bid 0")]));
  });
});
