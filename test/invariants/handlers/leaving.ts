import * as accounts from "../ghost/accounts.ts";
import { pause, suspend } from "../ghost/registry.ts";
import { must, SLOT, slotAt } from "../ghost/world.ts";
import type { Run } from "../harness/run.ts";
import { closeOverdue } from "./readings.ts";

/**
 * Everybody leaves while the exchange is paused and the registrar has suspended whomever it could: each owner gets its
 * balances and bond as far as its site owes nothing, at the latest when the last inspection deadline is over.
 */
export async function everybodyLeaves(run: Run): Promise<void> {
  const { guardian, registrar } = run.arena.market;
  if (!run.world.paused) {
    await run.attempt({ from: guardian.address, method: "pause", args: [], role: "GUARDIAN" }, (world) => {
      pause(world);
      return undefined;
    });
  }
  for (const meter of run.world.meters.values()) {
    if (meter.suspended || meter.retired || meter.kind === "consumer") continue;
    await run.attempt(
      { from: registrar.address, method: "suspendMeter", args: [meter.address], role: "REGISTRAR" },
      (world) => {
        suspend(world, meter.address);
        return undefined;
      },
    );
  }
  run.waitUntil((slotAt(run.world.now) + 110) * SLOT + 1);
  for (const zone of run.world.zones.keys()) await closeOverdue(run, zone);

  for (const { id, owner, bond } of run.world.sites.values()) {
    await run.attempt({ from: owner, method: "requestUnbond", args: [id, bond] }, (world) => {
      accounts.requestUnbond(world, owner, id, bond);
      return undefined;
    });
    await requestBalances(run, id, owner);
  }
  await collectWithdrawals(run);
  for (const { id, owner, debt, unbonding } of run.world.sites.values()) {
    if (unbonding === 0n) continue;
    await run.attempt({ from: owner, method: "collectBond", args: [id, owner] }, (world) => {
      accounts.collectBond(world, owner, id, owner);
      return undefined;
    });
    if (debt === 0n && run.chain.sites.get(id)?.bond !== 0n)
      throw new Error(`invariant 8: site ${id} cannot take its bond`);
  }
  // A balance that was asked for in full while the site owed a part of it was refused. Collecting has paid the debt since.
  for (const { id, owner } of run.world.sites.values()) await requestBalances(run, id, owner);
  await collectWithdrawals(run);
  for (const [address, { word, site }] of run.chain.meters) {
    const indebted = (run.chain.sites.get(site)?.debt ?? 0n) > 0n;
    if (!indebted && word.balanceTicks !== 0n) throw new Error(`invariant 8: ${address} cannot take its balance`);
  }
  if (run.world.withdrawals.size > 0) throw new Error("invariant 8: a withdrawal cannot be collected");
}

async function requestBalances(run: Run, id: number, owner: string): Promise<void> {
  for (const { address, site } of run.world.meters.values()) {
    const { balance } = must(run.world.meters.get(address));
    if (site !== id || balance === 0n) continue;
    await run.attempt({ from: owner, method: "requestWithdrawal", args: [address, balance, owner] }, (world) => {
      accounts.requestWithdrawal(world, owner, address, balance, owner);
      return undefined;
    });
  }
}

async function collectWithdrawals(run: Run): Promise<void> {
  run.waitUntil((slotAt(run.world.now) + 129) * SLOT + 1);
  for (const zone of run.world.zones.keys()) await closeOverdue(run, zone);
  for (const id of run.world.withdrawals.keys()) {
    await run.attempt({ from: run.arena.stranger, method: "collectWithdrawal", args: [id] }, (world) => {
      accounts.collectWithdrawal(world, id);
      return undefined;
    });
  }
}
