import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import { JouleworkError } from "../../src/errors.ts";
import { ENERGY_SOURCE_CODES, METER_KIND_CODES, METER_STATUS_CODES } from "../../src/market/codes.ts";
import type { Lane } from "../../src/market/meterWord.ts";
import { classRatedPowerW } from "../../src/market/powerClass.ts";
import { formatCredits, formatSlot, formatWh } from "../../src/units.ts";
import { addressField, parseInput } from "./support/parseInput.ts";
import { printFacts, printJson } from "./support/printTable.ts";
import { runTask } from "./support/runTask.ts";
import { openSession } from "./support/session.ts";

interface ShowMeterArguments {
  readonly meter: string;
  readonly json: boolean;
  readonly deployment: string;
}

export default function showMeterAction(input: ShowMeterArguments, hre: HardhatRuntimeEnvironment): Promise<void> {
  return runTask(async () => {
    const { meter } = parseInput(z.object({ meter: addressField }), input);
    const { exchange } = await openSession(hre, input.deployment);
    const { word, config } = await exchange.meter(meter);
    if (!config.registered) {
      throw new JouleworkError({
        code: "METER_UNKNOWN",
        what: "No meter has this address",
        values: { meter },
        hint: "Register it with joulework:meter, or check the network.",
      });
    }
    if (input.json) {
      printJson({ meter, word, config });
      return;
    }
    printFacts({
      meter,
      site: config.site,
      zone: word.zone,
      kind: nameOf(METER_KIND_CODES, config.kind),
      source: nameOf(ENERGY_SOURCE_CODES, config.source),
      status: nameOf(METER_STATUS_CODES, config.status),
      "rated power": `${String(classRatedPowerW(word.powerClass))} W`,
      imported: formatWh(word.importWh),
      exported: formatWh(word.exportWh),
      "last read slot": `${String(word.lastSlot)} (${formatSlot(word.lastSlot)})`,
      "position, even slot": position(word.laneEven),
      "position, odd slot": position(word.laneOdd),
      "balance, credits": formatCredits(word.balanceTicks),
      "claim, credits": formatCredits(config.claimTicks),
      reliability: `${String(word.reliability)} of 4095`,
      tier: word.tier,
      flags: Object.entries(word.flags)
        .flatMap(([name, is]) => (is ? [name] : []))
        .join(", "),
    });
  });
}

function nameOf(codes: Readonly<Record<string, number>>, code: number): string {
  return Object.entries(codes).find(([, value]) => value === code)?.[0] ?? String(code);
}

function position(lane: Lane | null): string {
  return lane === null ? "none" : `${lane.side === "bid" ? "bought" : "sold"} ${formatWh(lane.energyWh)}`;
}
