import { signOrder, type SignedOrder } from "../../../src/market/sign.ts";
import { suspend } from "../ghost/registry.ts";
import { must, SLOT, type Side } from "../ghost/world.ts";
import { closeOverdue, sendReadings, STRANGER } from "../handlers/readings.ts";
import { commitOrders, placeOrder, sendClear } from "../handlers/trade.ts";
import { START } from "../harness/arena.ts";
import type { Run } from "../harness/run.ts";
import { proceed } from "../harness/sequence.ts";
import { call, meterAt, ownerAt, readFlows, type Scene } from "./scene.ts";

// Places in the arena's first zone.
const PROSUMER = 0;
const CONSUMER = 1;
const PRODUCER = 2;
const SECOND_CONSUMER = 3;
const POOR_CONSUMER = 4;
const UNBONDED = 5;
const OTHER_ZONE = 8;
const ZONE = 1;

function sign(run: Run, slot: number, place: number, side: Side, energyWh: number, limitPrice: number): SignedOrder {
  const key = must(run.keys.get(meterAt(run, place).address));
  return signOrder(run.arena.market.domain, key, { zone: ZONE, slot, side, energyWh, limitPrice });
}

async function place(run: Run, slot: number, at: number, energyWh: bigint, limitPrice: bigint): Promise<void> {
  await placeOrder(run, slot, { meter: meterAt(run, at).address, side: "bid", energyWh, limitPrice }, ownerAt(run, at));
}

/** Commit the book in the matcher's window and clear it. */
async function trade(run: Run, slot: number, orders: readonly SignedOrder[], leftOut: readonly SignedOrder[] = []) {
  const matcher = must(run.arena.matchers[0]);
  run.waitUntil(slot * SLOT - 590);
  await commitOrders(run, ZONE, slot, orders, matcher, leftOut);
  run.waitUntil(slot * SLOT - 470);
  await sendClear(run, ZONE, slot, matcher, 0);
}

/** Readings that are not settled, each for another reason. */
async function readBadly(run: Run, slot: number): Promise<void> {
  const registers = (at: number, moreWh: bigint) => {
    const { address, importWh, exportWh } = meterAt(run, at);
    return { meter: address, importWh: importWh + moreWh, exportWh };
  };
  const { registrar } = run.arena.market;
  const suspended = meterAt(run, UNBONDED).address;
  await call(
    run,
    { from: registrar.address, method: "suspendMeter", args: [suspended], role: "REGISTRAR" },
    (world) => {
      suspend(world, suspended);
    },
  );
  await sendReadings(run, ZONE, slot, [
    { meter: STRANGER.address, importWh: 1n, exportWh: 0n },
    registers(OTHER_ZONE, 1n),
    registers(UNBONDED, 1n),
    registers(CONSUMER, 1n),
    registers(PROSUMER, -1n),
    registers(SECOND_CONSUMER, 2561n),
  ]);
}

/** Two traded slots with everything that goes wrong in a market, and one that the matcher committed and left alone. */
async function marketDay(run: Run): Promise<void> {
  const [first, second, abandoned] = [START + 1, START + 2, START + 3];
  await place(run, first, SECOND_CONSUMER, 100n, 250_000n);
  const prosumer = meterAt(run, PROSUMER).address;
  await proceed(run, [["cancelOrder", PROSUMER, 0, 0, 0]]);
  await trade(
    run,
    first,
    [
      sign(run, first, CONSUMER, "bid", 800, 300_000),
      sign(run, first, POOR_CONSUMER, "bid", 2_560, 300_000),
      sign(run, first, PRODUCER, "offer", 500, 100_000),
      sign(run, first, PROSUMER, "offer", 200, 100_000),
      sign(run, first, UNBONDED, "offer", 100, 100_000),
    ],
    [sign(run, first, CONSUMER, "bid", 10, 200_000)],
  );
  await proceed(run, [["reportMissing", 0]]);

  run.waitUntil(first * SLOT + 10);
  await readFlows(run, ZONE, START, {
    [PROSUMER]: [100, 0],
    [PRODUCER]: [0, 300],
    [SECOND_CONSUMER]: [50, 0],
    [POOR_CONSUMER]: [2_560, 0],
    [UNBONDED]: [10, 0],
  });
  await trade(run, second, [
    sign(run, second, CONSUMER, "bid", 800, 300_000),
    sign(run, second, POOR_CONSUMER, "bid", 10, 300_000),
    sign(run, second, SECOND_CONSUMER, "bid", 50, 300_000),
    sign(run, second, PRODUCER, "offer", 500, 100_000),
  ]);

  run.waitUntil(second * SLOT + 10);
  await readBadly(run, first);
  await readFlows(run, ZONE, first, { [PROSUMER]: [0, 150], [PRODUCER]: [0, 400] }, "unread");
  await proceed(run, [["replay"]]);
  run.waitUntil(abandoned * SLOT - 590);
  const order = { meter: prosumer, side: "bid" as const, energyWh: 5n, limitPrice: 200_000n };
  await commitOrders(
    run,
    ZONE,
    abandoned,
    [sign(run, abandoned, PROSUMER, "bid", 5, 200_000)],
    must(run.arena.matchers[0]),
  );
  run.waitUntil(abandoned * SLOT + 10);
  await proceed(run, [["reportUncleared", 0, 0]]);
  // Placed and never cleared: closing releases what it locked.
  await placeOrder(run, abandoned + 2, order, ownerAt(run, PROSUMER));
  // Nobody orders anything.
  run.waitUntil((abandoned + 1) * SLOT - 470);
  await sendClear(run, ZONE, abandoned + 1, run.arena.stranger, 0);

  run.waitUntil((abandoned + 8) * SLOT);
  await closeOverdue(run, ZONE);
  await sendReadings(run, ZONE, abandoned + 3, [
    { meter: meterAt(run, CONSUMER).address, importWh: 900n, exportWh: 0n },
  ]);
  await proceed(run, [
    ["endInspection", 0, 0],
    ["collectCharges", 0],
    ["collectEarnings", 0],
    ["collectEarnings", 3],
  ]);
}

export const marketScenes: readonly Scene[] = [
  { name: "two traded slots and what goes wrong in them", play: marketDay },
];
