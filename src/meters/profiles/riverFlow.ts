import { dailySeries } from "./dailySeries.ts";
import { localTime } from "./localTime.ts";

const PERSISTENCE = 0.95;
const LOG_SPREAD = 0.25;
/** Mid-May in the north, when the snow has melted. */
const PEAK_PHASE = 0.37;

/**
 * Flow of a zone's river, as a multiple of the turbine's design flow: a yearly cosine with its peak in late
 * spring times a log-normal daily AR(1), the usual model of stream flow (Thomas and Fiering, 1962). Mean,
 * amplitude and spread are our choice for a small alpine river.
 */
export function riverFlow(input: {
  seed: number;
  zone: string;
  firstSlot: number;
  slots: number;
  latitudeDeg: number;
  longitudeDeg: number;
}): Float64Array {
  const { seed, zone, firstSlot, slots, latitudeDeg, longitudeDeg } = input;
  const peak = latitudeDeg < 0 ? PEAK_PHASE + 0.5 : PEAK_PHASE;
  const weather = dailySeries({ seed, label: `river of ${zone}`, phi: PERSISTENCE, firstSlot, slots, longitudeDeg });
  return weather.map((deviation, index) => {
    const { yearPhase } = localTime(firstSlot + index, longitudeDeg);
    const season = 0.95 + 0.35 * Math.cos(2 * Math.PI * (yearPhase - peak));
    return season * Math.exp(LOG_SPREAD * deviation - LOG_SPREAD ** 2 / 2);
  });
}
