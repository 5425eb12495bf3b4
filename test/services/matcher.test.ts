import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { JouleworkError } from "../../src/errors.ts";
import { bookHash } from "../../src/market/book.ts";
import { NO_FLAGS } from "../../src/market/meterWord.ts";
import { openMatcher } from "../../src/market/service/openMatcher.ts";
import type { Matcher, MatcherParameters, OrderOutcome } from "../../src/market/service/openMatcher.ts";
import type { OrderInput } from "../../src/market/service/types.ts";
import { receiptSigner, signDelegatedOrder, signOrder } from "../../src/market/sign.ts";
import type { SignedOrder } from "../../src/market/sign.ts";
import { slotStart } from "../../src/units.ts";
import { FakeMatcherChain } from "./fakeMatcherChain.ts";
import { DOMAIN, numberedKey } from "./serviceKeys.ts";

const SLOT = 1_944_960;
const ZONE = 1;
const MATCHER = numberedKey(99);
/** Moments of the slot's life, in seconds before its start. */
const GATE = slotStart(SLOT) - 3_600;
const CLOSURE = slotStart(SLOT) - 600;
const COMMIT_END = slotStart(SLOT) - 480;
const COMMITTED_END = slotStart(SLOT) - 120;

describe("matcher", () => {
  let folder: string;
  let chain: FakeMatcherChain;
  let matcher: Matcher;
  let restart: (parameters?: Partial<MatcherParameters>) => void;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "joulework-matcher-"));
    chain = new FakeMatcherChain(DOMAIN, MATCHER.address);
    for (let number = 0; number < 6; number += 1) chain.addMeter(numberedKey(number).address);
    const open = (parameters: Partial<MatcherParameters> = {}): Matcher =>
      openMatcher({
        journalPath: join(folder, "journal.sqlite"),
        chain,
        domain: DOMAIN,
        matcherKey: MATCHER,
        zones: [ZONE],
        ...parameters,
      });
    matcher = open();
    restart = (parameters) => {
      matcher.close();
      matcher = open(parameters);
    };
  });

  afterEach(() => {
    matcher.close();
    rmSync(folder, { recursive: true });
  });

  function order(number: number, changes: Partial<OrderInput> = {}): SignedOrder {
    const side = number % 2 === 0 ? "bid" : "offer";
    const plain = { zone: ZONE, slot: SLOT, side, energyWh: 100, limitPrice: 200_000, ...changes } as const;
    return signOrder(DOMAIN, numberedKey(number), plain);
  }

  function input({ zone, slot, side, energyWh, limitPrice, signature }: SignedOrder): OrderInput {
    return { zone, slot, side, energyWh, limitPrice, signature };
  }

  async function tick(time: number): ReturnType<Matcher["step"]> {
    chain.time = time;
    return matcher.step(time);
  }

  async function codeOf(promise: Promise<unknown>): Promise<string> {
    const error: unknown = await promise.then(
      () => "accepted",
      (reason: unknown) => reason,
    );
    if (!(error instanceof JouleworkError)) return String(error);
    return error.code === "ORDER_REFUSED" ? String(error.values.reason) : error.code;
  }

  const bookState = (): string | undefined => matcher.book(ZONE, SLOT)?.state;

  describe("taking an order", () => {
    it("gives a receipt that the contract would recover to the matcher, and the same one again", async () => {
      await tick(GATE);
      const receipt = await matcher.submit(input(order(0)));
      expect(receiptSigner(DOMAIN, receipt)).to.equal(MATCHER.address);
      expect(receipt.orderHash).to.equal(order(0).hash);
      restart();
      await tick(CLOSURE);
      expect(await matcher.submit(input(order(0)))).to.deep.equal(receipt);
    });

    it("refuses a second, different order of the meter for the slot", async () => {
      await tick(GATE);
      await matcher.submit(input(order(0)));
      expect(await codeOf(matcher.submit(input(order(0, { energyWh: 101 }))))).to.equal("ORDER_ALREADY_GIVEN");
    });

    it("takes one of two different orders that arrive at the same moment", async () => {
      await tick(GATE);
      const codes = await Promise.all([
        codeOf(matcher.submit(input(order(0)))),
        codeOf(matcher.submit(input(order(0, { energyWh: 101 })))),
      ]);
      expect(codes.sort()).to.deep.equal(["ORDER_ALREADY_GIVEN", "accepted"]);
    });

    it("keeps to the gate", async () => {
      expect(await codeOf(matcher.submit(input(order(0))))).to.equal("CHAIN_TIME_UNKNOWN");
      await tick(slotStart(SLOT) - 7_201);
      expect(await codeOf(matcher.submit(input(order(0))))).to.equal("GATE_NOT_OPEN");
      await tick(slotStart(SLOT) - 7_200);
      expect(await codeOf(matcher.submit(input(order(0))))).to.equal("accepted");
      await tick(CLOSURE - 1);
      expect(await codeOf(matcher.submit(input(order(1))))).to.equal("accepted");
      await tick(CLOSURE);
      expect(await codeOf(matcher.submit(input(order(2))))).to.equal("GATE_CLOSED");
    });

    it("refuses what clearing would skip", async () => {
      await tick(GATE);
      const limitWh = (16 + 4) << (4 + 3);
      expect(await codeOf(matcher.submit(input(order(0, { energyWh: limitWh + 1 }))))).to.equal(
        "OrderBeyondRatedPower",
      );
      expect(await codeOf(matcher.submit(input(order(0, { limitPrice: 99_999 }))))).to.equal("LimitOutsideTariff");
      expect(await codeOf(matcher.submit(input(order(0, { limitPrice: 300_001 }))))).to.equal("LimitOutsideTariff");
      expect(await codeOf(matcher.submit(input(order(50))))).to.equal("UnknownMeter");
      chain.addMeter(numberedKey(1).address, { flags: NO_FLAGS });
      expect(await codeOf(matcher.submit(input(order(1))))).to.equal("MeterNotBonded");
      chain.addMeter(numberedKey(2).address, { flags: { ...NO_FLAGS, suspended: true } });
      expect(await codeOf(matcher.submit(input(order(2))))).to.equal("MeterSuspended");
      chain.addMeter(numberedKey(4).address, { lastSlot: SLOT - 1 });
      expect(await codeOf(matcher.submit(input(order(4))))).to.equal("MeterUnread");
      expect(await codeOf(matcher.submit(input(order(0, { energyWh: limitWh, limitPrice: 300_000 }))))).to.equal(
        "accepted",
      );
    });

    it("takes a delegate's order for the meter whose owner named it, and nobody else's", async () => {
      await tick(GATE);
      const meter = numberedKey(0).address;
      const plain = { zone: ZONE, slot: SLOT, side: "bid", energyWh: 100, limitPrice: 200_000 } as const;
      const delegated = { ...input(signDelegatedOrder(DOMAIN, numberedKey(60), meter, plain)), meter };
      expect(await codeOf(matcher.submit(delegated))).to.equal("ORDER_SIGNER_WRONG");
      chain.delegateOf.set(meter, numberedKey(60).address);
      expect(await codeOf(matcher.submit(delegated))).to.equal("accepted");
      await tick(CLOSURE);
      expect(chain.clearings[0]?.map((each) => each.kind)).to.deep.equal(["delegated"]);
    });

    it("takes a list in one look at the chain, and a wrong order does not hold up the others", async () => {
      await tick(GATE);
      const known = await matcher.submit(input(order(0)));
      chain.meterReads = 0;
      const list = [
        order(0),
        order(1),
        order(2, { energyWh: 1_000_000 }),
        order(3),
        order(0, { energyWh: 101 }),
        order(3, { energyWh: 101 }),
        order(4, { zone: 2 }),
      ].map(input);
      const said = (outcome: OrderOutcome): unknown =>
        outcome.receipt === undefined ? (outcome.refusal.values.reason ?? outcome.refusal.code) : outcome.receipt.zone;
      const outcomes = await matcher.submitAll([...list, { ...input(order(5)), signature: `0x${"f".repeat(128)}` }]);
      expect(outcomes.map(said)).to.deep.equal([
        ZONE,
        ZONE,
        "OrderBeyondRatedPower",
        ZONE,
        "ORDER_ALREADY_GIVEN",
        "ORDER_ALREADY_GIVEN",
        "ZONE_NOT_SERVED",
        "SIGNATURE_MALLEABLE",
      ]);
      expect(outcomes[0]?.receipt).to.deep.equal(known);
      expect(chain.meterReads).to.equal(1);
      await tick(CLOSURE);
      expect(chain.clearings[0]).to.have.length(3);
    });

    it("promises nothing that it may not commit", async () => {
      await tick(GATE);
      chain.bondTicks = 99_999_999_999n;
      expect(await codeOf(matcher.submit(input(order(0))))).to.equal("MATCHER_NOT_ENTITLED");
      chain.bondTicks = 100_000_000_000n;
      chain.zoneMatcher = numberedKey(98).address;
      expect(await codeOf(matcher.submit(input(order(0))))).to.equal("MATCHER_NOT_ENTITLED");
      expect(await codeOf(matcher.submit(input(order(0, { zone: 2 }))))).to.equal("ZONE_NOT_SERVED");
    });

    it("promises nothing when the chain was not heard of for too long", async () => {
      restart({ staleAfterMs: -1 });
      await tick(GATE);
      expect(await codeOf(matcher.submit(input(order(0))))).to.equal("CHAIN_TIME_UNKNOWN");
    });
  });

  describe("a slot's book", () => {
    it("is committed in strict order at gate closure, cleared and final", async () => {
      await tick(GATE);
      const orders = [order(0), order(1), order(2, { limitPrice: 210_000 }), order(3, { limitPrice: 150_000 })];
      for (const each of orders) await matcher.submit(input(each));
      await tick(CLOSURE - 1);
      expect(chain.commitments).to.deep.equal([]);
      const step = await tick(CLOSURE);
      const [bid, offer, dearBid, cheapOffer] = orders.map(({ hash }) => hash);
      const sorted = [dearBid, bid, cheapOffer, offer].filter((hash) => hash !== undefined);
      expect(chain.commitments).to.deep.equal([bookHash(sorted)]);
      expect(chain.clearings.map((orderList) => orderList.map(({ hash }) => hash))).to.deep.equal([sorted]);
      expect(step).to.deep.include({ final: [{ zone: ZONE, slot: SLOT }], failed: [] });
      expect(matcher.book(ZONE, SLOT)).to.deep.include({ state: "final", orderHashes: sorted });
    });

    it("leaves out orders that an order placed on chain supersedes, and clears the placed ones", async () => {
      await tick(GATE);
      await matcher.submit(input(order(0)));
      await matcher.submit(input(order(1)));
      // The very same order, which could not stand beside its twin in strict order.
      chain.place(ZONE, SLOT, { meter: numberedKey(0).address, side: "bid", energyWh: 100, limitPrice: 200_000 });
      await tick(CLOSURE);
      expect(chain.clearings[0]?.map(({ kind }) => kind)).to.deep.equal(["placed", "signed"]);
      expect(chain.commitments).to.deep.equal([bookHash([order(1).hash])]);
    });

    it("clears orders placed on chain although nobody sent a signed one", async () => {
      chain.place(ZONE, SLOT, { meter: numberedKey(0).address, side: "bid", energyWh: 100, limitPrice: 200_000 });
      await tick(COMMIT_END - 1);
      expect(chain.clearings).to.deep.equal([]);
      await tick(COMMIT_END);
      expect(chain.clearings[0]?.map(({ kind }) => kind)).to.deep.equal(["placed"]);
      expect(bookState()).to.equal("final");
    });

    for (const mishap of ["answer lost", "never sent"] as const) {
      for (const verb of ["commitment", "clearing"] as const) {
        it(`goes on after a crash in its ${verb}: ${mishap}`, async () => {
          await tick(GATE);
          await matcher.submit(input(order(0)));
          await matcher.submit(input(order(1)));
          if (verb === "clearing") {
            // The commitment goes through before; only then the node fails.
            const commit = chain.commitBook.bind(chain);
            chain.commitBook = async (...parameters) => {
              await commit(...parameters);
              chain.mishaps.push(mishap);
            };
          } else {
            chain.mishaps.push(mishap);
          }
          expect(await codeOf(tick(CLOSURE))).to.match(/the node died/);
          restart();
          // The book is fixed: nothing enters any more, not even before the first step of the new run.
          expect(await codeOf(matcher.submit(input(order(2))))).to.equal("CHAIN_TIME_UNKNOWN");
          await tick(CLOSURE + 15);
          expect(await codeOf(matcher.submit(input(order(2))))).to.equal("GATE_CLOSED");
          expect(chain.commitments).to.deep.equal([bookHash([order(0).hash, order(1).hash])]);
          expect(chain.clearings).to.have.length(1);
          expect(bookState()).to.equal("final");
        });
      }
    }

    it("is given up when another book stands on the chain, and says so", async () => {
      await tick(GATE);
      await matcher.submit(input(order(0)));
      chain.commitElsewhere(ZONE, SLOT, order(5).hash);
      expect((await tick(CLOSURE)).failed).to.deep.equal([{ zone: ZONE, slot: SLOT }]);
      expect(bookState()).to.equal("foreign");
      expect(chain.clearings).to.deep.equal([]);
    });

    it("counts as missed when the matcher slept through its window, and the placed orders clear alone", async () => {
      await tick(GATE);
      await matcher.submit(input(order(1)));
      chain.place(ZONE, SLOT, { meter: numberedKey(0).address, side: "bid", energyWh: 100, limitPrice: 200_000 });
      await tick(COMMITTED_END);
      expect(chain.commitments).to.deep.equal([]);
      expect(chain.clearings[0]?.map(({ kind }) => kind)).to.deep.equal(["placed"]);
      expect(bookState()).to.equal("missed");
    });

    it("is cleared again when a reorganisation takes its clearing away before it is final", async () => {
      restart({ confirmations: 2 });
      await tick(GATE);
      await matcher.submit(input(order(0)));
      await tick(CLOSURE);
      expect(bookState()).to.equal("cleared");
      chain.undoClearing(ZONE, SLOT);
      chain.blockNumber += 2;
      await tick(CLOSURE + 30);
      expect(chain.clearings).to.have.length(2);
      expect(bookState()).to.equal("cleared");
      chain.blockNumber += 2;
      await tick(CLOSURE + 60);
      expect(bookState()).to.equal("final");
      expect(chain.commitments).to.have.length(1);
    });
  });
});
