import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import { connectCertificates } from "../../src/certificates/certificatesLink.ts";
import { issueReadings } from "../../src/certificates/issueReadings.ts";
import { MAX_SLOT } from "../../src/market/timeline.ts";
import { formatWh, SLOTS_PER_DAY } from "../../src/units.ts";
import { readSettled } from "./support/evidence.ts";
import { accountField, parseInput, siteField } from "./support/parseInput.ts";
import { runTask } from "./support/runTask.ts";
import { slotNow } from "./support/seasons.ts";
import { openSession } from "./support/session.ts";

const optionalSlot = z.int().min(0, "must be a slot: Unix time divided by 900").max(MAX_SLOT, "is no slot");
const schema = z.object({ site: siteField, fromSlot: optionalSlot, toSlot: optionalSlot, as: accountField });

type IssueArguments = z.input<typeof schema> & { readonly deployment: string };

const DEFAULT_SLOTS = 2 * SLOTS_PER_DAY;

export default function issueAction(input: IssueArguments, hre: HardhatRuntimeEnvironment): Promise<void> {
  return runTask(async () => {
    const { site, as, ...asked } = parseInput(schema, input);
    const session = await openSession(hre, input.deployment);
    const { exchange } = session;
    const toSlot = asked.toSlot === 0 ? await slotNow(session) : asked.toSlot;
    const fromSlot = asked.fromSlot === 0 ? Math.max(1, toSlot - DEFAULT_SLOTS) : asked.fromSlot;
    const { meters } = await exchange.contract.read("siteInfo", [site]);
    const issued = await issueReadings({
      link: connectCertificates(exchange),
      sender: await session.sender(as),
      readings: await readSettled(session),
      meters,
      fromSlot,
      toSlot,
    });
    const totalWh = issued.reduce((sum, { amountWh }) => sum + amountWh, 0);
    console.log(`Site ${String(site)}: ${formatWh(totalWh)} certified from ${String(issued.length)} readings.`);
  });
}
