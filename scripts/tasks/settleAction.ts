import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import { decodeMeterWord } from "../../src/market/meterWord.ts";
import { decodeLine } from "../../src/market/packed.ts";
import { encodeReadings } from "../../src/market/readings.ts";
import { signReading } from "../../src/market/sign.ts";
import { formatCredits } from "../../src/units.ts";
import { printExplorerLink } from "../explorer/explorerLink.ts";
import { deviceKey } from "./support/keys.ts";
import { deviceField, parseInput, registerField, signatureField, slotField, zoneField } from "./support/parseInput.ts";
import { printFacts } from "./support/printTable.ts";
import { runTask } from "./support/runTask.ts";
import { openSession } from "./support/session.ts";

const schema = z.object({
  zone: zoneField,
  slot: slotField,
  importWh: registerField,
  exportWh: registerField,
  signature: z.literal("").or(signatureField),
  device: deviceField,
});

type SettleArguments = z.input<typeof schema> & { readonly deployment: string };

export default function settleAction(input: SettleArguments, hre: HardhatRuntimeEnvironment): Promise<void> {
  return runTask(async () => {
    const { zone, slot, importWh, exportWh, signature: given, device } = parseInput(schema, input);
    const { exchange, domain, chainId, send, eventsOf } = await openSession(hre, input.deployment);
    const signature =
      given === ""
        ? signReading(domain, deviceKey(device, chainId), { zone, slot, importWh, exportWh }).signature
        : given;
    const reading = encodeReadings([{ importWh, exportWh, signature }]);
    const receipt = await send("gateway", exchange.contract.encode("settleReading", [zone, slot, reading]));
    for (const event of eventsOf(receipt)) {
      if (event.name !== "ReadingSettled") continue;
      const { mintedTicks, burnedTicks, networkTicks, levyTicks } = decodeLine(event.args.line);
      printFacts({
        meter: event.args.meter,
        "from the grid, credits": formatCredits(mintedTicks),
        "to the grid, credits": formatCredits(burnedTicks),
        "network charge": formatCredits(networkTicks),
        levy: formatCredits(levyTicks),
        balance: formatCredits(decodeMeterWord(event.args.word).balanceTicks),
      });
    }
    await printExplorerLink(`/slot/${String(zone)}/${String(slot)}`, exchange.rpc);
  });
}
