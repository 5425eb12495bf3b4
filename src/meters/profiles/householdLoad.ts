import { SLOTS_PER_DAY } from "../../units.ts";
import { localTime } from "./localTime.ts";
import { randomStream, type RandomStream } from "./randomStream.ts";

interface Appliance {
  powerW: number;
  /** How long one run takes, in slots. */
  runSlots: number;
  startsPerDay: number;
  /** More or fewer starts on Saturday and Sunday. */
  weekendFactor: number;
  /** Hours of the day between which a run starts. */
  from: number;
  to: number;
}

const APPLIANCES: readonly Appliance[] = [
  { powerW: 1_500, runSlots: 1, startsPerDay: 1.6, weekendFactor: 1.1, from: 6, to: 10 }, // kettle, toaster
  { powerW: 1_700, runSlots: 3, startsPerDay: 0.8, weekendFactor: 1.4, from: 17, to: 20 }, // oven and hob
  { powerW: 500, runSlots: 6, startsPerDay: 0.5, weekendFactor: 1.6, from: 8, to: 20 }, // washing machine
  { powerW: 900, runSlots: 5, startsPerDay: 0.6, weekendFactor: 1.2, from: 19, to: 22 }, // dishwasher
  { powerW: 2_000, runSlots: 4, startsPerDay: 0.25, weekendFactor: 1.6, from: 10, to: 21 }, // tumble dryer
];
const CAR: Appliance = { powerW: 3_600, runSlots: 9, startsPerDay: 0.6, weekendFactor: 0.7, from: 17, to: 23 };
const SHARE_WITH_CAR = 0.3;
/** The longest run that can reach into the next day is shorter than a day, so yesterday's starts suffice. */
const DAYS_BACK = 1;

/**
 * Load of a household, in W, slot by slot: a base, a morning and an evening hump as in the standard load
 * profile H0 (VDEW, 1999), higher in winter, and appliances that start at random within their hours, after
 * the bottom-up model of Richardson, Thomson, Infield and Clifford (2010), Energy and Buildings 42,
 * 1878-1887. Every home draws its own size, habits and appliances' days from its name.
 */
export function householdLoad(input: {
  seed: number;
  name: string;
  firstSlot: number;
  slots: number;
  latitudeDeg: number;
  longitudeDeg: number;
}): Float64Array {
  const { seed, name, firstSlot, slots, latitudeDeg, longitudeDeg } = input;
  const home = randomStream(seed, "home", name);
  const size = home.between(0.7, 1.4);
  const baseW = home.between(90, 220) * size;
  const morningHour = home.between(6.5, 8.5);
  const eveningHour = home.between(18.5, 20.5);
  const appliances = home.uniform() < SHARE_WITH_CAR ? [...APPLIANCES, CAR] : APPLIANCES;
  const winter = latitudeDeg < 0 ? 0.5 : 0;

  const load = Float64Array.from({ length: slots }, (_, index) => {
    const { hour, weekend, yearPhase } = localTime(firstSlot + index, longitudeDeg);
    const season = 1 + 0.2 * Math.cos(2 * Math.PI * (yearPhase - winter));
    const morning = 180 * hump(hour, morningHour + (weekend ? 1.5 : 0), 1);
    const midday = (weekend ? 150 : 50) * hump(hour, 13, 2);
    const evening = 380 * hump(hour, eveningHour, 2.2);
    return baseW + size * season * (morning + midday + evening);
  });

  const first = localTime(firstSlot, longitudeDeg);
  const last = localTime(firstSlot + slots - 1, longitudeDeg).day;
  for (let day = first.day - DAYS_BACK; day <= last; day++) {
    const habits = randomStream(seed, "appliances", name, day);
    const dayStart = (day - first.day) * SLOTS_PER_DAY - first.slotOfDay;
    const { weekend } = localTime(firstSlot + dayStart, longitudeDeg);
    for (const appliance of appliances) addRuns({ load, appliance, habits, dayStart, weekend });
  }
  return load;
}

function addRuns(input: {
  load: Float64Array;
  appliance: Appliance;
  habits: RandomStream;
  dayStart: number;
  weekend: boolean;
}): void {
  const { load, appliance, habits, dayStart, weekend } = input;
  const starts = habits.poisson(appliance.startsPerDay * (weekend ? appliance.weekendFactor : 1));
  for (let run = 0; run < starts; run++) {
    const start = dayStart + Math.floor((habits.between(appliance.from, appliance.to) / 24) * SLOTS_PER_DAY);
    const end = Math.min(load.length, start + appliance.runSlots);
    for (let index = Math.max(0, start); index < end; index++) load[index] = (load[index] ?? 0) + appliance.powerW;
  }
}

function hump(hour: number, centre: number, width: number): number {
  return Math.exp(-(((hour - centre) / width) ** 2) / 2);
}
