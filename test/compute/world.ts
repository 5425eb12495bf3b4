import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import type { NetworkConnection } from "hardhat/types/network";
import { leafHash } from "../../src/market/readings.ts";
import { deployTestMarket, FIRST_SLOT as S, type TestMarket, type TestMeter } from "../support/testMarket.ts";

/** Ticks an accelerator-second. */
export const PRICE = 100_000n;
export const STAKE = 50_000_000n;
export const POLICY = { maxImportPrice: 300_000, maxScarcityPpm: 0 };
const PLENTY = 10n ** 13n;

/** A provider with a site, a meter, stake and an offer of 8 accelerators, and two requesters. */
export interface ComputeWorld {
  readonly market: TestMarket;
  readonly meter: TestMeter;
  readonly owner: HardhatEthersSigner;
  readonly provider: HardhatEthersSigner;
  readonly requester: HardhatEthersSigner;
  readonly other: HardhatEthersSigner;
}

export async function deployComputeWorld(connection: NetworkConnection): Promise<ComputeWorld> {
  const market = await deployTestMarket(connection);
  const { providers, computeMarket, credit } = market;
  const [owner, provider, requester, other] = market.signers.slice(8, 12);
  if (owner === undefined || provider === undefined || requester === undefined || other === undefined) {
    throw new Error("too few accounts");
  }
  const meter = await market.addMeter({ kind: "consumer", owner });
  for (const account of [owner, requester, other]) {
    await market.fund(account, PLENTY);
    for (const spender of [providers, computeMarket]) await credit.connect(account).approve(spender, 2n ** 256n - 1n);
  }
  await providers.connect(provider).setSponsor(owner);
  await providers.connect(provider).allowLocker(computeMarket, true);
  await providers.connect(owner).registerProvider(provider, meter.address, 8);
  await providers.connect(owner).postStake(provider, 4n * STAKE);
  await computeMarket.connect(provider).makeOffer(8, PRICE, STAKE, 900, 1_000_000, 700);
  return { market, meter, owner, provider, requester, other };
}

export function request(changes: Partial<Record<string, number | bigint>> = {}) {
  return {
    offer: 1,
    site: 0,
    accelerators: 4,
    acceleratorSeconds: 10_000,
    price: PRICE,
    ...POLICY,
    durationSlots: 96,
    waitSlots: 10,
    ...changes,
  };
}

/** A lease of 4 accelerators that runs from slot S + 1. */
export async function started(world: ComputeWorld): Promise<void> {
  await world.market.computeMarket.connect(world.requester).requestLease(request());
  await world.market.at(S + 1);
  await world.market.computeMarket.startNext(1);
}

/** Read the provider's meter up to a slot that is just over, nothing having flowed in those before; a leaf's proof is empty, since the batch has one reading. */
export async function read({ market, meter }: ComputeWorld, slot: number, importWh: number) {
  await market.at(slot + 1, 20);
  for (let next = (await market.word(meter)).lastSlot + 1; next <= slot; ++next) {
    await market.settleFlows(next, [{ meter, importWh: next === slot ? importWh : 0 }]);
  }
  const leaf = { meter: meter.address, zone: 1, slot, importWh, exportWh: 0 };
  return { leaf: { ...leaf, flags: 0 }, root: leafHash({ ...leaf, gap: false }) };
}

/** Read a slot and report its use. */
export async function use(world: ComputeWorld, slot: number, seconds = 3_600, lease = 1) {
  const { leaf, root } = await read(world, slot, 700);
  return world.market.computeMarket.connect(world.provider).reportUse(lease, seconds, 700, leaf, root, []);
}
