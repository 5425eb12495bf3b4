import { retire } from "../ghost/registry.ts";
import { must, SLOT, slotAt } from "../ghost/world.ts";
import type { Run } from "../harness/run.ts";
import { proceed } from "../harness/sequence.ts";
import { call, meterAt, readFlows, type Scene } from "./scene.ts";

const CONSUMER = 1;
const PRODUCER = 2;
/** How the handlers of faults choose a slot: the last one that the meter was read for, and the one after. */
const [LAST, AFTER_LAST] = [2, 1];

/** A meter's life from registration to its end, and what the roles may do to it. */
async function life(run: Run): Promise<void> {
  const arrived = run.world.meters.size;
  await proceed(run, [
    ["registerMeter", CONSUMER, 0],
    ["suspendMeter", arrived],
    ["reinstateMeter", 0],
    ["setDelegate", arrived, 0, 0],
    ["replaceMeter", arrived, 0, 1],
    ["syncMeter", arrived + 1],
  ]);
  const { registrar } = run.arena.market;
  const { address } = meterAt(run, arrived + 1);
  await call(run, { from: registrar.address, method: "retireMeter", args: [address], role: "REGISTRAR" }, (world) => {
    retire(world, address);
  });
  await proceed(run, [["setZoneTerms", 0, 1, 0, 0, 0], ["pause"], ["unpause"]]);
}

/** Prices of zone 2 follow a day's readings: figures, their corrections, missing ones, new terms, a zone that stands still. */
async function prices(run: Run): Promise<void> {
  const [zone, producer, consumer] = [2, 7, 8];
  const first = slotAt(run.world.now);
  const read = async (ahead: number, importWh: number, exportWh: number): Promise<void> => {
    run.waitUntil((first + ahead + 4) * SLOT + 20);
    await readFlows(run, zone, first + ahead, { [producer]: [0, exportWh], [consumer]: [importWh, 0] }, "unread");
  };
  for (const ahead of [0, 1, 2, 3]) await read(ahead, 600 + 200 * ahead, 600);
  // After a pause the first reading is a gap, which counts for nothing; the next ones count.
  for (const ahead of [12, 13, 14, 15]) await read(ahead, 300, 1_800);
  for (const ahead of [95, 96, 97, 98]) await read(ahead, 2_000, 100 * (ahead - 90));
  run.waitUntil((first + 104) * SLOT + 30);
  await proceed(run, [
    ["fixTariffs", 1, 8],
    ["fixTariffs", 1, 10],
    ["fixTariffs", 1, 3],
    ["setZoneTerms", 1, 1, 150, 20, 3],
  ]);
  const zonePrices = must(run.world.zones.get(zone)).tariff.prices;
  if (new Set([...zonePrices.values()].map(({ importPrice }) => importPrice)).size < 4)
    throw new Error("no price moved");
  run.waitUntil((first + 700) * SLOT + 30);
  await proceed(run, [["fixTariffs", 1, 8]]);
}

/** Every role tries every right that it does not have. */
async function usurpers(run: Run): Promise<void> {
  for (let who = 0; who < 7; ++who) for (let what = 0; what < 10; ++what) await proceed(run, [["usurp", who, what, 0]]);
}

/** Two meters sign what cannot be, one of them twice. */
async function faults(run: Run): Promise<void> {
  const [twoTales, again, boast] = [0, 0, PRODUCER];
  await proceed(run, [
    ["reportEquivocation", twoTales, LAST, 0, 0],
    ["reportEquivocation", again, LAST, 0, 0],
    ["reportImpossible", boast, AFTER_LAST, 0, 0],
    ["reportEquivocation", boast, AFTER_LAST, 0, 0],
    ["collectCharges", 0],
  ]);
}

export const registryScenes: readonly Scene[] = [
  { name: "a meter's life, and a pause", play: life },
  { name: "what meters' own signatures prove", play: faults },
  { name: "prices over a day", play: prices },
  { name: "roles reach for what is not theirs", play: usurpers },
];
