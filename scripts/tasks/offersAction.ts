import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import { rankOffers } from "../../src/compute/rankOffers.ts";
import { readOffers } from "../../src/compute/readOffers.ts";
import { formatCredits } from "../../src/units.ts";
import { acceleratorsField, parseInput } from "./support/parseInput.ts";
import { printJson, printRows } from "./support/printTable.ts";
import { runTask } from "./support/runTask.ts";
import { openSession } from "./support/session.ts";

const schema = z.object({ accelerators: acceleratorsField });

interface OffersArguments {
  readonly accelerators: number;
  readonly json: boolean;
  readonly deployment: string;
}

export default function offersAction(input: OffersArguments, hre: HardhatRuntimeEnvironment): Promise<void> {
  return runTask(async () => {
    const { accelerators } = parseInput(schema, input);
    const { exchange } = await openSession(hre, input.deployment);
    const ranked = rankOffers(await readOffers(exchange), accelerators);
    if (input.json) {
      printJson(ranked);
      return;
    }
    if (ranked.length === 0) {
      console.log(`Nobody offers ${String(accelerators)} accelerators.`);
      return;
    }
    const head = ["offer", "provider", "tier", "free", "asks", "to be served", "an hour", "W", "waiting", "starts"];
    const rows = ranked.map((offer) => [
      offer.offer,
      offer.provider,
      offer.tier,
      `${String(offer.accelerators - offer.leasedAccelerators)} of ${String(offer.accelerators)}`,
      formatCredits(offer.price),
      formatCredits(offer.effectivePrice),
      formatCredits(offer.effectivePrice * 3_600n),
      offer.terms.powerW,
      offer.waiting.length,
      offer.starts ? "next slot" : offer.backed ? "when free" : "never: no stake",
    ]);
    printRows(head, rows);
    console.log("Prices are credits an accelerator-second, and an accelerator-hour at the price to be served.");
  });
}
