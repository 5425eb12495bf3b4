import { expect } from "chai";
import fc from "fast-check";
import { parse } from "csv-parse/sync";
import { eventsAsCsv } from "../../../explorer/page/src/format/csv.ts";
import {
  baseUnitDigits,
  creditDigits,
  exactDigits,
  joinDigits,
  priceDigits,
  trimTogether,
} from "../../../explorer/page/src/format/digits.ts";
import { flatValues, shortHex, valueText, words } from "../../../explorer/page/src/format/names.ts";
import {
  bytes,
  creditText,
  energy,
  grams,
  nats,
  priceText,
  share,
  votes,
  whole,
} from "../../../explorer/page/src/format/quantities.ts";
import { slotSpan, utc } from "../../../explorer/page/src/format/time.ts";
import { eventOf } from "./support/samples/parts.ts";

describe("figures of the explorer's page", () => {
  it("shows prices in credits per kWh, exactly", () => {
    expect(priceText(1_000_000)).to.equal("1.0000");
    expect(priceDigits(238_412)).to.deep.equal({ main: "0.2384", tail: "12" });
    expect(priceText(0)).to.equal("0.0000");
  });

  it("shows credits from ticks and from base units, exactly", () => {
    expect(creditText("1000000000")).to.equal("1.0000");
    expect(creditDigits("-33565000")).to.deep.equal({ main: "−0.0335", tail: "65" });
    expect(creditText(12_345_678_901_234n)).to.equal("12,345.678901234");
    expect(joinDigits(baseUnitDigits("1500000000000000000"))).to.equal("1.5000");
    expect(joinDigits(baseUnitDigits("1"))).to.equal("0.000000000000000001");
  });

  it("leaves out the zeros at which all labels of an axis end", () => {
    expect(trimTogether(["0.4000", "0.2500"])).to.deep.equal(["0.40", "0.25"]);
    expect(trimTogether(["10,000.0000", "0.0000"])).to.deep.equal(["10,000", "0"]);
    expect(trimTogether(["1,000", "500"])).to.deep.equal(["1,000", "500"]);
    expect(trimTogether([])).to.deep.equal([]);
  });

  it("loses no digit of any amount", () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }),
        fc.integer({ min: 4, max: 18 }),
        (units, decimals) => {
          const [integer = "", fraction = ""] = joinDigits(exactDigits(units, decimals)).replace(/,/g, "").split(".");
          const magnitude = BigInt(integer.replace("−", "") + fraction.padEnd(decimals, "0"));
          expect(integer.startsWith("−") ? -magnitude : magnitude).to.equal(units);
        },
      ),
    );
  });

  it("shows energy in Wh, and in kWh where that reads better", () => {
    expect(energy(0)).to.equal("0 Wh");
    expect(energy(9_999)).to.equal("9,999 Wh");
    expect(energy(12_345)).to.equal("12.345 kWh");
    expect(energy(-12_005)).to.equal("−12.005 kWh");
    expect(energy(1_234_567_890)).to.equal("1,234,567.890 kWh");
  });

  it("shows shares, masses, losses, sizes and votes with their units", () => {
    expect(share(873_400)).to.equal("87.34 %");
    expect(share(-213_400)).to.equal("−21.34 %");
    expect(grams("1834205")).to.equal("1,834.205 g");
    expect([nats("3120415"), nats(-12_345_678_900)]).to.deep.equal(["3.1204", "−12,345.6789"]);
    expect([bytes(999), bytes(1_500), bytes(1_612_480)]).to.deep.equal(["999 B", "1.5 kB", "1.6 MB"]);
    expect(votes("1612000")).to.equal("1.612");
    expect(whole(-1_234_567)).to.equal("−1,234,567");
  });

  it("shows times and slots in UTC", () => {
    expect(utc(1_750_500_000)).to.equal("2025-06-21 10:00:00");
    expect(slotSpan(1_945_000)).to.equal("2025-06-21 10:00–10:15");
    expect(slotSpan(1_945_055)).to.equal("2025-06-21 23:45–00:00");
  });

  it("shortens what is long and writes names as words", () => {
    expect(shortHex("0x1234567890abcdef")).to.equal("0x1234…cdef");
    expect(shortHex("0x1234")).to.equal("0x1234");
    expect(words("requesterChosen")).to.equal("requester chosen");
    expect(words("GATE_CLOSED")).to.equal("gate closed");
    expect(valueText({ a: ["1", true] })).to.equal('{"a":["1",true]}');
    expect(flatValues({ job: 1, terms: { program: { root: "0x12" }, scores: ["3", "4"] } })).to.deep.equal([
      ["job", 1],
      ["terms.program.root", "0x12"],
      ["terms.scores", ["3", "4"]],
    ]);
  });
});

/** A row of the file, by the column's head. */
interface EventRow {
  readonly event: string;
  readonly block: string;
  readonly values: string;
}

describe("events as CSV", () => {
  it("comes back from a reader of CSV as it was", () => {
    const args = { text: 'a "quoted", line\r\nand another', zone: 1 };
    const [row] = parse<EventRow>(eventsAsCsv([eventOf("SlotCleared", 12, args)]), { columns: true });
    expect(row?.event).to.equal("SlotCleared");
    expect(row?.block).to.equal("12");
    expect(JSON.parse(row?.values ?? "")).to.deep.equal(args);
  });

  it("gives a spreadsheet nothing to compute", () => {
    const hostile = { ...eventOf("SlotCleared", 12, {}), name: '=HYPERLINK("http://example.org")' };
    const [row] = parse<EventRow>(eventsAsCsv([hostile]), { columns: true });
    expect(row?.event).to.equal(`'=HYPERLINK("http://example.org")`);
  });
});
