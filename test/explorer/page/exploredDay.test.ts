import { expect } from "chai";
import type { Browser, Page } from "playwright-core";
import type { CertificateAnswer } from "../../../explorer/api/certificate.ts";
import { joinDigits, creditDigits } from "../../../explorer/page/src/format/digits.ts";
import type { JobAnswer } from "../../../explorer/api/job.ts";
import { nats, priceText, whole } from "../../../explorer/page/src/format/quantities.ts";
import { blockNumberCall } from "../../../src/chain/calls.ts";
import { CERTIFICATES_ABI } from "../../../src/chain/certificatesAbi.ts";
import { contractAddress } from "../../../src/chain/deployment.ts";
import type { ExchangeEvent } from "../../../src/chain/exchange.ts";
import { fetchEvents } from "../../../src/chain/logs.ts";
import { connectJobs } from "../../../src/training/jobs/jobsLink.ts";
import { HOSTILE_DESCRIPTION } from "../support/playDay.ts";
import { startExploredDay, type ExploredDay } from "../support/startExploredDay.ts";
import { accessibilityFaults, horizontalOverflow } from "./support/axe.ts";
import {
  DESKTOP,
  missingBrowser,
  openBrowser,
  openPath,
  openWindow,
  PHONE,
  type WatchedPage,
} from "./support/browser.ts";

const ZONES = [1, 2];

describe("a community's day in the browser", function () {
  let day: ExploredDay;
  let browser: Browser;
  let close = (): Promise<void> => Promise.resolve();
  let watched: WatchedPage;
  let page: Page;
  let events: readonly ExchangeEvent[];

  before(async function () {
    const reason = missingBrowser();
    if (reason !== undefined) {
      console.log(`    skipped: ${reason}`);
      this.skip();
    }
    day = await startExploredDay();
    close = () => day.close();
    events = await day.exchange.events();
    browser = await openBrowser();
    close = async () => {
      await browser.close();
      await day.close();
    };
  });
  after(() => close());
  beforeEach(async () => {
    watched = await openWindow(browser, day.url);
    ({ page } = watched);
  });
  afterEach(async () => {
    await watched.close();
    expect(watched.strayRequests, "requests to other hosts").to.deep.equal([]);
    expect(watched.faults, "errors on the console").to.deep.equal([]);
  });

  it("adds up to what the audit counted", async () => {
    const { totals } = day.report;
    await openPath(page, "/");
    const main = await page.locator("main").innerText();
    expect(main).to.include(joinDigits(creditDigits(totals.supplyTicks)));
    const counts = [...main.matchAll(/(\d+) sites, (\d+) meters/g)];
    const sum = (group: number) => counts.reduce((total, match) => total + Number(match[group]), 0);
    expect([sum(1), sum(2)]).to.deep.equal([totals.sites, totals.meters]);
  });

  it("shows each clearing as the chain has it, and finds it again from the orders", async () => {
    const clearings = events.filter((event) => event.name === "SlotCleared");
    expect(clearings.length).to.be.greaterThan(ZONES.length);
    for (const { args } of clearings) {
      await openPath(page, `/slot/${String(args.zone)}/${String(args.slot)}`);
      const main = page.locator("main");
      await main.getByText("recomputed: equal").waitFor();
      const figures = await page.locator(".tiles dd").allInnerTexts();
      expect(figures[0]).to.match(new RegExp(`^${priceText(args.clearingPrice)}\\b`));
      expect(figures[1]).to.match(new RegExp(`^${whole(args.matchedWh)}\\b`));
      const filled = main.locator("table").filter({ hasText: "Filled (Wh)" }).locator("tbody tr:not(.faint)");
      expect(await filled.count()).to.equal(args.positions);
    }
  });

  it("shows each kind of meter as its word has it", async () => {
    const kinds = new Map(day.members.map((member) => [member.kind, member]));
    for (const member of kinds.values()) {
      const { address } = member.key;
      const { word } = await day.exchange.meter(address);
      await openPath(page, `/meter/${address}`);
      const figures = await page.locator(".tiles dd").allInnerTexts();
      const shown = figures.slice(0, 3).map((figure) => figure.split("\n")[0]);
      expect(shown, member.name).to.deep.equal([
        joinDigits(creditDigits(word.balanceTicks)),
        whole(word.importWh),
        whole(word.exportWh),
      ]);
    }
  });

  it("shows what each round of the job paid", async () => {
    const paid = await connectJobs(day.exchange).events(["UpdatePaid"], day.job);
    expect(paid).not.to.be.empty;
    await openPath(page, `/job/${String(day.job)}`);
    for (const { args } of paid) {
      const row = page
        .getByRole("table", { name: `Workers of round ${String(args.round)}` })
        .getByRole("row")
        .filter({ has: page.locator(`a[href$="${args.worker}"]`) });
      expect(await row.innerText()).to.include(joinDigits(creditDigits(args.amountTicks)));
    }
    await page.getByRole("img", { name: /^Scores from/ }).waitFor();
  });

  it("draws the loss of the job's model, measured anew from its update store", async () => {
    let losses: JobAnswer["losses"] = [];
    while (losses.length === 0) {
      ({ losses } = (await (await fetch(`${day.url}/api/jobs/${String(day.job)}`)).json()) as JobAnswer);
    }
    await openPath(page, `/job/${String(day.job)}`);
    const panel = page.locator(".panel", { hasText: "Validation loss" });
    const last = losses.at(-1)?.lossMicroNats ?? "";
    await panel.getByText(nats(last)).first().waitFor({ state: "attached" });
  });

  it("follows a certificate from its reading to its holders", async () => {
    const tokenId = await issuedCertificate(day);
    const answer = await fetch(`${day.url}/api/certificates/${tokenId}`);
    const { issuedWh, issues } = (await answer.json()) as CertificateAnswer;
    await openPath(page, `/certificate/${tokenId}`);
    await page.getByText(issuedWh.toLocaleString("en-US")).first().waitFor();
    const rows = page.getByRole("table", { name: /^Issues/ }).getByRole("row");
    expect(await rows.count()).to.equal(1 + issues.length);
    await rows.nth(1).getByRole("link").nth(1).waitFor();
  });

  it("shows why a transaction was refused, in the words of the error codes", async () => {
    await openPath(page, `/tx/${day.refused}`);
    const text = await page.locator("main").innerText();
    expect(text).to.include("Reverted: SlotOutOfRange").and.include("reverted").and.include("too far ahead");
    expect(await page.locator(".trace li").count()).to.be.greaterThan(0);
  });

  it("shows a proposal's text and call, and runs nothing of it", async () => {
    await openPath(page, "/governance");
    expect(await page.locator("main").innerText())
      .to.include(HOSTILE_DESCRIPTION)
      .and.include("CreditDesk.setPrices");
    expect(await page.title()).to.equal("Governance · Joulework explorer");
  });

  it("finds a meter, a slot and a transaction", async () => {
    const [member] = day.members;
    const meter = member?.key.address ?? "";
    for (const [wanted, path] of [
      [`1/${String(day.firstSlot)}`, `/slot/1/${String(day.firstSlot)}`],
      [day.refused, `/tx/${day.refused}`],
    ] as const) {
      await openPath(page, "/");
      await page.getByRole("searchbox").fill(wanted);
      await page.keyboard.press("Enter");
      await page.waitForURL(`**${path}`);
    }
    await page.getByRole("searchbox").fill(meter);
    await page.keyboard.press("Enter");
    await page.locator(`.outcome a[href="/meter/${meter}"]`).click();
    await page.waitForURL(`**/meter/${meter}`);
  });

  it("asks a contract, and filters its events by slot", async () => {
    const exchange = contractAddress(day.deployment, "EnergyExchange");
    await openPath(page, `/contract/${exchange}`);
    await page.getByText("source verified: exact match").waitFor();
    await page.getByLabel("Slot", { exact: true }).fill(String(day.firstSlot));
    await page.getByLabel("Zone", { exact: true }).fill("1");
    await page.getByLabel("Event", { exact: true }).fill("SlotCleared");
    await page.getByRole("button", { name: "Filter" }).click();
    await page.waitForURL("**?name=SlotCleared&zone=1&slot=*");
    const rows = page.getByRole("table", { name: "Events that match the filter" }).locator("tbody tr");
    await rows.filter({ hasText: "SlotCleared" }).waitFor();
    expect(await rows.count()).to.equal(1);
  });

  it("audits chain and index with the result of the library's own audit", async () => {
    await openPath(page, "/audit");
    await page.getByRole("button", { name: "Start an audit" }).click();
    await page.getByText("no difference").waitFor({ timeout: 300_000 });
    expect(day.report.passed).to.equal(true);
    const titles = await page.locator(".panel h2").allTextContents();
    expect(titles.slice(0, -1)).to.have.members(day.report.checks.map(({ title }) => title));
    expect(await page.locator(".panel").getByText("passed", { exact: true }).count()).to.equal(titles.length);
  });

  const looks = [
    ["light colours on a desktop", { colorScheme: "light", viewport: DESKTOP }],
    ["dark colours on a phone", { colorScheme: "dark", viewport: PHONE }],
  ] as const;
  for (const [look, options] of looks) {
    it(`has no fault that axe-core knows on any page in ${look}`, async () => {
      const [member] = day.members;
      const { config } = await day.exchange.meter(member?.key.address ?? "");
      const paths = [
        "/",
        `/slot/1/${String(day.firstSlot + 1)}`,
        `/meter/${member?.key.address ?? ""}`,
        `/account/${(await day.exchange.site(config.site)).owner}`,
        "/jobs",
        `/job/${String(day.job)}`,
        "/reproducible/1",
        "/governance",
        `/certificate/${await issuedCertificate(day)}`,
        `/contract/${contractAddress(day.deployment, "EnergyCredit")}`,
        "/block/250",
        `/tx/${day.refused}`,
        "/events",
        "/audit",
        "/api",
      ];
      const other = await openWindow(browser, day.url, options);
      const faults: string[] = [];
      for (const path of paths) {
        await openPath(other.page, path);
        faults.push(...(await accessibilityFaults(other.page)).map((fault) => `${path}: ${fault}`));
        if ((await horizontalOverflow(other.page)) > 0) faults.push(`${path}: too wide`);
      }
      faults.push(...other.faults, ...other.strayRequests);
      await other.close();
      expect(faults).to.deep.equal([]);
    });
  }
});

/** Token id of the first certificates of the day. */
async function issuedCertificate({ exchange, deployment }: ExploredDay): Promise<string> {
  const address = contractAddress(deployment, "EnergyCertificates");
  const toBlock = await exchange.rpc.call(blockNumberCall());
  const range = { rpc: exchange.rpc, address, fromBlock: deployment.deployBlock, toBlock };
  const [event] = await fetchEvents({ ...range, abi: CERTIFICATES_ABI, names: ["CertificatesIssued"] });
  if (event === undefined) throw new Error("no certificate was issued");
  return String(event.args.id);
}
