import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import { blockCall } from "../../src/chain/calls.ts";
import { RpcError } from "../../src/chain/rpcErrors.ts";
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
    const [terms, tariff, record, block, { closedThrough }] = await Promise.all([
      exchange.terms(zone, slot),
      exchange.tariff(zone, slot).catch(unlessOutOfRange),
      exchange.slot(zone, slot),
      exchange.rpc.call(blockCall("latest")),
      exchange.zone(zone),
    ]);
    const phase = closedThrough >= slot ? "closed" : slotPhase(slot, block?.timestamp ?? 0);
    if (input.json) {
      printJson({ zone, slot, phase, terms, tariff, record });
      return;
    }
    const prices = record ?? tariff;
    printFacts({
      zone,
      slot: `${String(slot)} (${formatSlot(slot)})`,
      phase,
      ...(prices === undefined
        ? { "import price": "not known before the gate opens" }
        : {
            "import price, credits a kWh": formatPrice(prices.importPrice),
            "export price": formatPrice(prices.exportPrice),
          }),
      ...(tariff === undefined ? {} : { "expected scarcity": formatPpm(tariff.scarcityPpm) }),
      fee: formatPpm(terms.feePpm),
      "network charge, local": formatPrice(terms.networkLocalPrice),
      "network charge, grid": formatPrice(terms.networkGridPrice),
      levy: formatPrice(terms.levyPrice),
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

/** The exchange says prices of the last day and of open gates alone. */
function unlessOutOfRange(error: unknown): undefined {
  if (error instanceof RpcError && error.revert?.name === "SlotOutOfRange") return undefined;
  throw error;
}
