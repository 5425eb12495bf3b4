import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import { CLEARING_RULE_CODES } from "../../src/market/codes.ts";
import { govern } from "./support/govern.ts";
import { addressField, parseInput, priceField, slotField, zoneField } from "./support/parseInput.ts";
import { runTask } from "./support/runTask.ts";
import { openSession, type Session } from "./support/session.ts";

const account = z.literal("").or(addressField);
const createSchema = z.object({
  zone: zoneField,
  rule: z.enum(["midpoint", "sbba"], "must be midpoint or sbba"),
  importPrice: priceField,
  exportPrice: priceField,
  feePpm: z.int().min(0).max(1_000_000),
  networkLocalPrice: priceField,
  networkGridPrice: priceField,
  levyPrice: priceField,
  slopePpm: z.int().min(0).max(1_000_000),
  floorPrice: priceField,
  capPrice: priceField,
  exportCapPrice: priceField,
  lossPpm: z.int().min(0).max(1_000_000),
  toleranceWh: z.int().min(0),
  networkAccount: account,
  levyAccount: account,
  feeAccount: account,
  seasonAccount: account,
});
const matcherSchema = z.object({ zone: zoneField, matcher: addressField, fromSlot: slotField });

type WholeArgument = "zone" | "feePpm" | "slopePpm" | "lossPpm" | "toleranceWh" | "fromSlot";
type ZoneArguments = Record<WholeArgument, number> &
  Record<Exclude<keyof z.input<typeof createSchema>, WholeArgument> | "matcher" | "deployment", string>;

export default function zoneAction(input: ZoneArguments, hre: HardhatRuntimeEnvironment): Promise<void> {
  return runTask(async () => {
    if (input.matcher !== "") {
      const decision = parseInput(matcherSchema, input);
      await nameMatcher(await openSession(hre, input.deployment), decision);
    } else {
      const creation = parseInput(createSchema, input);
      await createZone(await openSession(hre, input.deployment), creation);
    }
  });
}

async function createZone(session: Session, input: z.output<typeof createSchema>): Promise<void> {
  const { zone, rule, floorPrice, capPrice, exportCapPrice, lossPpm, toleranceWh } = input;
  const { importPrice, exportPrice, feePpm, networkLocalPrice, networkGridPrice, levyPrice, slopePpm } = input;
  const terms = { importPrice, exportPrice, feePpm, networkLocalPrice, networkGridPrice, levyPrice, slopePpm };
  const accountOf = async (name: "network" | "levy" | "fee", given: string): Promise<string> =>
    given === "" ? (await session.key(name)).address : given;
  const data = session.exchange.contract.encode("createZone", [
    zone,
    { floorPrice, capPrice, exportCapPrice, lossPpm, toleranceWh },
    { fromSlot: 0, ...terms, rule: CLEARING_RULE_CODES[rule] },
    {
      network: await accountOf("network", input.networkAccount),
      levy: await accountOf("levy", input.levyAccount),
      fee: await accountOf("fee", input.feeAccount),
      season: input.seasonAccount === "" ? session.contract("Seasons").address : input.seasonAccount,
    },
  ]);
  const { blockNumber } = await session.send("registrar", data);
  console.log(`Zone ${String(zone)} created in block ${String(blockNumber)}.`);
}

async function nameMatcher(
  session: Session,
  { zone, matcher, fromSlot }: z.output<typeof matcherSchema>,
): Promise<void> {
  const data = session.exchange.contract.encode("setMatcher", [zone, matcher, fromSlot]);
  const readyAt = await govern(session, data);
  console.log(
    readyAt === undefined
      ? `Matcher ${matcher} clears zone ${String(zone)} from slot ${String(fromSlot)} on.`
      : `Scheduled. Run the same command again after ${new Date(readyAt * 1000).toISOString()}.`,
  );
}
