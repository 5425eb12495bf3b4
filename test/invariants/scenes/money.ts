import * as accounts from "../ghost/accounts.ts";
import { SLOT } from "../ghost/world.ts";
import { closeOverdue } from "../handlers/readings.ts";
import { START } from "../harness/arena.ts";
import type { Run } from "../harness/run.ts";
import { proceed } from "../harness/sequence.ts";
import { call, meterAt, ownerAt, readFlows, type Scene } from "./scene.ts";

const PRODUCER = 2;
const SAME_SITE = 3;
const POOR_CONSUMER = 4;
const ZONE = 1;

/** A site falls into debt; it is written off in part, seized in part and paid back. */
async function debt(run: Run): Promise<void> {
  run.waitUntil((START + 1) * SLOT + 10);
  await readFlows(run, ZONE, START, { [POOR_CONSUMER]: [2_560, 0] });
  const { address, site } = meterAt(run, POOR_CONSUMER);
  const from = ownerAt(run, POOR_CONSUMER);
  await call(run, { from, method: "deposit", args: [address, 50_000_000n] }, (world) => {
    accounts.deposit(world, from, address, 50_000_000n);
  });
  await proceed(run, [
    ["writeOff", 0, 2],
    ["seize", 0],
    ["payDebt", 0, 0],
    ["syncMeter", POOR_CONSUMER],
  ]);
  if (run.world.sites.get(site)?.debt !== 0n) throw new Error("the debt was not paid back");
}

/** An export that may not be minted becomes a claim, which is paid as soon as there is room. */
async function claim(run: Run): Promise<void> {
  run.waitUntil((START + 1) * SLOT + 10);
  await proceed(run, [["creditLine", 1]]);
  await readFlows(run, ZONE, START, { [PRODUCER]: [0, 2_000] });
  await proceed(run, [
    ["settleReading", SAME_SITE, 0, 999, 0],
    ["creditLine", 0],
    ["payClaim", 0, 3],
  ]);
}

/** Money moves between meters, waits for maturity and leaves. */
async function leave(run: Run): Promise<void> {
  const [from, to] = [meterAt(run, SAME_SITE).address, meterAt(run, PRODUCER).address];
  const owner = ownerAt(run, SAME_SITE);
  const { site } = meterAt(run, SAME_SITE);
  await call(run, { from: owner, method: "moveBalance", args: [from, to, 1_000n] }, (world) => {
    accounts.move(world, owner, from, to, 1_000n);
  });
  await call(run, { from: owner, method: "requestWithdrawal", args: [from, 5_000n, owner] }, (world) => {
    accounts.requestWithdrawal(world, owner, from, 5_000n, owner);
  });
  await call(run, { from: owner, method: "postBond", args: [site, 7_000n] }, (world) => {
    accounts.postBond(world, owner, site, 7_000n);
  });
  await call(run, { from: owner, method: "requestUnbond", args: [site, 7_000n] }, (world) => {
    accounts.requestUnbond(world, owner, site, 7_000n);
  });
  await proceed(run, [["donate", 5]]);
  run.waitUntil((START + 130) * SLOT);
  await closeOverdue(run, ZONE);
  await call(run, { from: run.arena.stranger, method: "collectWithdrawal", args: [1] }, (world) => {
    accounts.collectWithdrawal(world, 1);
  });
  await call(run, { from: owner, method: "collectBond", args: [site, owner] }, (world) => {
    accounts.collectBond(world, owner, site, owner);
  });
  // Asked back, collected after its time, posted again.
  await proceed(run, [["matcherBond", 0, 0, 0]]);
}

export const moneyScenes: readonly Scene[] = [
  { name: "a debt written off, seized and paid", play: debt },
  { name: "a claim granted and paid", play: claim },
  { name: "balance, bond and matcher's bond leave", play: leave },
];
