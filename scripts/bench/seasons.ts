import hre from "hardhat";
import { CLAIM_SLOTS, deploySeasonWorld, SEASON_SLOTS, START } from "../../test/seasons/world.ts";
import type { BySize } from "./gas.ts";
import { measure } from "./measure.ts";

const SITE = 1;
const SEASON = 1;
const CREDIT = 10n ** 18n;
const MARGIN_PPM = 300_000;

/**
 * Gas of a season for a site of one meter: readings of a day are proved against the batches of a hundred that they were
 * settled in, one alone and a whole day at once. The exchange's facts are set by hand; its check of a proof is the same.
 */
export async function benchSeasons(): Promise<Readonly<Record<string, number | BySize>>> {
  const world = await deploySeasonWorld(await hre.network.create());
  const owner = world.signer(10);
  const meter = await world.addMeter();
  await world.setSite(SITE, owner, [meter]);
  const seasons = world.seasons.connect(owner);
  const flows = Array.from({ length: 100 }, (_, slot) => ({ slot: START + slot, importWh: 100 + slot }));
  for (const { slot } of flows) await world.exchange.setScarcity(1, slot, (slot % 7) * 1_000 - MARGIN_PPM);

  const enrolled = await measure(await seasons.enrol(SEASON, SITE));
  const readings = await world.settle(meter, flows);
  const one = await measure(await seasons.prove(SEASON, SITE, readings.slice(0, 1)));
  const day = await measure(await seasons.prove(SEASON, SITE, readings.slice(1, 97)));
  await world.readThrough(meter, START + SEASON_SLOTS - 1);
  await world.mineAt(START + SEASON_SLOTS);
  const concluded = await measure(await seasons.conclude(SEASON, SITE, []));
  await world.fill(CREDIT);
  await world.mineAt(START + SEASON_SLOTS + CLAIM_SLOTS);
  const finished = await measure(await seasons.finish(SEASON));
  const collected = await measure(await seasons.collect(SEASON, SITE));
  await world.connection.close();
  return {
    seasonEnrol: enrolled.gas,
    seasonProvePerReading: { 1: one.gas, 96: Math.round(day.gas / 96) },
    seasonConclude: concluded.gas,
    seasonFinish: finished.gas,
    seasonCollect: collected.gas,
  };
}
