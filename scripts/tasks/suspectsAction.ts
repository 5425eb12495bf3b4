import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import { formatSuspects, rankSuspects, readZone, type SolarPlace } from "../../src/inspection/index.ts";
import { parseInput, slotField, zoneField } from "./support/parseInput.ts";
import { runTask } from "./support/runTask.ts";
import { openSession } from "./support/session.ts";

const PLACE = /^(-?\d{1,2}(?:\.\d+)?),(-?\d{1,3}(?:\.\d+)?)$/;
const schema = z
  .object({
    zone: zoneField,
    fromSlot: slotField,
    toSlot: slotField,
    place: z.union([z.literal(""), z.string().regex(PLACE)], "must be LATITUDE,LONGITUDE in degrees, as 47.4,8.5"),
    json: z.boolean(),
  })
  .refine(({ fromSlot, toSlot }) => toSlot >= fromSlot, { path: ["toSlot"], message: "must not be before fromSlot" });

type SuspectsArguments = Record<"zone" | "fromSlot" | "toSlot", number> &
  Record<"place" | "deployment", string> & { json: boolean };

export default function suspectsAction(input: SuspectsArguments, hre: HardhatRuntimeEnvironment): Promise<void> {
  return runTask(async () => {
    const { zone, fromSlot, toSlot, place, json } = parseInput(schema, input);
    const { exchange } = await openSession(hre, input.deployment);
    const ranking = rankSuspects(readZone(await exchange.events(), { zone, fromSlot, toSlot, ...placeOf(place) }));
    console.log(json ? JSON.stringify(ranking, undefined, 2) : formatSuspects(ranking));
  });
}

function placeOf(text: string): { place?: SolarPlace } {
  const match = PLACE.exec(text);
  return match === null ? {} : { place: { latitudeDeg: Number(match[1]), longitudeDeg: Number(match[2]) } };
}
