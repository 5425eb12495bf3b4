import { expect } from "chai";
import fc from "fast-check";
import type { Batch, EventFilter, EventKey, PageOptions, Store } from "../../../explorer/store/store.ts";
import { syntheticBatches } from "../../../scripts/bench/syntheticIndex.ts";
import { codeOf } from "../support/codeOf.ts";
import { mixedBatches } from "./mixedBatches.ts";
import { ReferenceStore } from "./referenceStore.ts";
import { DATABASES, newChain, type StoreUnderTest } from "./stores.ts";

const BATCHES: readonly Batch[] = [...syntheticBatches({ events: 1_200, zones: 2, metersPerZone: 12 })];
const LAST_BLOCK = BATCHES.at(-1)?.blocks.at(-1)?.number ?? 0;
const ALL_KEYS = distinctKeys(BATCHES);
const NAMES = [...new Set(BATCHES.flatMap(({ events }) => events.map(({ name }) => name)))];

for (const { name, start } of DATABASES) {
  describe(`the index in ${name}`, function () {
    let database: StoreUnderTest;

    before(async function () {
      const started = await start();
      if (started === undefined) return this.skip();
      database = started;
    });
    after(async () => {
      await (database as StoreUnderTest | undefined)?.end();
    });

    async function filled(batches: readonly Batch[]): Promise<Store> {
      const store = await database.open(newChain());
      for (const batch of batches) await store.append(batch);
      return store;
    }

    describe("given a market's blocks", () => {
      const reference = new ReferenceStore(BATCHES);
      let store: Store;

      before(async () => {
        store = await filled(BATCHES);
      });
      after(() => store.close());

      it("answers any question for events as a search through all rows does", async () => {
        await fc.assert(
          fc.asyncProperty(eventFilters(), pages(), async (filter, page) => {
            expect(await store.events(filter, page)).to.deep.equal(reference.events(filter, page));
            expect(await store.countEvents(filter)).to.equal(reference.countEvents(filter));
          }),
          { numRuns: 150, seed: 1 },
        );
      });

      it("lists the transactions of an address, whether it sent, received or is named", async () => {
        const parties = ALL_KEYS.filter(({ kind }) => kind === "party").map(({ value }) => value);
        const addresses = [...new Set([...parties, ...reference.transactions().map(({ from }) => from)])];
        await fc.assert(
          fc.asyncProperty(fc.constantFrom(...addresses), pages(), async (address, page) => {
            expect(await store.transactionsOf(address, page)).to.deep.equal(reference.transactionsOf(address, page));
          }),
          { numRuns: 60, seed: 2 },
        );
      });

      it("finds an address in any spelling", async () => {
        const [address = ""] = ALL_KEYS.filter(({ kind }) => kind === "party").map(({ value }) => value);
        const page = { limit: 5 };
        const key: EventKey = { kind: "party", value: address.toLowerCase() };
        expect(await store.events({ key }, page)).to.have.length(5);
        expect(await store.transactionsOf(address.toLowerCase(), page)).to.deep.equal(
          reference.transactionsOf(address, page),
        );
      });

      it("walks through a whole list page by page, each row once", async () => {
        const key: EventKey = { kind: "zone", value: "1" };
        const seen: string[] = [];
        let page: PageOptions = { limit: 37 };
        for (;;) {
          const events = await store.events({ key }, page);
          seen.push(...events.map(({ blockNumber, logIndex }) => `${blockNumber}/${logIndex}`));
          const last = events.at(-1);
          if (last === undefined) break;
          page = { limit: 37, after: { blockNumber: last.blockNumber, index: last.logIndex } };
        }
        expect(new Set(seen).size).to.equal(seen.length);
        expect(seen.length).to.equal(reference.countEvents({ key }));
      });

      it("finds every transaction by its hash, by its block and by its sender's nonce", async () => {
        for (const transaction of reference.transactions().slice(0, 40)) {
          const { hash, from, nonce, blockNumber } = transaction;
          expect(await store.transaction(hash)).to.deep.equal(transaction);
          expect(await store.transactionBySenderAndNonce(from, nonce)).to.deep.equal(transaction);
          expect(await store.transactionsOfBlock(blockNumber, { limit: 10 })).to.deep.equal([transaction]);
          expect(await store.eventsOfTransaction(hash)).to.deep.equal(reference.eventsOfTransaction(hash));
        }
      });

      it("finds blocks by number and hash, and lists them", async () => {
        const blocks = BATCHES.flatMap((batch) => batch.blocks);
        const [first] = blocks;
        expect(await store.head()).to.deep.equal(blocks.at(-1));
        expect(await store.block(0)).to.deep.equal(first);
        expect(await store.block(first?.hash ?? "")).to.deep.equal(first);
        expect(await store.block(LAST_BLOCK + 1)).to.equal(undefined);
        expect(await store.blocks({ limit: 3 })).to.deep.equal(blocks.slice(-3).reverse());
        const after = { blockNumber: 4, index: 0 };
        expect(await store.blocks({ limit: 2, order: "oldest", after })).to.deep.equal(blocks.slice(5, 7));
      });

      it("lists every subject of its events and transactions once", async () => {
        const name = ({ kind, value }: { readonly kind: string; readonly value: string }): string => `${kind} ${value}`;
        const expected = new Set(
          BATCHES.flatMap(({ events, transactions }) => [
            ...events.flatMap(({ keys }) => keys.map(name)),
            ...transactions
              .flatMap(({ from, to, createdContract }) => [from, to, createdContract])
              .flatMap((value) => (value === null ? [] : [name({ kind: "party", value })])),
          ]),
        );
        const found: string[] = [];
        for (let after = 0; ;) {
          const page = await store.subjects({ after, limit: 7 });
          found.push(...page.map(({ key }) => name(key)));
          const last = page.at(-1);
          if (last === undefined) break;
          after = last.id;
        }
        expect(found).to.have.members([...expected]);
      });

      it("knows nothing of what is not there", async () => {
        const nobody = `0x${"00".repeat(19)}01`;
        expect(await store.transaction(`0x${"00".repeat(32)}`)).to.equal(undefined);
        expect(await store.transactionsOf(nobody, { limit: 1 })).to.deep.equal([]);
        expect(await store.creationOf(nobody)).to.equal(undefined);
        expect(await store.events({ names: [] }, { limit: 1 })).to.deep.equal([]);
        expect(await store.countEvents({ contract: "Nothing" })).to.equal(0);
      });

      it("refuses a page that is too large, and a place that is none", async () => {
        expect(await codeOf(store.events({}, { limit: 1_001 }))).to.equal("PAGE_LIMIT_INVALID");
        expect(await codeOf(store.blocks({ limit: 0 }))).to.equal("PAGE_LIMIT_INVALID");
        const after = { blockNumber: 0.5, index: 0 };
        expect(await codeOf(store.events({}, { limit: 1, after }))).to.equal("POSITION_INVALID");
      });
    });

    it("keeps several transactions of a block, creations and failures apart", async () => {
      const batches = mixedBatches();
      const reference = new ReferenceStore(batches);
      const store = await filled(batches);
      const all = reference.transactions();
      expect(await store.transactionsOfBlock(0, { limit: 10, order: "oldest" })).to.deep.equal(all);
      const created = all.find(({ createdContract }) => createdContract !== null);
      expect(created).to.not.equal(undefined);
      expect(await store.creationOf(created?.createdContract ?? "")).to.deep.equal(created);
      for (const { hash } of all) {
        expect(await store.eventsOfTransaction(hash)).to.deep.equal(reference.eventsOfTransaction(hash));
      }
      await store.close();
    });

    it("is after a rewind what it would be without the blocks that went", async () => {
      const kept = BATCHES.slice(0, 3);
      const lastKept = kept.at(-1)?.blocks.at(-1)?.number ?? 0;
      const store = await filled(BATCHES);
      await store.rewind(lastKept);
      const short = await filled(kept);
      await sameAnswers(store, short);
      for (const batch of BATCHES.slice(3)) await store.append(batch);
      const whole = await filled(BATCHES);
      await sameAnswers(store, whole);
      await store.rewind(-1);
      expect(await store.head()).to.equal(undefined);
      expect(await store.countEvents({})).to.equal(0);
      await Promise.all([store, short, whole].map((one) => one.close()));
    });

    it("takes no block twice, none too early and none of another chain", async () => {
      const [first, second, third] = BATCHES;
      if (first === undefined || second === undefined || third === undefined) throw new Error("too few batches");
      const store = await filled([first]);
      expect(await codeOf(store.append(first))).to.equal("INDEX_OUT_OF_ORDER");
      expect(await codeOf(store.append(third))).to.equal("INDEX_OUT_OF_ORDER");
      const [block, ...others] = second.blocks;
      if (block === undefined) throw new Error("an empty batch");
      const foreign = { ...second, blocks: [{ ...block, parentHash: `0x${"cd".repeat(32)}` }, ...others] };
      expect(await codeOf(store.append(foreign))).to.equal("INDEX_OUT_OF_ORDER");
      await sameAnswers(store, await filled([first]));
      await store.append(second);
      expect((await store.head())?.number).to.equal(second.blocks.at(-1)?.number);
      await store.close();
    });

    it("writes nothing of a batch that fails in its middle", async () => {
      const [first, second] = BATCHES;
      if (first === undefined || second === undefined) throw new Error("too few batches");
      const store = await filled([first]);
      const twice = { ...second, events: [...second.events, ...second.events.slice(-1)] };
      let failed = false;
      await store.append(twice).catch(() => {
        failed = true;
      });
      expect(failed).to.equal(true);
      await sameAnswers(store, await filled([first]));
      await store.append(second);
      await sameAnswers(store, await filled([first, second]));
      await store.close();
    });

    it("is there again after it was closed, and apart from that of another run", async () => {
      const chain = newChain();
      const store = await database.open(chain);
      for (const batch of BATCHES) await store.append(batch);
      const head = await store.head();
      await store.close();
      const again = await database.open(chain);
      expect(await again.head()).to.deep.equal(head);
      const other = await database.open({ ...chain, instance: "another run" });
      expect(await other.head()).to.equal(undefined);
      await again.close();
      await other.close();
    });

    it("lets two processes write the same blocks once", async () => {
      const chain = newChain();
      const [one, other] = [await database.open(chain), await database.open(chain)];
      for (const batch of BATCHES) {
        const codes = await Promise.all([codeOf(one.append(batch)), codeOf(other.append(batch))]);
        expect(codes.sort()).to.deep.equal(["INDEX_OUT_OF_ORDER", "none"]);
      }
      await sameAnswers(one, other);
      expect(await one.countEvents({})).to.equal(new ReferenceStore(BATCHES).countEvents({}));
      await one.close();
      await other.close();
    });
  });
}

async function sameAnswers(one: Store, other: Store): Promise<void> {
  expect(await one.head()).to.deep.equal(await other.head());
  const page = { limit: 1_000, order: "oldest" } as const;
  expect(await one.events({}, page)).to.deep.equal(await other.events({}, page));
  for (const key of ALL_KEYS) {
    expect(await one.events({ key }, page), key.value).to.deep.equal(await other.events({ key }, page));
    if (key.kind !== "party") continue;
    expect(await one.transactionsOf(key.value, page)).to.deep.equal(await other.transactionsOf(key.value, page));
  }
}

function distinctKeys(batches: readonly Batch[]): EventKey[] {
  const keys = batches.flatMap(({ events }) => events.flatMap((event) => [...event.keys]));
  return [...new Map(keys.map((key) => [`${key.kind} ${key.value}`, key])).values()];
}

function eventFilters(): fc.Arbitrary<EventFilter> {
  const block = fc.nat(LAST_BLOCK + 2);
  return fc.record(
    {
      contract: fc.constantFrom("EnergyExchange", "EnergyCredit"),
      names: fc.uniqueArray(fc.constantFrom(...NAMES), { maxLength: 3 }),
      key: fc.constantFrom(...ALL_KEYS),
      also: fc.array(fc.constantFrom(...ALL_KEYS), { maxLength: 2 }),
      fromBlock: block,
      toBlock: block,
    },
    { requiredKeys: [] },
  );
}

function pages(): fc.Arbitrary<PageOptions> {
  return fc.record(
    {
      limit: fc.integer({ min: 1, max: 60 }),
      order: fc.constantFrom("newest" as const, "oldest" as const),
      after: fc.record({ blockNumber: fc.nat(LAST_BLOCK + 2), index: fc.nat(15) }),
    },
    { requiredKeys: ["limit"] },
  );
}
