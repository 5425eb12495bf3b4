import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import { ENERGY_SOURCE_CODES, METER_KIND_CODES } from "../../src/market/codes.ts";
import { powerClassFor } from "../../src/market/powerClass.ts";
import { signConsent } from "../../src/market/sign.ts";
import { deviceKey } from "./support/keys.ts";
import { deviceField, parseInput, registerField, siteField } from "./support/parseInput.ts";
import { runTask } from "./support/runTask.ts";
import { openSession } from "./support/session.ts";

const schema = z.object({
  site: siteField,
  kind: z.enum(["feeder", "consumer", "prosumer", "producer", "storage"]),
  ratedPower: z.int().min(1, "must be watts above zero"),
  source: z.enum(["none", "solar", "wind", "hydro", "geothermal", "biomass", "storage"]),
  storageCapacity: z.int().min(0).max(0xffffffff),
  efficiencyPpm: z.int().min(0).max(1_000_000),
  importWh: registerField,
  exportWh: registerField,
  device: deviceField,
});

type MeterArguments = Record<Exclude<keyof z.input<typeof schema>, "kind" | "source">, number> &
  Record<"kind" | "source" | "deployment", string>;

export default function meterAction(input: MeterArguments, hre: HardhatRuntimeEnvironment): Promise<void> {
  return runTask(async () => {
    const { site, kind, source, ratedPower, storageCapacity, efficiencyPpm, importWh, exportWh, device } = parseInput(
      schema,
      input,
    );
    const { exchange, domain, chainId, key, send } = await openSession(hre, input.deployment);
    const meterKey = deviceKey(device, chainId);
    const registration = {
      site,
      meter: meterKey.address,
      kind: METER_KIND_CODES[kind],
      source: ENERGY_SOURCE_CODES[source],
      powerClass: powerClassFor(ratedPower),
      storageCapacityWh: storageCapacity,
      bestEfficiencyPpm: efficiencyPpm,
      importWh,
      exportWh,
    };
    const byOwner = signConsent(domain, await key("owner"), "MeterConsent", registration);
    const byDevice = signConsent(domain, meterKey, "MeterConsent", registration);
    await send("registrar", exchange.contract.encode("registerMeter", [registration, byOwner, byDevice]));
    console.log(`Meter ${meterKey.address} (${kind}) registered on site ${String(site)}.`);
  });
}
