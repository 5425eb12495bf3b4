import { tellMove, foundStake } from "./computeContext.ts";
import { freeStake, type ProviderEntry } from "./computeState.ts";
import { mismatch } from "./mismatch.ts";
import { NOBODY, type Run } from "./run.ts";
import { meterOf, siteOf } from "./state.ts";
import type { Place, ProvidersEvent, ProvidersEventOf } from "./types.ts";

/** Seven days from asking stake back to its payout. */
const UNSTAKE_SECONDS = 604_800;
/** `MeterStatus.Active` of the exchange. */
const ACTIVE = 1;

/** Every event of the providers: their stake is rebuilt, and each figure compared with what stood before. */
export function providersEvent(run: Run, event: ProvidersEvent): void {
  run.state.compute.stakes ??= event.address;
  switch (event.name) {
    case "ProviderRegistered":
      providerRegistered(run, event);
      return;
    case "ProviderEnded":
      providerEnded(run, event);
      return;
    case "StakePosted":
      stakePosted(run, event);
      return;
    case "StakeLocked":
      stakeLocked(run, event);
      return;
    case "StakeReleased":
      stakeReleased(run, event);
      return;
    case "StakeSlashed":
      stakeSlashed(run, event);
      return;
    case "UnstakeRequested":
      unstakeRequested(run, event);
      return;
    case "UnstakeCancelled":
      unstakeCancelled(run, event);
      return;
    case "StakeCollected":
      stakeCollected(run, event);
      return;
    case "LockerAllowed":
      lockerAllowed(run, event);
      return;
    case "SponsorSet":
    case "AuthorityUpdated":
      return;
  }
}

function lockerAllowed({ state }: Run, { args }: ProvidersEventOf<"LockerAllowed">): void {
  const { provider, locker, allowed } = args;
  const key = `${provider}/${locker}`;
  if (allowed) state.compute.lockers.add(key);
  else state.compute.lockers.delete(key);
}

function providerRegistered({ state, findings }: Run, { args }: ProvidersEventOf<"ProviderRegistered">): void {
  const { provider, site, owner, meter, accelerators } = args;
  const { providers, standsFor } = state.compute;
  const place = { account: provider, site, meter };
  const { site: home, status, word } = meterOf(state, meter);
  findings.expect("providers", place, "site of the meter", home, site);
  findings.expect("providers", place, "owner of the site", siteOf(state, site).owner, owner);
  findings.expect(
    "providers",
    place,
    "an active meter that is no feeder",
    true,
    status === ACTIVE && !word.flags.feeder,
  );
  findings.expect("providers", place, "has accelerators", true, accelerators > 0);
  const held = providers.get(provider);
  if (held !== undefined && held.site !== site) {
    findings.expect("providers", place, "stake locked at another site", 0n, held.lockedTicks);
  }
  const other = standsFor.get(meter);
  findings.expect("providers", place, "nobody else stands for the meter", provider, other ?? provider);
  if (held !== undefined && held.meter !== meter && standsFor.get(held.meter) === provider) {
    standsFor.delete(held.meter);
  }
  standsFor.set(meter, provider);
  const money = held ?? { stakeTicks: 0n, lockedTicks: 0n, unbondingTicks: 0n, unbondingTime: 0, lockedBy: new Map() };
  providers.set(provider, { ...money, site, meter, accelerators, owner, open: true });
  findings.add("providers", "registered", 1);
}

function providerEnded({ state, findings }: Run, { args }: ProvidersEventOf<"ProviderEnded">): void {
  const { provider, site } = args;
  const place = { account: provider, site };
  const held = providerOf(state.compute.providers, place, provider);
  findings.expect("providers", place, "site that ended", held.site, site);
  held.open = false;
  const { standsFor } = state.compute;
  if (standsFor.get(held.meter) === provider) standsFor.delete(held.meter);
}

function stakePosted(run: Run, { args, address }: ProvidersEventOf<"StakePosted">): void {
  const { provider, from, amountTicks, stakeTicks } = args;
  const place = { account: provider };
  const held = providerOf(run.state.compute.providers, place, provider);
  held.stakeTicks += amountTicks;
  run.findings.expect("providers", place, "stake after posting", held.stakeTicks, stakeTicks);
  run.findings.add("providers", "postedTicks", amountTicks);
  tellMove(run, {
    check: "providers",
    place,
    subject: "stake posted",
    contract: address,
    incoming: true,
    account: from,
    ticks: amountTicks,
  });
}

function stakeLocked(run: Run, { args }: ProvidersEventOf<"StakeLocked">): void {
  const { provider, locker, amountTicks, lockedTicks } = args;
  const place = { account: provider };
  const { findings, state } = run;
  const held = providerOf(state.compute.providers, place, provider);
  findings.expect("providers", place, "locks free stake", true, amountTicks <= freeStake(held));
  findings.expect("providers", place, "locks stake of an open provider", true, held.open);
  const allowed = state.compute.lockers.has(`${provider}/${locker}`);
  findings.expect("providers", place, "lets the contract lock its stake", true, allowed);
  held.lockedTicks += amountTicks;
  held.lockedBy.set(locker, (held.lockedBy.get(locker) ?? 0n) + amountTicks);
  findings.expect("providers", place, "locked stake", held.lockedTicks, lockedTicks);
  foundStake(run, locker, "locked", place, provider, amountTicks);
}

function stakeReleased(run: Run, { args }: ProvidersEventOf<"StakeReleased">): void {
  const { provider, locker, amountTicks, lockedTicks } = args;
  const place = { account: provider };
  const held = unlock(run, place, provider, locker, amountTicks);
  run.findings.expect("providers", place, "locked stake after a release", held.lockedTicks, lockedTicks);
  foundStake(run, locker, "released", place, provider, amountTicks);
}

function stakeSlashed(run: Run, { args, address }: ProvidersEventOf<"StakeSlashed">): void {
  const { provider, locker, rewarded, amountTicks, rewardTicks, stakeTicks, lockedTicks } = args;
  const place = { account: provider };
  const { findings, state, tx } = run;
  const held = unlock(run, place, provider, locker, amountTicks);
  held.stakeTicks -= amountTicks;
  findings.expect("providers", place, "stake after a cut", held.stakeTicks, stakeTicks);
  findings.expect("providers", place, "locked stake after a cut", held.lockedTicks, lockedTicks);
  findings.expect("providers", place, "reward within the cut", true, rewardTicks <= amountTicks);
  const whom = locker === state.compute.training.address ? locker : NOBODY;
  const known = whom === locker || locker === state.compute.market.address;
  if (known) findings.expect("providers", place, "whom the cut may reward", whom, rewarded);
  findings.add("providers", "slashedTicks", amountTicks);
  findings.add("providers", "rewardTicks", rewardTicks);
  const move = { check: "providers", place, contract: address, incoming: false } as const;
  tellMove(run, { ...move, subject: "reward of a cut", account: rewarded, ticks: rewardTicks });
  const pool = state.seasons.address;
  tellMove(run, { ...move, subject: "rest of a cut, to the seasons", account: pool, ticks: amountTicks - rewardTicks });
  const { training } = state.compute;
  foundStake(run, locker, "cut", place, provider, amountTicks);
  if (rewarded !== training.address) return;
  tx.compute.rewardsInTicks += rewardTicks;
  tellMove(run, {
    check: "jobs",
    place,
    subject: "reward of a cut",
    contract: rewarded,
    incoming: true,
    account: address,
    ticks: rewardTicks,
  });
}

function unstakeRequested({ state, findings, tx }: Run, { args }: ProvidersEventOf<"UnstakeRequested">): void {
  const { provider, amountTicks, unbondingTicks, time } = args;
  const place = { account: provider };
  const held = providerOf(state.compute.providers, place, provider);
  findings.expect("providers", place, "asks free stake back", true, amountTicks <= freeStake(held));
  held.unbondingTicks += amountTicks;
  held.unbondingTime = tx.transaction.timestamp + UNSTAKE_SECONDS;
  findings.expect("providers", place, "stake asked back", held.unbondingTicks, unbondingTicks);
  findings.expect("providers", place, "time of its payout", held.unbondingTime, time);
}

function unstakeCancelled({ state, findings }: Run, { args }: ProvidersEventOf<"UnstakeCancelled">): void {
  const { provider, amountTicks } = args;
  const place = { account: provider };
  const held = providerOf(state.compute.providers, place, provider);
  findings.expect("providers", place, "stake that is free again", held.unbondingTicks, amountTicks);
  held.unbondingTicks = 0n;
  held.unbondingTime = 0;
}

function stakeCollected(run: Run, { args, address }: ProvidersEventOf<"StakeCollected">): void {
  const { provider, to, amountTicks, stakeTicks } = args;
  const place = { account: provider };
  const { findings, tx } = run;
  const held = providerOf(run.state.compute.providers, place, provider);
  findings.expect("providers", place, "stake collected", held.unbondingTicks, amountTicks);
  findings.expect("providers", place, "collected in time", true, tx.transaction.timestamp >= held.unbondingTime);
  held.unbondingTicks = 0n;
  held.unbondingTime = 0;
  held.stakeTicks -= amountTicks;
  findings.expect("providers", place, "stake after collecting", held.stakeTicks, stakeTicks);
  findings.add("providers", "collectedTicks", amountTicks);
  tellMove(run, {
    check: "providers",
    place,
    subject: "stake collected",
    contract: address,
    incoming: false,
    account: to,
    ticks: amountTicks,
  });
}

function unlock(
  { state, findings }: Run,
  place: Place,
  provider: string,
  locker: string,
  amountTicks: bigint,
): ProviderEntry {
  const held = providerOf(state.compute.providers, place, provider);
  const locked = held.lockedBy.get(locker) ?? 0n;
  findings.expect("providers", place, "frees what its locker has locked", true, amountTicks <= locked);
  held.lockedBy.set(locker, locked - amountTicks);
  held.lockedTicks -= amountTicks;
  return held;
}

export function providerOf(
  providers: ReadonlyMap<string, ProviderEntry>,
  place: Place,
  provider: string,
): ProviderEntry {
  return providers.get(provider) ?? mismatch("The event names a provider that was never registered", { ...place });
}
