import { SLOT_SECONDS } from "../../units.ts";
import { autoregression } from "./autoregression.ts";
import { localTime } from "./localTime.ts";

/** IT power at rest and at full work, as shares of the meter's rated power. */
const IDLE_SHARE = 0.35;
const FULL_SHARE = 0.75;
const CORRELATION_SECONDS = 2 * 3_600;
const UTILISATION_SPREAD = 0.08;

/**
 * Load of a data centre, in W, slot by slot: IT power x PUE.
 *
 * IT power rises linearly with utilisation from a high idle share (Barroso and Hoelzle, 2007, IEEE Computer
 * 40(12), 33-37); utilisation is higher by day and wanders as an AR(1). PUE, total over IT power (Belady et
 * al., 2008, The Green Grid), grows where the air gets too warm for free cooling.
 */
export function dataCentreLoad(input: {
  seed: number;
  name: string;
  firstSlot: number;
  longitudeDeg: number;
  ratedPowerW: number;
  ambientC: Float64Array;
}): Float64Array {
  const { seed, name, firstSlot, longitudeDeg, ratedPowerW, ambientC } = input;
  const wandering = autoregression({
    seed,
    label: `utilisation of ${name}`,
    phi: Math.exp(-SLOT_SECONDS / CORRELATION_SECONDS),
    first: firstSlot,
    count: ambientC.length,
  });
  return ambientC.map((temperature, index) => {
    const { hour, weekend } = localTime(firstSlot + index, longitudeDeg);
    const daily = 0.55 + (weekend ? 0.08 : 0.15) * Math.cos((2 * Math.PI * (hour - 15)) / 24);
    const utilisation = Math.min(1, Math.max(0, daily + UTILISATION_SPREAD * (wandering[index] ?? 0)));
    const itShare = IDLE_SHARE + (FULL_SHARE - IDLE_SHARE) * utilisation;
    return ratedPowerW * Math.min(1, itShare * powerUsageEffectiveness(temperature));
  });
}

/** 1.12 with free cooling up to 18 degrees, then one percent of IT power more for each degree, up to 1.35. */
export function powerUsageEffectiveness(ambientC: number): number {
  return Math.min(1.35, 1.12 + 0.01 * Math.max(0, ambientC - 18));
}
