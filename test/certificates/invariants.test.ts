import { expect } from "chai";
import fc from "fast-check";
import hre from "hardhat";
import { dischargedWh, issuableWh, roundTripPpm } from "../../src/certificates/amounts.ts";
import { decodeCertificateId, encodeCertificateId } from "../../src/certificates/certificateId.ts";
import { ENERGY_SOURCE_CODES, type EnergySourceName } from "../../src/market/codes.ts";
import { deployCertificateWorld, POLICY, S, type CertificateWorld, type Proved } from "./world.ts";

const connection = await hre.network.create();
const { networkHelpers } = connection;
const SEQUENCES = Number(process.env.JOULEWORK_CERTIFICATE_RUNS ?? 6);
const ROUNDS = 8;
const ACTS = 16;
const SEED = 20_250_621;
const BEST_PPM = 900_000;

type Producer = "solar" | "wind";
type Step =
  | { readonly act: "read"; readonly flows: readonly [number, number, number, number] }
  | { readonly act: "issue"; readonly by: Producer; readonly back: number }
  | { readonly act: "give"; readonly by: Producer; readonly back: number; readonly share: number }
  | { readonly act: "charge"; readonly back: number; readonly share: number }
  | { readonly act: "discharge"; readonly back: number }
  | { readonly act: "cancel"; readonly by: Producer; readonly back: number; readonly energyWh: number }
  | { readonly act: "claim"; readonly cancellation: number; readonly back: number; readonly energyWh: number };

const producer = fc.constantFrom<Producer>("solar", "wind");
const back = fc.constantFrom(0, 0, 0, 1);
const energyWh = fc.integer({ min: 0, max: 400 });
const flow = fc.tuple(energyWh, energyWh, energyWh, fc.integer({ min: -600, max: 600 }));
const share = fc.nat(110);
const act: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ act: fc.constant("issue" as const), by: producer, back }),
  fc.record({ act: fc.constant("give" as const), by: producer, back, share }),
  fc.record({ act: fc.constant("charge" as const), back, share }),
  fc.record({ act: fc.constant("discharge" as const), back }),
  fc.record({ act: fc.constant("cancel" as const), by: producer, back, energyWh }),
  fc.record({ act: fc.constant("claim" as const), cancellation: fc.integer({ min: 1, max: 3 }), back, energyWh }),
);
/** A slot is read, and then much may happen with it and the one before. */
const round = fc
  .record({ flows: flow, acts: fc.array(act, { minLength: ACTS, maxLength: ACTS }) })
  .map(({ flows, acts }): Step[] => [{ act: "read", flows }, ...acts]);
const sequence = fc.array(round, { minLength: ROUNDS, maxLength: ROUNDS }).map((rounds) => rounds.flat());

/** What the world must be, kept in plain numbers. */
class Ghost {
  readonly slots: Record<string, Proved>[] = [];
  readonly certified = new Set<string>();
  readonly balances = new Map<string, number>();
  readonly lots = new Map<bigint, { issuedWh: number; cancelledWh: number }>();
  readonly drawn = new Map<string, number>();
  readonly cancellations: { readonly id: bigint; left: number }[] = [];
  readonly battery = { chargedWh: 0, issuedWh: 0, throughSlot: 0, tookWh: 0, gaveWh: 0 };

  held(id: bigint, holder: string): number {
    return this.balances.get(`${String(id)}/${holder}`) ?? 0;
  }

  move(id: bigint, holder: string, amountWh: number): void {
    this.balances.set(`${String(id)}/${holder}`, this.held(id, holder) + amountWh);
  }

  lot(id: bigint): { issuedWh: number; cancelledWh: number } {
    const lot = this.lots.get(id) ?? { issuedWh: 0, cancelledWh: 0 };
    this.lots.set(id, lot);
    return lot;
  }
}

async function deployed() {
  return deployCertificateWorld(connection);
}

describe("certificates in any sequence", function () {
  it("are issued within the proved export, and issued = held + cancelled (invariant 5)", async () => {
    const seen = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(fc.noBias(sequence), async (steps) => {
        const world = await networkHelpers.loadFixture(deployed);
        const ghost = new Ghost();
        for (const one of steps) {
          const expected = predict(world, ghost, one);
          const went = await play(world, ghost, one);
          expect(went, JSON.stringify(one)).to.equal(expected !== undefined);
          if (went) expected?.();
          const key = `${one.act} ${went ? "went through" : "refused"}`;
          seen.set(key, (seen.get(key) ?? 0) + 1);
        }
        await expectInvariants(world, ghost);
      }),
      { numRuns: SEQUENCES, seed: SEED, endOnFailure: true },
    );
    // Every act was reached both ways, but reading, which is never refused.
    for (const act of ["issue", "give", "charge", "discharge", "cancel", "claim"]) {
      for (const way of ["went through", "refused"]) {
        expect(seen.get(`${act} ${way}`) ?? 0, `${act} ${way}`).to.be.greaterThan(0);
      }
    }
  });

  it("have the ids of the twin, whatever zone, slot and source", async () => {
    const { certificates } = await networkHelpers.loadFixture(deployed);
    const lots = fc.record({
      zone: fc.nat(0xffff),
      slot: fc.nat(0xffff_ffff),
      source: fc.constantFrom(...(Object.keys(ENERGY_SOURCE_CODES) as EnergySourceName[])),
    });
    await fc.assert(
      fc.asyncProperty(lots, async ({ zone, slot, source }) => {
        const id = encodeCertificateId({ zone, slot, source });
        expect(await certificates.encode(zone, slot, ENERGY_SOURCE_CODES[source])).to.equal(id);
        const decoded = (await certificates.decode(id)).map(Number);
        expect(decoded).to.deep.equal([zone, slot, ENERGY_SOURCE_CODES[source]]);
      }),
      { numRuns: 100, seed: SEED },
    );
  });
});

interface SlotRead {
  readonly slot: number;
  readonly proved: Record<string, Proved>;
}

/** The slot that a step is about, counted back from the newest one that was read; undefined where there is none. */
function at(ghost: Ghost, backwards: number): SlotRead | undefined {
  const index = ghost.slots.length - 1 - backwards;
  const proved = ghost.slots[index];
  return proved === undefined ? undefined : { slot: S + index, proved };
}

/** What a step changes, or undefined where it must be refused. */
function predict(world: CertificateWorld, ghost: Ghost, one: Step): (() => void) | undefined {
  if (one.act === "read") return () => undefined;
  if (one.act === "claim") return predictClaim(ghost, one);
  const found = at(ghost, one.back);
  if (found === undefined) return undefined;
  const { slot, proved } = found;
  const battery = world.owner("battery").address;
  if (one.act === "discharge") return predictDischarge(ghost, slot, proved.battery, battery, world.id(slot, "storage"));
  if (one.act === "charge") {
    const id = world.id(slot);
    const { wantedWh, mostWh, usedWh } = chargeable(ghost, found, battery, id, one.share);
    if (slot < ghost.battery.throughSlot || wantedWh === 0 || wantedWh > mostWh) return undefined;
    return () => {
      ghost.move(id, battery, -wantedWh);
      ghost.lot(id).cancelledWh += wantedWh;
      ghost.drawn.set(`battery/${String(slot)}`, usedWh + wantedWh);
      ghost.battery.chargedWh += wantedWh;
      ghost.battery.throughSlot = slot;
    };
  }
  const id = world.id(slot, one.by);
  const owner = world.owner(one.by).address;
  const leaf = proved[one.by]?.leaf;
  if (one.act === "issue") {
    const key = `${one.by}/${String(slot)}`;
    const amountWh = leaf === undefined ? 0 : issuableWh(leaf);
    if (amountWh === 0 || ghost.certified.has(key)) return undefined;
    return () => {
      ghost.certified.add(key);
      ghost.lot(id).issuedWh += amountWh;
      ghost.move(id, owner, amountWh);
    };
  }
  if (one.act === "give") {
    const amountWh = shareOf(ghost.held(id, owner), one.share);
    if (amountWh > ghost.held(id, owner)) return undefined;
    return () => {
      ghost.move(id, owner, -amountWh);
      ghost.move(id, battery, amountWh);
    };
  }
  if (one.energyWh === 0 || one.energyWh > ghost.held(id, owner)) return undefined;
  return () => {
    ghost.move(id, owner, -one.energyWh);
    ghost.lot(id).cancelledWh += one.energyWh;
    ghost.cancellations.push({ id, left: one.energyWh });
  };
}

/** A share of what may be charged with certificates of the slot, and how much that is. */
function chargeable(ghost: Ghost, { slot, proved }: SlotRead, owner: string, id: bigint, share: number) {
  const usedWh = ghost.drawn.get(`battery/${String(slot)}`) ?? 0;
  const mostWh = Math.min(ghost.held(id, owner), (proved.battery?.leaf.importWh ?? 0) - usedWh);
  return { usedWh, mostWh, wantedWh: shareOf(mostWh, share) };
}

function predictDischarge(
  ghost: Ghost,
  slot: number,
  proved: Proved | undefined,
  owner: string,
  id: bigint,
): (() => void) | undefined {
  const { battery } = ghost;
  if (proved === undefined || slot <= battery.throughSlot || ghost.certified.has(`battery/${String(slot)}`))
    return undefined;
  const efficiencyPpm = roundTripPpm({ ...battery, bestEfficiencyPpm: BEST_PPM });
  const amountWh = dischargedWh({ exportedWh: issuableWh(proved.leaf), ...battery, efficiencyPpm });
  if (amountWh === 0) return undefined;
  return () => {
    ghost.certified.add(`battery/${String(slot)}`);
    battery.issuedWh += amountWh;
    battery.throughSlot = slot;
    ghost.lot(id).issuedWh += amountWh;
    ghost.move(id, owner, amountWh);
  };
}

function predictClaim(
  ghost: Ghost,
  { cancellation, back: backwards, energyWh: amountWh }: Extract<Step, { act: "claim" }>,
): (() => void) | undefined {
  const found = at(ghost, backwards);
  const held = ghost.cancellations[cancellation - 1];
  const leaf = found?.proved.home?.leaf;
  if (found === undefined || held === undefined || leaf === undefined) return undefined;
  const key = `home/${String(found.slot)}`;
  const used = ghost.drawn.get(key) ?? 0;
  const made = decodeCertificateId(held.id).slot;
  const together = Math.floor(made / 4) === Math.floor(found.slot / 4);
  if (!together || amountWh === 0 || amountWh > held.left || amountWh > leaf.importWh - used) return undefined;
  return () => {
    held.left -= amountWh;
    ghost.drawn.set(key, used + amountWh);
  };
}

/** Plays a step on the chain; returns whether it went through. */
async function play(world: CertificateWorld, ghost: Ghost, one: Step): Promise<boolean> {
  if (one.act === "read") {
    const [solar, wind, home, battery] = one.flows;
    const proved = await world.settle(S + ghost.slots.length, {
      solar: { importWh: 2, exportWh: solar },
      wind: { exportWh: wind },
      home: { importWh: home },
      battery: battery > 0 ? { importWh: battery } : { exportWh: batteryGives(ghost, -battery) },
    });
    const { importWh, exportWh } = proved.battery.leaf;
    ghost.battery.tookWh += importWh;
    ghost.battery.gaveWh += exportWh;
    ghost.slots.push(proved);
    return true;
  }
  const found = at(ghost, one.back);
  if (found === undefined) return false;
  try {
    await send(world, ghost, one, found);
    return true;
  } catch (error) {
    if (error instanceof Error && /revert/i.test(error.message)) return false;
    throw error;
  }
}

/** The device gives no more than its best efficiency lets it, else its reading is refused. */
function batteryGives({ battery }: Ghost, wantedWh: number): number {
  const mostWh = Math.floor((battery.tookWh * BEST_PPM) / 1_000_000) - battery.gaveWh;
  return Math.max(0, Math.min(wantedWh, mostWh));
}

async function send(
  world: CertificateWorld,
  ghost: Ghost,
  one: Exclude<Step, { act: "read" }>,
  { slot, proved }: SlotRead,
): Promise<void> {
  const of = (name: string): Proved => {
    const reading = proved[name];
    if (reading === undefined) throw new Error(`no reading of ${name}`);
    return reading;
  };
  if (one.act === "charge") {
    const { leaf, root, proof } = of("battery");
    const id = world.id(slot);
    const { wantedWh } = chargeable(ghost, { slot, proved }, world.owner("battery").address, id, one.share);
    await world.as("battery").charge(leaf, root, proof, id, wantedWh, POLICY.slot);
  } else if (one.act === "discharge") {
    const { leaf, root, proof } = of("battery");
    await world.as("battery").discharge(leaf, root, proof);
  } else if (one.act === "claim") {
    const { leaf, root, proof } = of("home");
    await world.as("home").claim(one.cancellation, leaf, root, proof, one.energyWh, POLICY.hour);
  } else {
    const id = world.id(slot, one.by);
    const owner = world.owner(one.by).address;
    const certificates = world.as(one.by);
    if (one.act === "issue") await world.issue(one.by, of(one.by));
    else if (one.act === "give") {
      await certificates.transfer(world.owner("battery").address, id, shareOf(ghost.held(id, owner), one.share));
    } else await certificates.cancel(owner, id, one.energyWh, world.owner("home").address, "");
  }
}

/** A share in percent; above a hundred it is more than there is. */
function shareOf(heldWh: number, percent: number): number {
  return Math.floor((heldWh * percent) / 100) + (percent > 100 ? 1 : 0);
}

async function expectInvariants({ certificates, market, meters }: CertificateWorld, ghost: Ghost): Promise<void> {
  const sums = new Map<bigint, bigint>();
  for (const [key, amountWh] of ghost.balances) {
    const [id = "0", holder = ""] = key.split("/");
    const held = await certificates.balanceOf(holder, BigInt(id));
    expect(held, key).to.equal(BigInt(amountWh));
    sums.set(BigInt(id), (sums.get(BigInt(id)) ?? 0n) + held);
  }
  for (const [id, { issuedWh, cancelledWh }] of ghost.lots) {
    const lot = await certificates.lotInfo(id);
    expect([lot.issuedWh, lot.cancelledWh], String(id)).to.deep.equal([BigInt(issuedWh), BigInt(cancelledWh)]);
    expect(sums.get(id) ?? 0n).to.equal(lot.issuedWh - lot.cancelledWh);
    const { slot, source } = decodeCertificateId(id);
    const leaf = ghost.slots[slot - S]?.[source === "storage" ? "battery" : source]?.leaf;
    expect(issuedWh).to.be.at.most(leaf === undefined ? 0 : issuableWh(leaf));
  }
  const stored = await certificates.storedIn(meters.battery.address);
  expect(stored.issuedWh <= stored.chargedWh).to.equal(true);
  for (const [key, usedWh] of ghost.drawn) {
    const [name = "", slot = ""] = key.split("/");
    const meter = name === "home" ? meters.home : meters.battery;
    expect((await market.exchange.evidence(meter.address, Number(slot))).usedWh).to.equal(BigInt(usedWh));
  }
}
