import { JouleworkError } from "../../errors.ts";
import { MAX_RATED_POWER_W, MIN_RATED_POWER_W, type MeterSpec } from "../../community/types.ts";
import { PPM } from "../../units.ts";

/** The feeder meter of a zone, rated so that all its meters at full power and the losses fit. */
export function feederMeter(input: { name: string; meters: readonly MeterSpec[]; lossPpm: number }): MeterSpec {
  const { name, meters, lossPpm } = input;
  const sumW = meters.reduce((sum, meter) => sum + meter.ratedPowerW, 0);
  const ratedPowerW = Math.max(MIN_RATED_POWER_W, Math.ceil(sumW * (1 + lossPpm / PPM)));
  if (ratedPowerW > MAX_RATED_POWER_W) {
    throw new JouleworkError({
      code: "ZONE_TOO_LARGE",
      what: "The meters of one zone need a larger feeder than can be registered",
      values: { feeder: name, meters: meters.length, ratedPowerW, maximumW: MAX_RATED_POWER_W },
      hint: "Use fewer or smaller meters, or more zones.",
    });
  }
  return { name, kind: "feeder", ratedPowerW };
}
