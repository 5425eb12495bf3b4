import { expect } from "chai";
import { readFile } from "node:fs/promises";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openPool } from "../../../explorer/store/postgresPool.ts";
import { sqliteIndexes } from "../../../explorer/store/indexes.ts";
import { selectFromFile } from "../../../explorer/store/selectFromFile.ts";
import { selectFromSchema } from "../../../explorer/store/selectFromSchema.ts";
import { sqliteStores } from "../../../explorer/store/sqliteStore.ts";
import type { Batch, Store } from "../../../explorer/store/store.ts";
import { syntheticBatches } from "../../../scripts/bench/syntheticIndex.ts";
import { codeOf } from "../support/codeOf.ts";
import { postgresPrograms, startPostgres } from "./startPostgres.ts";
import { DATABASES, newChain, type StoreUnderTest } from "./stores.ts";

const EXAMPLES = new URL("../../../docs/examples/sql/", import.meta.url);
const BATCHES: readonly Batch[] = [...syntheticBatches({ events: 1_500, zones: 2, metersPerZone: 12 })];
const EVENTS = BATCHES.flatMap(({ events }) => [...events]);

for (const { name, start } of DATABASES) {
  describe(`SQL questions to ${name}`, function () {
    let database: StoreUnderTest;
    let store: Store;

    before(async function () {
      const started = await start();
      if (started === undefined) return this.skip();
      database = started;
      store = await database.open(newChain());
      for (const batch of BATCHES) await store.append(batch);
    });
    after(async () => {
      await (store as Store | undefined)?.close();
      await (database as StoreUnderTest | undefined)?.end();
    });

    async function example(file: string): Promise<readonly (readonly unknown[])[]> {
      return (await store.select(await readFile(new URL(file, EXAMPLES), "utf8"))).rows;
    }

    it("answers a select with its columns, with or without its semicolon", async () => {
      const sql = "select count(*) as events, max(block_number) as head from events";
      const answer = { columns: ["events", "head"], rows: [[EVENTS.length, BATCHES.at(-1)?.blocks.at(-1)?.number]] };
      expect(await store.select(sql)).to.deep.equal(answer);
      expect(await store.select(`-- with a remark\n${sql};\n`)).to.deep.equal(answer);
    });

    it("answers from every view what was indexed", async () => {
      const { transactions, blocks } = BATCHES[0] ?? { transactions: [], blocks: [] };
      const [sent, block] = [transactions[1], blocks[1]];
      if (sent === undefined || block === undefined) throw new Error("too few rows");
      const columns = "block_number, transaction_index, sender, recipient, nonce, contract, method, gas_used, time";
      const found = await store.select(`select ${columns} from transactions where hash = '${sent.hash}'`);
      const { blockNumber, index, from, to, nonce, contract, method, gasUsed } = sent;
      expect(found.rows).to.deep.equal([[blockNumber, index, from, to, nonce, contract, method, gasUsed, block.time]]);
      const one = await store.select(`select hash, parent_hash, gas_limit from blocks where number = ${block.number}`);
      expect(one.rows).to.deep.equal([[block.hash, block.parentHash, block.gasLimit]]);
      const kinds = await store.select("select kind, count(*) from event_keys group by kind order by kind");
      const keys = EVENTS.flatMap((event) => [...event.keys]);
      const counted = ["party", "slot", "zone"].map((kind) => [kind, keys.filter((key) => key.kind === kind).length]);
      expect(kinds.rows).to.deep.equal(counted);
    });

    it("runs the example of traded energy", async () => {
      const expected = new Map<string, { slots: number; wh: number; value: number }>();
      for (const { name: event, args, keys, blockNumber } of EVENTS) {
        if (event !== "SlotCleared") continue;
        const cleared = JSON.parse(args) as { matchedWh: number; clearingPrice: number };
        const zone = keys.find(({ kind }) => kind === "zone")?.value ?? "";
        const sum = expected.get(`${dayOf(blockNumber)}/${zone}`) ?? { slots: 0, wh: 0, value: 0 };
        sum.slots += 1;
        sum.wh += cleared.matchedWh;
        sum.value += cleared.matchedWh * cleared.clearingPrice;
        expected.set(`${dayOf(blockNumber)}/${zone}`, sum);
      }
      const rows = [...expected].map(([key, { slots, wh, value }]) => [
        ...key.split("/").map(Number),
        ...[slots, wh, Math.round(value / wh)],
      ]);
      expect(await example("traded-energy.sql")).to.deep.equal(
        rows.sort(([a = 0, b = 0], [c = 0, d = 0]) => a - c || b - d),
      );
    });

    it("runs the example of the busiest meters", async () => {
      const readings = EVENTS.filter((event) => event.name === "ReadingSettled");
      const meters = [...new Set(readings.map(({ args }) => (JSON.parse(args) as { meter: string }).meter))].sort();
      const rows = await example("busiest-meters.sql");
      // Every meter is read in every slot, so that the names decide.
      expect(rows.map(([meter]) => meter)).to.deep.equal(meters.slice(0, 10));
      for (const [, count] of rows) expect(count).to.equal(readings.length / meters.length);
    });

    it("runs the example of gas by function", async () => {
      const rows = await example("gas-by-function.sql");
      const all = BATCHES.flatMap(({ transactions }) => [...transactions]);
      const methods = [...new Set(all.map(({ method }) => method))];
      expect(rows.map(([, method]) => method)).to.have.members(methods);
      for (const [, method, calls, failed, gas] of rows) {
        const own = all.filter((sent) => sent.method === method);
        expect([calls, failed, gas]).to.deep.equal([own.length, 0, own.reduce((sum, { gasUsed }) => sum + gasUsed, 0)]);
      }
      const spent = rows.map(([, , , , gas]) => Number(gas));
      expect(spent).to.deep.equal([...spent].sort((a, b) => b - a));
    });

    for (const refused of [
      "delete from event",
      "update block set time = 0",
      "drop table event",
      "insert into block select * from block",
      "select 1; select 2",
      "select 1; drop table event",
      "with gone as (select 1) delete from event",
      "pragma user_version = 7",
      "attach 'other.sqlite' as other",
      "create table mine (a int)",
      "select * from nothing",
      "",
    ]) {
      it(`refuses ${refused === "" ? "nothing" : refused}`, async () => {
        expect(await codeOf(store.select(refused))).to.equal("SELECT_REFUSED");
        expect(await store.countEvents({})).to.equal(EVENTS.length);
      });
    }

    it("refuses an answer of more than 10,000 rows rather than shorten it", async () => {
      const many = "select a.number from blocks a, blocks b, blocks c";
      expect(await codeOf(store.select(many))).to.equal("SELECT_REFUSED");
      expect((await store.select(`${many} limit 10000`)).rows).to.have.length(10_000);
    });
  });
}

describe("a question that takes too long", function () {
  const ENDLESS = "with recursive n(i) as (select 1 union all select i + 1 from n) select max(i) from n";

  it("is ended in SQLite, and the index stays as it was", async () => {
    const folder = mkdtempSync(join(tmpdir(), "joulework-select-"));
    const store = await sqliteStores({ folder })(newChain());
    const [first] = BATCHES;
    if (first === undefined) throw new Error("no batch");
    await store.append(first);
    const [index] = sqliteIndexes(folder);
    expect(await codeOf(selectFromFile(join(folder, `${index?.name ?? ""}.sqlite`), ENDLESS, 2_000))).to.equal(
      "SELECT_TIMED_OUT",
    );
    expect((await index?.select("select count(*) from events"))?.rows).to.deep.equal([[first.events.length]]);
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("is ended in PostgreSQL", async function () {
    const programs = postgresPrograms();
    if (programs === undefined) return this.skip();
    const server = await startPostgres(programs);
    const pool = openPool(server.connectionString, "public");
    expect(await codeOf(selectFromSchema(pool, "public", ENDLESS, 300))).to.equal("SELECT_TIMED_OUT");
    await pool.end();
    await server.stop();
  });
});

function dayOf(blockNumber: number): number {
  const block = BATCHES.flatMap(({ blocks }) => [...blocks]).find(({ number }) => number === blockNumber);
  return Math.floor((block?.time ?? 0) / 86_400);
}
