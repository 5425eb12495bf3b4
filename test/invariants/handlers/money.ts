import * as accounts from "../ghost/accounts.ts";
import { requiredBond } from "../ghost/gridLeg.ts";
import { headroomOf, must, RING, SLOT, slotAt, supplyOf, type Meter, type Site, type World } from "../ghost/world.ts";
import type { Call, Run } from "../harness/run.ts";
import { closeOverdue } from "./readings.ts";
import { pick, type Choices, type Handler } from "./handler.ts";

const meterAt = (run: Run, choice: number): Meter => pick([...run.world.meters.values()], choice);
const siteAt = (run: Run, choice: number): Site => pick([...run.world.sites.values()], choice);
const ownerOf = (run: Run, meter: Meter): string => must(run.world.sites.get(meter.site)).owner;
const part = (whole: bigint, choice: number): bigint =>
  [whole, whole / 2n, whole / 10n, whole + 1n, 0n][choice % 5] ?? whole;

/** Mostly who may, sometimes a stranger or an account with a role. */
function caller(run: Run, entitled: string, choice: number): string {
  const { market, stranger } = run.arena;
  const others = [
    stranger,
    market.registrar.address,
    market.grid.address,
    market.governor.address,
    market.guardian.address,
  ];
  return choice % 6 === 5 ? pick(others, choice) : entitled;
}

/** A call whose ghost returns nothing of interest. */
async function call(run: Run, what: Call, predict: (world: World) => unknown): Promise<void> {
  await run.attempt(what, (world) => {
    predict(world);
    return undefined;
  });
}

async function requestWithdrawal(run: Run, [which, amountChoice, who]: Choices): Promise<void> {
  const meter = meterAt(run, which);
  const owner = ownerOf(run, meter);
  const from = caller(run, owner, who);
  const amount = part(meter.balance, amountChoice);
  await call(run, { from, method: "requestWithdrawal", args: [meter.address, amount, owner] }, (world) =>
    accounts.requestWithdrawal(world, from, meter.address, amount, owner),
  );
}

async function collectWithdrawal(run: Run, id: number): Promise<void> {
  await call(run, { from: run.arena.stranger, method: "collectWithdrawal", args: [id] }, (world) =>
    accounts.collectWithdrawal(world, id),
  );
}

/** GRID states a credit line that leaves this much room, in ticks. */
async function setRoom(run: Run, room: bigint): Promise<void> {
  const { grid } = run.arena.market;
  const line = (supplyOf(run.world) + room) * 1_000_000_000n - run.world.fundsBacking;
  if (line < 0n) return;
  await call(run, { from: grid.address, to: "desk", method: "setCreditLine", args: [line], role: "GRID" }, (world) =>
    accounts.setCreditLine(world, line),
  );
}

/** An owner puts a site right again: debt paid, bond as required, balance topped up. */
async function restore(run: Run, site: Site): Promise<void> {
  const { id, owner } = site;
  if (site.debt > 0n) {
    await call(run, { from: owner, method: "payDebt", args: [id, site.debt] }, (world) =>
      accounts.payDebt(world, owner, id, 2n ** 64n),
    );
  }
  const missing = requiredBond(run.world, site) + site.unbonding - site.bond;
  if (missing > 0n) {
    await call(run, { from: owner, method: "postBond", args: [id, missing] }, (world) =>
      accounts.postBond(world, owner, id, missing),
    );
  }
  for (const address of site.meters) {
    if (must(run.world.meters.get(address)).balance > 1_000_000_000n) continue;
    await call(run, { from: owner, method: "deposit", args: [address, 2_000_000_000n] }, (world) =>
      accounts.deposit(world, owner, address, 2_000_000_000n),
    );
  }
}

export const moneyHandlers: Record<string, Handler> = {
  restore: {
    weight: 3,
    act: async (run, [zoneChoice]) => {
      for (const { id, zone } of run.world.sites.values()) {
        if (zone === 1 + (zoneChoice % 2)) await restore(run, must(run.world.sites.get(id)));
      }
    },
  },
  deposit: {
    weight: 2,
    act: async (run, [which, amountChoice, who]) => {
      const meter = meterAt(run, which);
      const from = who % 3 === 2 ? run.arena.stranger : ownerOf(run, meter);
      const amount = part(3_000_000_000n, amountChoice);
      if (from === run.arena.stranger) {
        await call(
          run,
          { name: "approve", from, to: "token", method: "approve", args: [run.arena.exchange, 2n ** 255n] },
          () => null,
        );
      }
      await call(run, { from, method: "deposit", args: [meter.address, amount] }, (world) =>
        accounts.deposit(world, from, meter.address, amount),
      );
    },
  },
  donate: {
    weight: 1,
    act: async (run, [amountChoice]) => {
      const amount = BigInt(amountChoice) * 1_000n;
      const from = run.arena.stranger;
      const args = [run.arena.exchange, amount * 1_000_000_000n];
      await call(run, { name: "donate", from, to: "token", method: "transfer", args }, (world) =>
        accounts.donate(world, from, amount),
      );
    },
  },
  moveBalance: {
    weight: 1,
    act: async (run, [which, amountChoice, who, target]) => {
      const shared = [...run.world.meters.values()].filter(
        ({ site }) => (run.world.sites.get(site)?.meters.length ?? 0) > 1,
      );
      const from = who % 4 === 3 || shared.length === 0 ? meterAt(run, which) : pick(shared, which);
      const siblings = run.world.sites.get(from.site)?.meters ?? [];
      const to =
        target % 5 === 4
          ? meterAt(run, target).address
          : (siblings.find((address) => address !== from.address) ?? from.address);
      const sender = caller(run, ownerOf(run, from), who);
      const amount = part(from.balance, amountChoice);
      await call(run, { from: sender, method: "moveBalance", args: [from.address, to, amount] }, (world) =>
        accounts.move(world, sender, from.address, to, amount),
      );
    },
  },
  requestWithdrawal: { weight: 3, act: requestWithdrawal },
  collectWithdrawal: {
    weight: 3,
    act: async (run, [which]) => {
      const ids = [...run.world.withdrawals.keys()];
      await collectWithdrawal(
        run,
        which % 10 === 9 || ids.length === 0 ? run.world.withdrawalCount + 1 : pick(ids, which),
      );
    },
  },
  withdrawAndWait: {
    weight: 1,
    act: async (run, choices) => {
      await requestWithdrawal(run, choices);
      const ids = [...run.world.withdrawals.keys()];
      const zones = [1, 2];
      run.waitUntil((slotAt(run.world.now) + (choices[3] % 3 === 0 ? 102 : 6)) * SLOT + 1);
      for (const zone of zones) await closeOverdue(run, zone, 40);
      for (const id of ids) await collectWithdrawal(run, id);
    },
  },
  postBond: {
    weight: 2,
    act: async (run, [which, amountChoice]) => {
      const site = siteAt(run, which);
      const amount = part(40_000_000_000n, amountChoice);
      await call(run, { from: site.owner, method: "postBond", args: [site.id, amount] }, (world) =>
        accounts.postBond(world, site.owner, site.id, amount),
      );
    },
  },
  requestUnbond: {
    weight: 2,
    act: async (run, [which, amountChoice, who]) => {
      const site = siteAt(run, which);
      const from = caller(run, site.owner, who);
      const amount = part(site.bond, amountChoice);
      await call(run, { from, method: "requestUnbond", args: [site.id, amount] }, (world) =>
        accounts.requestUnbond(world, from, site.id, amount),
      );
    },
  },
  collectBond: {
    weight: 2,
    act: async (run, [which, patience, who]) => {
      const waiting = [...run.world.sites.values()].filter(({ unbonding }) => unbonding > 0n);
      const site = waiting.length === 0 ? siteAt(run, which) : pick(waiting, which);
      if (patience % 3 === 2 && site.unbondingSlot > 0) {
        run.waitUntil(site.unbondingSlot * SLOT + 1);
        await closeOverdue(run, site.zone, RING);
      }
      const from = caller(run, site.owner, who);
      await call(run, { from, method: "collectBond", args: [site.id, site.owner] }, (world) =>
        accounts.collectBond(world, from, site.id, site.owner),
      );
    },
  },
  payDebt: {
    weight: 2,
    act: async (run, [which, amountChoice]) => {
      const indebted = [...run.world.sites.values()].filter(({ debt }) => debt > 0n);
      const site = indebted.length === 0 ? siteAt(run, which) : pick(indebted, which);
      const amount = part(site.debt, amountChoice);
      await call(run, { from: site.owner, method: "payDebt", args: [site.id, amount] }, (world) =>
        accounts.payDebt(world, site.owner, site.id, amount),
      );
    },
  },
  seize: {
    weight: 2,
    act: async (run, [which]) => {
      const indebted = [...run.world.sites.values()].filter(({ debt }) => debt > 0n);
      const site = indebted.length === 0 ? siteAt(run, which) : pick(indebted, which);
      await call(run, { from: run.arena.stranger, method: "seize", args: [site.id] }, (world) =>
        accounts.seize(world, site.id),
      );
    },
  },
  writeOff: {
    weight: 1,
    act: async (run, [which, amountChoice]) => {
      const indebted = [...run.world.sites.values()].filter(({ debt }) => debt > 0n);
      const site = indebted.length === 0 ? siteAt(run, which) : pick(indebted, which);
      const amount = part(site.debt, amountChoice);
      const from = run.arena.market.grid.address;
      await call(run, { from, method: "writeOff", args: [site.id, amount], role: "GRID" }, (world) =>
        accounts.writeOff(world, site.id, amount),
      );
    },
  },
  payClaim: {
    weight: 3,
    act: async (run, [which, room]) => {
      const waiting = [...run.world.meters.values()].filter(({ claim }) => claim > 0n);
      const meter = waiting.length === 0 ? meterAt(run, which) : pick(waiting, which);
      if (room % 4 < 3 && headroomOf(run.world) === 0n) await setRoom(run, 1_000_000n);
      await call(run, { from: run.arena.stranger, method: "payClaim", args: [meter.address] }, (world) =>
        accounts.payClaim(world, meter.address),
      );
    },
  },
  creditLine: {
    weight: 3,
    act: (run, [choice, more]) =>
      setRoom(run, [10n ** 15n, 0n, BigInt(more) * 100_000n, 0n, BigInt(more), -1n][choice % 6] ?? 0n),
  },
  syncMeter: {
    weight: 1,
    act: async (run, [which]) => {
      const meter = meterAt(run, which);
      await call(run, { from: run.arena.stranger, method: "syncMeter", args: [meter.address] }, (world) =>
        accounts.syncMeter(world, meter.address),
      );
    },
  },
  collectCharges: {
    weight: 1,
    act: async (run, [zone]) => {
      await call(run, { from: run.arena.stranger, method: "collectCharges", args: [1 + (zone % 2)] }, (world) =>
        accounts.collectCharges(world, 1 + (zone % 2)),
      );
    },
  },
  collectEarnings: {
    weight: 1,
    act: async (run, [which]) => {
      const { stranger, matchers, market } = run.arena;
      const from = pick([market.worker.address, ...matchers, stranger], which);
      await call(run, { from, method: "collectEarnings", args: [from] }, (world) =>
        accounts.collectEarnings(world, from, from),
      );
    },
  },
  matcherBond: {
    weight: 2,
    act: async (run, [which, what, amountChoice]) => {
      const matcher = pick(run.arena.matchers, which);
      const leaving = what % 4 === 0;
      if (leaving) {
        await call(run, { from: matcher, method: "requestMatcherUnlock", args: [] }, (world) =>
          accounts.requestMatcherUnlock(world, matcher),
        );
        if (amountChoice % 4 === 3) return;
        run.waitUntil((slotAt(run.world.now) + 256) * SLOT + 1);
      }
      if (what % 4 < 2) {
        await call(run, { from: matcher, method: "collectMatcherBond", args: [matcher] }, (world) =>
          accounts.collectMatcherBond(world, matcher, matcher),
        );
      }
      const amount = leaving ? 150_000_000_000n : part(150_000_000_000n, amountChoice);
      await call(run, { from: matcher, method: "postMatcherBond", args: [matcher, amount] }, (world) =>
        accounts.postMatcherBond(world, matcher, matcher, amount),
      );
    },
  },
};
