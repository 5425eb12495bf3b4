// Started by explorer.ts, so that the memory is an index's alone: fills one with a synthetic market and asks what pages ask.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sqliteStores } from "../../explorer/store/sqliteStore.ts";
import type { Store } from "../../explorer/store/store.ts";
import { syntheticBatches } from "./syntheticIndex.ts";

/** What is measured of an index. */
export interface IndexFigures {
  readonly events: number;
  /** Of the CPU's time. */
  readonly writtenPerCpuSecond: number;
  readonly peakMegabytes: number;
  /** Milliseconds of the CPU for each question of a page, the slowest of eleven, of which the first finds nothing prepared. */
  readonly pageCpuMs: Readonly<Record<string, number>>;
}

const ZONES = 8;
const METERS_PER_ZONE = 125;
const PAGE = { limit: 50 };
const REPEATS = 11;

const [events = ""] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "joulework-bench-index-"));
try {
  process.stdout.write(JSON.stringify(await measure(Number(events))));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function measure(wanted: number): Promise<IndexFigures> {
  const chain = { chainId: 31337, genesisHash: `0x${"0".repeat(64)}`, instance: "bench", deployment: "synthetic" };
  const store = await sqliteStores({ folder })(chain);
  let written = 0;
  let micros = 0;
  for (const batch of syntheticBatches({ events: wanted, zones: ZONES, metersPerZone: METERS_PER_ZONE })) {
    const before = process.cpuUsage();
    await store.append(batch);
    const { user, system } = process.cpuUsage(before);
    micros += user + system;
    written += batch.events.length;
  }
  const pageCpuMs: Record<string, number> = {};
  for (const [name, ask] of Object.entries(await questions(store))) pageCpuMs[name] = await slowest(ask);
  await store.close();
  return {
    events: written,
    writtenPerCpuSecond: Math.round((written / micros) * 1e6),
    peakMegabytes: Math.round(process.resourceUsage().maxRSS / 1024),
    pageCpuMs,
  };
}

async function questions(store: Store): Promise<Readonly<Record<string, () => Promise<unknown>>>> {
  const [reading] = await store.events({ names: ["ReadingSettled"] }, { limit: 1 });
  const { meter } = JSON.parse(reading?.args ?? "{}") as { readonly meter: string };
  const slot = Math.floor((reading?.time ?? 0) / 900);
  const zone = { kind: "zone", value: "1" } as const;
  return {
    "newest events": () => store.events({}, PAGE),
    "a zone's clearings": () => store.events({ key: zone, names: ["SlotCleared"] }, { limit: 96 }),
    "a zone's rarest event": () => store.events({ key: zone, names: ["MatcherSet"] }, PAGE),
    "a slot": () => store.events({ key: { kind: "slot", value: `${ZONES}/${slot}` } }, { limit: 1_000 }),
    "a meter's readings": () => store.events({ key: { kind: "party", value: meter }, names: ["ReadingSettled"] }, PAGE),
    "a contract's events": () => store.events({ contract: "EnergyExchange" }, PAGE),
    "an address's transactions": () => store.transactionsOf(reading?.address ?? "", PAGE),
    "a transaction's events": () => store.eventsOfTransaction(reading?.transactionHash ?? ""),
    "newest blocks": () => store.blocks(PAGE),
  };
}

async function slowest(ask: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let repeat = 0; repeat < REPEATS; repeat += 1) {
    const before = process.cpuUsage();
    await ask();
    const { user, system } = process.cpuUsage(before);
    times.push((user + system) / 1_000);
  }
  return Math.max(...times);
}
