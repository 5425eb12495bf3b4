import type { NetworkConnection } from "hardhat/types/network";
import { packRebatePrices } from "../../src/game/seasonRewards.ts";
import { leafHash, readingTree, type ReadingLeaf } from "../../src/market/readings.ts";
import { SLOTS_PER_DAY } from "../../src/units.ts";
import { deployTestMarket, FIRST_SLOT as S, type TestMarket, type TestMeter } from "../support/testMarket.ts";
import { title, type Proven } from "./world.ts";

/** Monday, 23 June 2025, 12:00 UTC. S is a Saturday. */
const MONDAY_NOON = S + 2 * SLOTS_PER_DAY + 48;
/** Season 1 begins on Monday and lasts four days. */
export const SEASON = { startSlot: S + 2 * SLOTS_PER_DAY, seasonSlots: 4 * SLOTS_PER_DAY, claimSlots: 48 };
const LAST = SEASON.startSlot + SEASON.seasonSlots - 1;
/** The event: Thursday noon, two slots. */
export const EVENT_SLOT = MONDAY_NOON + 3 * SLOTS_PER_DAY;

export interface RealSeason {
  readonly market: TestMarket;
  readonly home: TestMeter;
  readonly solar: TestMeter;
  /** Every settled reading that was no gap, by `meter/slot`. */
  readonly proofs: ReadonlyMap<string, Proven>;
}

/** A slot's deadline is this many slots after its end. */
const READING_SLOTS = 4;

type Flow = readonly [importWh: number, exportWh: number];

/**
 * A season on the exchange itself: each day two noon slots and two evening slots are read, so that the next day's prices
 * know how plentiful energy was. Home and solar take part, one event is called and claimed, everything is paid out.
 */
export async function playRealSeason(connection: NetworkConnection): Promise<RealSeason> {
  const market = await deployTestMarket(connection, {
    slopePpm: 500_000,
    parameters: {
      seasonStart: SEASON.startSlot,
      seasonSlots: SEASON.seasonSlots,
      claimSlots: SEASON.claimSlots,
      rebatePrices: packRebatePrices([0, 500, 1_000, 2_000, 4_000, 4_000, 4_000, 4_000]),
    },
  });
  const { seasons, badges, exchange } = market;
  const home = await market.addMeter({ kind: "prosumer", owner: account(market, 11) });
  const solar = await market.addMeter({ kind: "producer", source: "solar", owner: account(market, 12) });
  await exchange.connect(market.governor).setZoneAccounts(1, {
    network: account(market, 15).address,
    levy: account(market, 16).address,
    fee: account(market, 17).address,
    season: await seasons.getAddress(),
  });
  const proofs = new Map<string, Proven>();
  const day = (number: number) => S + number * SLOTS_PER_DAY;

  for (let number = 1; number <= 5; ++number) {
    const noon = day(number) + 48;
    if (number === 2) {
      await silence(market, day(2) - 7, [home, solar]);
      for (const { owner, site } of [home, solar]) await seasons.connect(owner).enrol(1, site);
      await seasons.connect(home.owner).setAgent(market.worker.address);
      await badges.connect(market.governor).addQuest(0, 500, title("Sun chaser"));
      await badges.connect(market.governor).addQuest(1, 100, title("Peak cutter"));
    }
    if (number === 5) {
      await market.at(EVENT_SLOT - 20, 30);
      await seasons.connect(market.grid).callEvent(1, EVENT_SLOT, 2, 500_000);
    }
    await silence(market, noon - 1, [home, solar]);
    const lunch: Flow = number === 5 ? [100, 0] : [600 + 100 * number, 0];
    await read(
      market,
      proofs,
      noon,
      new Map([
        [home, lunch],
        [solar, [0, 2_400]],
      ]),
    );
    await read(
      market,
      proofs,
      noon + 1,
      new Map([
        [home, [900, 0]],
        [solar, [0, 2_300]],
      ]),
    );
    await silence(market, noon + 31, [home, solar]);
    await read(
      market,
      proofs,
      noon + 32,
      new Map([
        [home, [700, 0]],
        [solar, [0, 100]],
      ]),
    );
    await read(
      market,
      proofs,
      noon + 33,
      new Map([
        [home, [0, 350]],
        [solar, [50, 0]],
      ]),
    );
    await market.mineAt(noon + 40);
    await closeThrough(market, noon + 33);
  }
  await conclude(market, proofs, { home, solar });
  return { market, home, solar, proofs };
}

async function conclude(
  market: TestMarket,
  proofs: ReadonlyMap<string, Proven>,
  { home, solar }: { readonly home: TestMeter; readonly solar: TestMeter },
): Promise<void> {
  const { seasons, badges } = market;
  await silence(market, LAST, [home, solar]);
  const own = (meter: TestMeter) =>
    [...proofs.values()].filter(({ leaf }) => leaf.meter === meter.address && leaf.slot >= SEASON.startSlot);
  const agent = seasons.connect(market.worker);
  await agent.prove(1, home.site, own(home).slice(0, 5));
  await agent.prove(1, home.site, own(home).slice(5));
  const claim = [1, 2, 3, 0].map((back) => proofs.get(`${home.address}/${String(EVENT_SLOT - back * SLOTS_PER_DAY)}`));
  await agent.claimEvent(
    1,
    EVENT_SLOT,
    home.site,
    claim.flatMap((one) => one ?? []),
  );
  // One reading is left out.
  await seasons.connect(solar.owner).prove(1, solar.site, own(solar).slice(1));
  await agent.conclude(1, home.site, []);
  await seasons.connect(solar.owner).conclude(1, solar.site, []);
  await market.fund(account(market, 14), 1_000_000_000n);
  await market.credit.connect(account(market, 14)).transfer(await seasons.getAddress(), 10n ** 18n);
  await market.exchange.collectCharges(1);
  await market.mineAt(LAST + SEASON.claimSlots + 1);
  await seasons.finish(1);
  await seasons.collect(1, home.site);
  await badges.claimBadge(2, 1, home.site);
  await badges.connect(market.governor).endQuest(1);
}

/** Nothing flowed since the last reading: a gap reading of `slot`, once the slot before it is past its deadline. */
async function silence(market: TestMarket, slot: number, meters: readonly TestMeter[]): Promise<void> {
  await market.at(slot + READING_SLOTS, 10);
  await market.settleFlows(
    slot,
    meters.map((meter) => ({ meter })),
  );
}

/** Read a slot just before its deadline, and keep the proof of each reading. */
async function read(
  market: TestMarket,
  proofs: Map<string, Proven>,
  slot: number,
  flows: ReadonlyMap<TestMeter, Flow>,
): Promise<void> {
  await market.at(slot + READING_SLOTS, 10);
  const entries = [...flows].map(([meter, [importWh, exportWh]]) => ({ meter, importWh, exportWh }));
  await market.settleFlows(slot, entries);
  const leaves = entries.map(({ meter, importWh, exportWh }): ReadingLeaf => ({
    meter: meter.address,
    zone: 1,
    slot,
    importWh,
    exportWh,
    gap: false,
  }));
  const tree = readingTree(leaves.map(leafHash));
  leaves.forEach(({ gap, ...leaf }, index) => {
    const proven = { leaf: { ...leaf, flags: gap ? 1 : 0 }, root: tree.root, proof: tree.proof(index) };
    proofs.set(`${leaf.meter}/${String(slot)}`, proven);
  });
}

/** Close every touched slot up to `through` and pass over the others. */
async function closeThrough(market: TestMarket, through: number): Promise<void> {
  const worker = market.exchange.connect(market.worker);
  const { closedThrough } = await market.exchange.zoneInfo(1);
  let untouched = 0;
  for (let slot = Number(closedThrough) + 1; slot <= through; ++slot) {
    const touched = await worker.slotRecord.staticCall(1, slot).then(
      (record) => Number(record.slot) === slot,
      () => false,
    );
    if (!touched) {
      untouched = slot;
      continue;
    }
    if (untouched === slot - 1) await worker.passOver(1, untouched);
    await worker.close(1, slot, []);
  }
}

function account(market: TestMarket, index: number): TestMarket["worker"] {
  const found = market.signers[index];
  if (found === undefined) throw new Error(`the test chain has no account ${String(index)}`);
  return found;
}
