import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import { formatCredits, formatPpm, formatPrice, formatSlot, formatWh } from "../../src/units.ts";
import { readOffer } from "./support/computeMarket.ts";
import { readLease, type LeaseInfo } from "./support/leases.ts";
import { numberField, parseInput } from "./support/parseInput.ts";
import { printFacts, printJson, printRows } from "./support/printTable.ts";
import { runTask } from "./support/runTask.ts";
import { openSession } from "./support/session.ts";

const schema = z.object({ lease: numberField.min(1, "must be a lease from 1 on") });

interface ShowLeaseArguments {
  readonly lease: number;
  readonly json: boolean;
  readonly deployment: string;
}

export default function showLeaseAction(input: ShowLeaseArguments, hre: HardhatRuntimeEnvironment): Promise<void> {
  return runTask(async () => {
    const { lease } = parseInput(schema, input);
    const session = await openSession(hre, input.deployment);
    const market = session.contract("ComputeMarket");
    const info = await readLease(session, lease);
    const { provider } = await readOffer(session, info.offer);
    const uses = await session.exchange.rpc.all(
      Array.from({ length: info.uses }, (_, use) => market.request("useInfo", [BigInt(lease), BigInt(use)])),
    );
    if (input.json) {
      printJson({ lease, provider, ...info, reported: uses });
      return;
    }
    printFacts({
      lease,
      state: info.state,
      offer: info.offer,
      provider,
      requester: info.requester,
      accelerators: info.accelerators,
      "price, credits an accelerator-second": formatCredits(info.price),
      "escrow, credits": formatCredits(info.escrowTicks),
      "stake behind it, credits": formatCredits(info.stakeTicks),
      "highest import price, credits a kWh": formatPrice(info.maxImportPrice),
      "highest scarcity": formatPpm(info.maxScarcityPpm),
      ...slotsOf(info),
      "uses reported": info.uses,
      "uses accepted": info.acceptedUses,
      "uses settled": info.settledUses,
    });
    if (uses.length === 0) return;
    const head = ["use", "slot", "accelerator-seconds", "energy", "credits", "reported"];
    printRows(
      head,
      uses.map(({ slot, acceleratorSeconds, energyWh, payTicks, time }, use) => [
        use,
        slot,
        acceleratorSeconds,
        formatWh(energyWh),
        formatCredits(payTicks),
        new Date(time * 1000).toISOString(),
      ]),
    );
  });
}

/** The slots that matter in the lease's state. */
function slotsOf({ state, untilSlot, firstSlot, endSlot, pausedSlot }: LeaseInfo): Record<string, string> {
  const named = (slot: number): string => `${String(slot)} (${formatSlot(slot)})`;
  if (firstSlot === 0) return { "waits through slot": named(untilSlot) };
  return {
    "use counts from slot": named(firstSlot),
    "through slot": named(endSlot),
    ...(state === "paused" ? { "paused from slot": named(pausedSlot) } : {}),
  };
}
