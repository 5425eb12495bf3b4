import { expect } from "chai";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { addToBook, readBookFile } from "../../scripts/tasks/support/bookFile.ts";
import { parseLeaseStep, type LeaseInput } from "../../scripts/tasks/support/leaseStep.ts";
import { parseOrderInput, type OrderInput } from "../../scripts/tasks/support/orderInput.ts";
import { JouleworkError } from "../../src/errors.ts";
import { signDelegatedOrder, signOrder } from "../../src/market/sign.ts";
import { DOMAIN, keyOf } from "../market/helpers.ts";

/** What a refused input says, by the code of all of them. */
function refusalOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof JouleworkError && error.code === "ARGUMENT_INVALID") return error.message;
    throw error;
  }
  return "none";
}

describe("the arguments of joulework:lease", () => {
  const none = { offer: 0, topUp: 0, start: 0, withdraw: 0, pause: 0, resume: 0, notice: 0, close: 0 };
  const defaults: LeaseInput = {
    ...none,
    ...{ accelerators: 1, seconds: 0, price: "", site: 0, maxImportPrice: "", maxScarcityPpm: 1_000_000 },
    ...{ minSurplusPpm: 0 },
    ...{ slots: 96, wait: 8, amount: "", as: "requester" },
  };
  const step = (changes: Partial<LeaseInput>) => parseLeaseStep({ ...defaults, ...changes });
  const refused = (changes: Partial<LeaseInput>) => refusalOf(() => step(changes));

  it("name one step, whose numbers they give", () => {
    expect(step({ start: 3 })).to.deep.equal({ as: "requester", step: "start", number: 3 });
    expect(step({ close: 2, as: "provider" })).to.deep.equal({ as: "provider", step: "close", number: 2 });
    expect(step({ topUp: 2, amount: "0.5" })).to.deep.equal({
      ...{ as: "requester", step: "topUp" },
      ...{ lease: 2, amountTicks: 500_000_000n },
    });
  });

  it("let every price pass, unless they say which", () => {
    const request = { ...{ offer: 1, accelerators: 4, seconds: 10_000, price: "", site: 0 }, slots: 96, wait: 8 };
    expect(step({ offer: 1, accelerators: 4, seconds: 10_000 })).to.deep.equal({
      as: "requester",
      step: "offer",
      request: { ...request, maxImportPrice: 16_777_215, maxScarcityPpm: 1_000_000 },
    });
    const policy = { offer: 1, seconds: 900, price: "0.0002", maxImportPrice: "0.3", minSurplusPpm: 5 };
    expect(step(policy)).to.have.deep.property("request", {
      ...{ ...request, accelerators: 1, seconds: 900, price: 200_000n },
      ...{ maxImportPrice: 300_000, maxScarcityPpm: -5 },
    });
  });

  it("are refused where they name no step or two, or two limits of scarcity", () => {
    const both = { offer: 1, seconds: 900, maxScarcityPpm: 0, minSurplusPpm: 1 };
    expect(refused(both)).to.include("give --max-scarcity-ppm or --min-surplus-ppm");
    expect(refused({})).to.include("give exactly one of --offer, --start");
    expect(refused({ start: 1, close: 1 })).to.include("give exactly one of --offer, --start");
  });

  for (const [name, changes] of [
    ["start", { start: -1 }],
    ["seconds", { offer: 1 }],
    ["accelerators", { offer: 1, seconds: 900, accelerators: 0 }],
    ["price", { offer: 1, seconds: 900, price: "-1" }],
    ["price", { offer: 1, seconds: 900, price: "0" }],
    ["site", { offer: 1, seconds: 900, site: -1 }],
    ["maxImportPrice", { offer: 1, seconds: 900, maxImportPrice: "dear" }],
    ["maxScarcityPpm", { offer: 1, seconds: 900, maxScarcityPpm: 1_000_001 }],
    ["minSurplusPpm", { offer: 1, seconds: 900, minSurplusPpm: -1 }],
    ["slots", { offer: 1, seconds: 900, slots: 2_689 }],
    ["wait", { offer: 1, seconds: 900, wait: 0 }],
    ["amount", { topUp: 1 }],
    ["as", { start: 1, as: "nobody" }],
  ] as const) {
    it(`are refused with a wrong ${name}: ${JSON.stringify(changes)}`, () => {
      expect(refused(changes)).to.match(new RegExp(`The argument ${name} is wrong`));
    });
  }
});

describe("the arguments of joulework:order", () => {
  const METER = keyOf(1).address;
  const defaults: OrderInput = {
    ...{ slot: 1_944_961, bid: 0, offer: 0, limit: "", device: -1, meter: "", keyFile: "", book: "", matcher: "" },
    ...{ place: false, cancel: false, as: "owner" },
  };
  const order = (changes: Partial<OrderInput>) => parseOrderInput({ ...defaults, ...changes });
  const refused = (changes: Partial<OrderInput>) => refusalOf(() => order(changes));
  const bid = { bid: 800, limit: "0.25" };

  it("say what is bought or sold, for at most or at least which price", () => {
    expect(order({ ...bid, device: 0 })).to.deep.include({
      terms: { side: "bid", energyWh: 800, limitPrice: 250_000 },
      device: 0,
    });
    expect(order({ offer: 5, limit: "0" }).terms).to.deep.equal({ side: "offer", energyWh: 5, limitPrice: 0 });
    expect(order({ cancel: true, meter: METER })).to.deep.include({ terms: undefined, cancel: true });
  });

  for (const [what, changes] of [
    ["exactly one of --bid, --offer and --cancel", {}],
    ["exactly one of --bid, --offer and --cancel", { ...bid, offer: 1 }],
    ["exactly one of --bid, --offer and --cancel", { ...bid, cancel: true, meter: METER }],
    ["--limit with an order, and only with one", { bid: 800 }],
    ["--limit with an order, and only with one", { cancel: true, meter: METER, limit: "0.1" }],
    ["at most one of --book", { ...bid, book: "a.json", matcher: "http://127.0.0.1:1" }],
    ["at most one of --book", { ...bid, book: "a.json", place: true, meter: METER }],
    ["--meter with --place and --cancel", { ...bid, place: true }],
    ["--meter with --place and --cancel", { cancel: true }],
    ["--device without --meter", { ...bid, device: 0, meter: METER }],
    ["--device without --meter", { ...bid, device: 0, keyFile: "key.json" }],
    ["--key-file signs orders", { ...bid, place: true, meter: METER, keyFile: "key.json" }],
    ["The argument slot is wrong", { ...bid, slot: 0 }],
    ["The argument bid is wrong", { ...bid, bid: -1 }],
    ["The argument offer is wrong", { offer: 2 ** 24, limit: "0.1" }],
    ["The argument limit is wrong", { bid: 800, limit: "cheap" }],
    ["The argument limit is wrong", { bid: 800, limit: "17" }],
    ["The argument meter is wrong", { ...bid, meter: "0x12" }],
  ] as const) {
    it(`are refused with "${what}": ${JSON.stringify(changes)}`, () => {
      expect(refused(changes)).to.include(what);
    });
  }
});

describe("a book that orders are added to", () => {
  const terms = { zone: 1, slot: 1_944_961, side: "bid", energyWh: 800, limitPrice: 300_000 } as const;
  let folder: string;
  let path: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "joulework-book-"));
    path = join(folder, "book.json");
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function codeOf(work: Promise<unknown>): Promise<string> {
    try {
      await work;
    } catch (error) {
      return error instanceof JouleworkError ? error.code : String(error);
    }
    return "none";
  }

  it("starts with its first order, and says which a delegate signed", async () => {
    const first = signOrder(DOMAIN, keyOf(1), terms);
    const second = signDelegatedOrder(DOMAIN, keyOf(9), keyOf(2).address, { ...terms, side: "offer" });
    expect(await addToBook(path, first)).to.equal(1);
    expect(await addToBook(path, second)).to.equal(2);
    const { energyWh, limitPrice } = terms;
    expect(await readBookFile(path)).to.deep.equal({
      zone: 1,
      slot: terms.slot,
      orders: [
        { meter: keyOf(1).address, side: "bid", energyWh, limitPrice, signature: first.signature },
        { meter: keyOf(2).address, side: "offer", energyWh, limitPrice, signature: second.signature, delegated: true },
      ],
    });
  });

  it("takes one order a meter, of its own slot, and no file that is no book", async () => {
    await addToBook(path, signOrder(DOMAIN, keyOf(1), terms));
    const before = await readFile(path, "utf8");
    const again = signOrder(DOMAIN, keyOf(1), { ...terms, energyWh: 5 });
    expect(await codeOf(addToBook(path, again))).to.equal("ORDER_ALREADY_GIVEN");
    const later = signOrder(DOMAIN, keyOf(2), { ...terms, slot: terms.slot + 1 });
    expect(await codeOf(addToBook(path, later))).to.equal("BOOK_OF_ANOTHER_SLOT");
    expect(await readFile(path, "utf8")).to.equal(before);
    await writeFile(path, "{}");
    expect(await codeOf(addToBook(path, again))).to.equal("ARGUMENT_INVALID");
    await writeFile(path, "no book");
    expect(await codeOf(addToBook(path, again))).to.equal("FILE_UNREADABLE");
  });
});
