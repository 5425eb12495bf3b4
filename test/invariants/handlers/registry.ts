import { id } from "ethers";
import { signConsent } from "../../../src/market/sign.ts";
import { signingKey, type SigningKey } from "../../../src/market/signer.ts";
import { endInspection } from "../ghost/accounts.ts";
import * as registry from "../ghost/registry.ts";
import { fixTariffs, setTerms } from "../ghost/tariff.ts";
import { isFlagged, must, slotAt, type Meter, type World } from "../ghost/world.ts";
import type { Call, Run } from "../harness/run.ts";
import { pick, type Handler } from "./handler.ts";
import { DELEGATE } from "./trade.ts";

const meterAt = (run: Run, choice: number): Meter => pick([...run.world.meters.values()], choice);

async function call(run: Run, what: Call, predict: (world: World) => unknown): Promise<boolean> {
  const { done } = await run.attempt(what, (world) => {
    predict(world);
    return undefined;
  });
  return done;
}

function newKey(run: Run): SigningKey {
  return signingKey(id(`a new device ${run.newKeys++}`));
}

function ownerKey(run: Run, site: number): SigningKey {
  return must(run.arena.wallets.get(must(run.world.sites.get(site)).owner));
}

async function registerMeter(run: Run, which: number, forged: boolean): Promise<void> {
  // Few enough that sequences stay fast.
  if (run.world.meters.size > 14) return;
  const { domain, registrar } = run.arena.market;
  const site = pick([...run.world.sites.keys()], which);
  const key = newKey(run);
  const message = {
    site,
    meter: key.address,
    kind: 1,
    source: 0,
    powerClass: 0x34,
    storageCapacityWh: 0,
    bestEfficiencyPpm: 0,
    importWh: which,
    exportWh: 0,
  };
  const signature = signConsent(domain, forged ? key : ownerKey(run, site), "MeterConsent", message);
  const args = [message, signature, signConsent(domain, key, "MeterConsent", message)];
  const done = await call(
    run,
    { from: registrar.address, method: "registerMeter", args, role: "REGISTRAR" },
    (world) => {
      if (forged && !world.paused) registry.refuseConsent();
      registry.registerMeter(world, {
        address: key.address,
        site,
        kind: "consumer",
        limitWh: 2560n,
        importWh: BigInt(which),
        exportWh: 0n,
        capacityWh: 0n,
        efficiencyPpm: 0n,
      });
    },
  );
  if (done) run.keys.set(key.address, key);
}

async function replaceMeter(run: Run, which: number, wrong: boolean, fresh: boolean): Promise<void> {
  const { domain, registrar } = run.arena.market;
  const old = meterAt(run, which);
  if (run.world.meters.size > 16) return;
  const key = newKey(run);
  const finals = { finalImportWh: Number(old.importWh) + (wrong ? 1 : 0), finalExportWh: Number(old.exportWh) };
  const registers = fresh
    ? { importWh: 7, exportWh: 3 }
    : { importWh: Number(old.importWh), exportWh: Number(old.exportWh) };
  const replacement = { oldMeter: old.address, newMeter: key.address, ...finals, estimated: fresh, ...registers };
  const message = { ...replacement, nonce: must(run.world.sites.get(old.site)).nonce };
  const args = [
    replacement,
    signConsent(domain, ownerKey(run, old.site), "MeterReplacement", message),
    signConsent(domain, key, "MeterReplacement", message),
  ];
  const done = await call(run, { from: registrar.address, method: "replaceMeter", args, role: "REGISTRAR" }, (world) =>
    registry.replace(world, old.address, key.address, {
      finalImportWh: BigInt(finals.finalImportWh),
      finalExportWh: BigInt(finals.finalExportWh),
      importWh: BigInt(registers.importWh),
      exportWh: BigInt(registers.exportWh),
    }),
  );
  if (done) run.keys.set(key.address, key);
}

/** Try to take a right that the caller does not have: every role, on every verb that lets money out. */
async function usurp(run: Run, who: number, what: number, which: number): Promise<void> {
  const { market, stranger, exchange, accounts } = run.arena;
  const roles = [market.governor, market.registrar, market.grid, market.guardian, market.inspector].map(
    ({ address }) => address,
  );
  const from = pick([...roles, stranger, must(accounts[0])], who);
  const meter = meterAt(run, which);
  const site = must(run.world.sites.get(meter.site));
  const refused: [string, "exchange" | "token", string, unknown[]][] = [
    ["NotEntitled", "exchange", "requestWithdrawal", [meter.address, 1n, from]],
    ["NotEntitled", "exchange", "moveBalance", [meter.address, meter.address, 1n]],
    ["NotEntitled", "exchange", "requestUnbond", [site.id, 1n]],
    ["NotEntitled", "exchange", "collectBond", [site.id, from]],
    ["NothingToPay", "exchange", "collectMatcherBond", [from]],
    ["NotIssuer", "token", "mint", [from, 1n]],
    ["NotIssuer", "token", "burn", [1n]],
    ["ERC20InsufficientAllowance", "token", "transferFrom", [site.owner, from, 1n]],
    ["ERC20InsufficientAllowance", "token", "transferFrom", [exchange, from, 1n]],
    [
      "AccessManagedUnauthorized",
      "exchange",
      what % 2 === 0 ? "endInspection" : "writeOff",
      what % 2 === 0 ? [1, 1, ""] : [site.id, 1n],
    ],
  ];
  const [error, to, method, args] = pick(refused, what);
  // Inspector and GRID have those two rights.
  if (error === "AccessManagedUnauthorized" && (from === market.inspector.address || from === market.grid.address))
    return;
  await call(run, { name: "usurp", from, to, method, args }, () => registry.refuseAs(error));
}

export const registryHandlers: Record<string, Handler> = {
  registerMeter: { weight: 1, act: (run, [which, forged]) => registerMeter(run, which, forged % 8 === 7) },
  replaceMeter: {
    weight: 2,
    act: (run, [which, wrong, fresh]) => replaceMeter(run, which, wrong % 8 === 7, fresh % 2 === 1),
  },
  suspendMeter: {
    weight: 1,
    act: async (run, [which]) => {
      const meter = meterAt(run, which);
      const from = run.arena.market.registrar.address;
      await call(run, { from, method: "suspendMeter", args: [meter.address], role: "REGISTRAR" }, (world) =>
        registry.suspend(world, meter.address),
      );
    },
  },
  reinstateMeter: {
    weight: 3,
    act: async (run, [which]) => {
      const suspended = [...run.world.meters.values()].filter(({ suspended: is, retired }) => is && !retired);
      const meter = suspended.length === 0 ? meterAt(run, which) : pick(suspended, which);
      const from = run.arena.market.registrar.address;
      await call(run, { from, method: "reinstateMeter", args: [meter.address], role: "REGISTRAR" }, (world) =>
        registry.reinstate(world, meter.address),
      );
    },
  },
  retireMeter: {
    weight: 3,
    act: async (run, [which]) => {
      // Mostly one that came in this sequence, so that the market stays alive.
      const meters = [...run.world.meters.values()];
      const meter = which % 4 === 3 || meters.length < 12 ? meterAt(run, which) : pick(meters.slice(11), which);
      if (run.arena.meterKeys.has(meter.address) && meter.balance === 0n && meter.kind !== "feeder") return;
      const from = run.arena.market.registrar.address;
      await call(run, { from, method: "retireMeter", args: [meter.address], role: "REGISTRAR" }, (world) =>
        registry.retire(world, meter.address),
      );
    },
  },
  setDelegate: {
    weight: 1,
    act: async (run, [which, on, who]) => {
      const meter = meterAt(run, which);
      const from = who % 6 === 5 ? run.arena.stranger : must(run.world.sites.get(meter.site)).owner;
      const delegate = on % 4 === 3 ? null : DELEGATE.address;
      const args = [meter.address, delegate ?? `0x${"0".repeat(40)}`];
      await call(run, { from, method: "setDelegate", args }, (world) =>
        registry.setDelegate(world, from, meter.address, delegate),
      );
    },
  },
  setZoneTerms: {
    weight: 1,
    act: async (run, [zoneChoice, ahead, high, low, steep]) => {
      const zone = 1 + (zoneChoice % 2);
      const base = {
        fromSlot: slotAt(run.world.now) + 8 + (ahead % 4),
        importPrice: BigInt(200_000 + (high % 401) * 1000),
        exportPrice: BigInt(50_000 + (low % 152) * 1000),
        slopePpm: BigInt((steep % 5) * 250_000),
      };
      const { feePpm, networkLocalPrice, networkGridPrice, levyPrice } = must(run.world.zones.get(zone)).prices;
      const terms = { ...base, feePpm, networkLocalPrice, networkGridPrice, levyPrice, rule: zone - 1 };
      const from = run.arena.market.governor.address;
      await call(run, { from, method: "setZoneTerms", args: [zone, terms], role: "GOVERNOR" }, (world) =>
        setTerms(world, zone, base),
      );
    },
  },
  fixTariffs: {
    weight: 1,
    act: async (run, [zoneChoice, ahead]) => {
      const zone = 1 + (zoneChoice % 2);
      const through = slotAt(run.world.now) + (ahead % 11);
      await call(run, { from: run.arena.stranger, method: "fixTariffs", args: [zone, through] }, (world) =>
        fixTariffs(world, zone, through),
      );
    },
  },
  endInspection: {
    weight: 3,
    act: async (run, [zoneChoice, which]) => {
      const standing = [...run.world.zones.values()].flatMap((zone) =>
        [...zone.flagged].filter((slot) => isFlagged(run.world, zone, slot)).map((slot) => [zone.id, slot] as const),
      );
      const zone = 1 + (zoneChoice % 2);
      const unflagged = [zone, must(run.world.zones.get(zone)).closedThrough] as const;
      const [zoneId, slot] = standing.length === 0 || which % 6 === 5 ? unflagged : pick(standing, which);
      const from = run.arena.market.inspector.address;
      await call(
        run,
        { from, method: "endInspection", args: [zoneId, slot, "looked at"], role: "INSPECTOR" },
        (world) => endInspection(world, zoneId, slot),
      );
    },
  },
  pause: {
    weight: 1,
    act: async (run) => {
      const from = run.arena.market.guardian.address;
      await call(run, { from, method: "pause", args: [], role: "GUARDIAN" }, registry.pause);
    },
  },
  unpause: {
    weight: 3,
    act: async (run) => {
      const from = run.arena.market.governor.address;
      await call(run, { from, method: "unpause", args: [], role: "GOVERNOR" }, registry.unpause);
    },
  },
  usurp: { weight: 2, act: (run, [who, what, which]) => usurp(run, who, what, which) },
};
