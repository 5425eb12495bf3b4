import { retire } from "../ghost/registry.ts";
import type { Run } from "../harness/run.ts";
import { proceed } from "../harness/sequence.ts";
import { call, meterAt, type Scene } from "./scene.ts";

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
  await proceed(run, [["setTariff", 0, 1, 0, 0, 0], ["pause"], ["unpause"]]);
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
  { name: "roles reach for what is not theirs", play: usurpers },
];
