import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import { blockCall } from "../../src/chain/calls.ts";
import { slotPhase } from "../../src/market/timeline.ts";
import { formatPpm, formatPrice, formatSlot, formatWh } from "../../src/units.ts";
import { parseInput, slotField, zoneField } from "./support/parseInput.ts";
import { printFacts, printJson } from "./support/printTable.ts";
import { runTask } from "./support/runTask.ts";
import { openSession } from "./support/session.ts";

const schema = z.object({ zone: zoneField, slot: slotField });

type ShowSlotArguments = z.input<typeof schema> & { readonly json: boolean; readonly deployment: string };

export default function showSlotAction(input: ShowSlotArguments, hre: HardhatRuntimeEnvironment): Promise<void> {
  return runTask(async () => {
    const { zone, slot } = parseInput(schema, input);
    const { exchange } = await openSession(hre, input.deployment);
    const [terms, record, block, { closedThrough }] = await Promise.all([
      exchange.tariff(zone, slot),
      exchange.slot(zone, slot),
      exchange.rpc.call(blockCall("latest")),
      exchange.zone(zone),
    ]);
    const phase = closedThrough >= slot ? "closed" : slotPhase(slot, block?.timestamp ?? 0);
    if (input.json) {
      printJson({ zone, slot, phase, terms, record });
      return;
    }
    const prices = record ?? terms;
    printFacts({
      zone,
      slot: `${String(slot)} (${formatSlot(slot)})`,
      phase,
      "import price, credits a kWh": formatPrice(prices.importPrice),
      "export price": formatPrice(prices.exportPrice),
      fee: formatPpm(prices.feePpm),
      "network charge, local": formatPrice(prices.networkLocalPrice),
      "network charge, grid": formatPrice(prices.networkGridPrice),
      levy: formatPrice(prices.levyPrice),
      ...(record === undefined
        ? { record: "never touched, or no longer held" }
        : {
            "clearing price": record.clearingPrice === 0 ? "none" : formatPrice(record.clearingPrice),
            traded: formatWh(record.matchedWh),
            "orders in the book": record.bookOrders,
            "orders on chain": record.placedCount,
            "open positions": record.openPositions,
            "meters read": record.readCount,
            imported: formatWh(record.importWh),
            exported: formatWh(record.exportWh),
            "net at the feeder": formatWh(record.feederWh),
          }),
    });
  });
}
