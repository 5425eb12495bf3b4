import { expect } from "chai";
import { stepCurves } from "../../../explorer/page/src/charts/curves.ts";
import { clearBook } from "../../../src/market/clearing.ts";
import { openPath, untilTrue } from "./support/browser.ts";
import { describeInBrowser } from "./support/inBrowser.ts";
import { ZONE } from "./support/samples/parts.ts";
import { SAMPLE_SLOT, sampleSlot } from "./support/samples/slot.ts";

const PATH = `/slot/${String(ZONE)}/${String(SAMPLE_SLOT)}`;

interface CopiedBook {
  readonly rule: "midpoint" | "sbba";
  readonly orders: readonly { readonly side: string; readonly energyWh: number; readonly limitPrice: number }[];
}

describeInBrowser("the page of a slot", ({ open, server }) => {
  it("gives the inputs from which the market's rule finds the price that it shows", async () => {
    const { page } = await open({ permissions: ["clipboard-read", "clipboard-write"] });
    await openPath(page, PATH);
    await page.getByText("Orders as JSON, to compute by hand").click();
    await page.getByRole("button", { name: "Copy the orders" }).click();
    await page.getByText("Copied", { exact: true }).waitFor();
    const { rule, orders } = JSON.parse(await page.evaluate<string>("navigator.clipboard.readText()")) as CopiedBook;
    const side = (name: string) => orders.filter((order) => order.side === name);
    const { price, volumeWh } = clearBook(rule, side("bid"), side("offer"));
    const shown = await page.locator(".tiles dd").allInnerTexts();
    expect(Number(shown[0]?.split("\n")[0]?.split(",")[0]) * 1e6).to.equal(price);
    expect(shown[1]).to.include(volumeWh.toLocaleString("en-GB"));
  });

  it("says that the recomputation is equal, and where it is not what differs", async () => {
    const { page } = await open();
    await openPath(page, PATH);
    await page.getByText("recomputed: equal").waitFor();
    server.answer("slot", () => {
      const slot = sampleSlot();
      if (slot.recomputed === null) throw new Error("the sample slot is cleared");
      return {
        ...slot,
        recomputed: { ...slot.recomputed, equal: false, differences: ["The price on chain is 1 tick higher."] },
      };
    });
    await openPath(page, PATH);
    await page.getByText("recomputed: different").waitFor();
    await page.getByText("The price on chain is 1 tick higher.").waitFor();
  });

  it("draws its curves, describes them and gives their figures", async () => {
    const { page } = await open();
    await openPath(page, PATH);
    const { clearing } = sampleSlot();
    const chart = page.getByRole("img", { name: /14 offers|11 offers/ });
    expect(await chart.getAttribute("aria-label")).to.include(
      `${(clearing?.clearingPrice ?? 0) / 1e6} credits per kWh`,
    );
    const inked = await page.evaluate<number>(INKED_PIXELS);
    expect(inked).to.be.greaterThan(1_000);
    await page.getByText("Figures of this chart").first().click();
    const curves = stepCurves(taking("offer"), taking("bid"));
    const rows = page.getByRole("table", { name: "Limit prices over cumulated energy" }).locator("tbody tr");
    expect(await rows.count()).to.equal(curves.energyWh.length);
    const cells = await rows.nth(1).locator("th, td").allInnerTexts();
    const ticks = [curves.supply[1], curves.demand[1]].map((limit) => ((limit ?? 0) / 1e6).toFixed(6));
    expect(cells.slice(1, 3).map((cell) => Number(cell).toFixed(6))).to.deep.equal(ticks);
  });

  it("tells lines of one colour apart in the legend as in the chart", async () => {
    const { page } = await open();
    await openPath(page, PATH);
    const style = (label: string): Promise<string> =>
      page.evaluate<string>(
        `(() => {
          const rows = [...document.querySelectorAll(".u-legend .u-series")];
          const row = rows.find((one) => one.querySelector(".u-label").textContent === ${JSON.stringify(label)});
          return getComputedStyle(row.querySelector(".u-marker")).borderTopStyle;
        })()`,
      );
    expect([await style("Import price"), await style("Feed-in price")]).to.deep.equal(["solid", "dashed"]);
  });

  it("fits its chart to the window", async () => {
    const { page } = await open();
    await openPath(page, PATH);
    const wide = await page.evaluate<number>(CANVAS_WIDTH);
    await page.setViewportSize({ width: 500, height: 800 });
    await untilTrue(page, `${CANVAS_WIDTH} < 500`);
    expect(wide).to.be.greaterThan(900);
  });

  it("leads to the slots before and after, and each figure to its transaction", async () => {
    const { page } = await open();
    await openPath(page, PATH);
    await page.getByRole("link", { name: "Next slot" }).click();
    await page.waitForURL(`**/slot/${String(ZONE)}/${String(SAMPLE_SLOT + 1)}`);
    await page.goBack();
    await page.waitForURL(`**${PATH}`);
    const figure = page.locator(".tiles a.sourced").first();
    const source = sampleSlot().clearing?.source;
    expect(await figure.getAttribute("href")).to.equal(
      `/tx/${source?.transactionHash ?? ""}#log-${String(source?.logIndex)}`,
    );
    await figure.click();
    await page.locator("tr.target#log-2").waitFor();
  });
});

function taking(side: "bid" | "offer"): { energyWh: number; limitPrice: number }[] {
  return sampleSlot().orders.filter((order) => order.side === side && order.skipped === null);
}

/** How wide the first chart is. */
const CANVAS_WIDTH = "document.querySelector('.plot canvas').clientWidth";

/** How many pixels of the first chart carry ink. */
const INKED_PIXELS = `(() => {
  const canvas = document.querySelector(".plot canvas");
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let inked = 0;
  for (let at = 3; at < data.length; at += 4) if (data[at] > 0) inked += 1;
  return inked;
})()`;
