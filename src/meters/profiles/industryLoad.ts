import { SLOTS_PER_DAY } from "../../units.ts";
import { localTime } from "./localTime.ts";
import { randomStream } from "./randomStream.ts";

const FIRST_SHIFT_HOUR = 6;
const SECOND_SHIFT_HOUR = 14;
const END_HOUR = 22;
/** Shares of the rated power. */
const IDLE_SHARE = 0.12;
const FIRST_SHIFT_SHARE = 0.7;
const SECOND_SHIFT_SHARE = 0.55;
const BREAK_SHARE = 0.45;

/**
 * Load of a workshop with two shifts, in W, slot by slot: machines run on weekdays from 6 to 22, fewer in the
 * second shift, with a break in the middle of each, and idle at night and at weekends: the shape between the
 * standard load profiles G1 and G3 (VDEW, 1999). Each day has its own order book, each slot its own noise.
 */
export function industryLoad(input: {
  seed: number;
  name: string;
  firstSlot: number;
  slots: number;
  longitudeDeg: number;
  ratedPowerW: number;
}): Float64Array {
  const { seed, name, firstSlot, slots, longitudeDeg, ratedPowerW } = input;
  const days = new Map<number, Float64Array>();
  const sharesOf = (day: number, weekend: boolean): Float64Array => {
    const known = days.get(day);
    if (known !== undefined) return known;
    const stream = randomStream(seed, "works", name, day);
    const orders = stream.between(0.85, 1.1);
    const shares = Float64Array.from({ length: SLOTS_PER_DAY }, (_, quarter) => {
      const share = IDLE_SHARE + orders * (shiftShare((quarter + 0.5) / 4, weekend) - IDLE_SHARE);
      return share * stream.between(0.95, 1.05);
    });
    days.set(day, shares);
    return shares;
  };

  return Float64Array.from({ length: slots }, (_, index) => {
    const { day, slotOfDay, weekend } = localTime(firstSlot + index, longitudeDeg);
    return ratedPowerW * Math.min(1, sharesOf(day, weekend)[slotOfDay] ?? IDLE_SHARE);
  });
}

function shiftShare(hour: number, weekend: boolean): number {
  if (weekend || hour < FIRST_SHIFT_HOUR || hour >= END_HOUR) return IDLE_SHARE;
  const started = hour < SECOND_SHIFT_HOUR ? FIRST_SHIFT_HOUR : SECOND_SHIFT_HOUR;
  const inShift = hour - started;
  if (inShift >= 4 && inShift < 4.5) return BREAK_SHARE;
  return started === FIRST_SHIFT_HOUR ? FIRST_SHIFT_SHARE : SECOND_SHIFT_SHARE;
}
