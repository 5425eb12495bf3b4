import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import type { LocalAccount } from "../../src/chain/localChain.ts";
import { proveUse } from "../../src/compute/proveUse.ts";
import { formatCredits, formatWh } from "../../src/units.ts";
import { callMarket, readOffer } from "./support/computeMarket.ts";
import { readSettled } from "./support/evidence.ts";
import { formatLease, readLease } from "./support/leases.ts";
import { acceleratorSecondsField, accountField, numberField, parseInput, slotField } from "./support/parseInput.ts";
import { runTask } from "./support/runTask.ts";
import { openSession, type Session } from "./support/session.ts";

const stepSchema = z
  .object({
    lease: numberField.min(1, "must be a lease from 1 on"),
    slot: z.int(),
    accept: z.boolean(),
    refuse: z.int().min(-1, "must be a use from 0 on").max(0xffffff, "is no use"),
    as: z.literal("").or(accountField),
  })
  .refine(
    ({ slot, accept, refuse }) => Number(slot !== 0) + Number(accept) + Number(refuse >= 0) === 1,
    "give exactly one of --slot, --accept and --refuse",
  );
const reportSchema = z.object({
  slot: slotField,
  seconds: acceleratorSecondsField,
  energy: z
    .int()
    .min(0, "must be watt-hours")
    .max(2 ** 48 - 1, "is beyond any reading"),
});

type UseArguments = z.input<typeof stepSchema> & z.input<typeof reportSchema> & { readonly deployment: string };

export default function useAction(input: UseArguments, hre: HardhatRuntimeEnvironment): Promise<void> {
  return runTask(async () => {
    const { lease, slot, accept, refuse, as } = parseInput(stepSchema, input);
    if (slot !== 0) {
      const report = parseInput(reportSchema, input);
      const session = await openSession(hre, input.deployment);
      await reportUse(session, { lease, ...report, as: as === "" ? "provider" : as });
      return;
    }
    const session = await openSession(hre, input.deployment);
    const market = session.contract("ComputeMarket");
    const data = accept
      ? market.encode("acceptUse", [BigInt(lease)])
      : market.encode("refuseUse", [BigInt(lease), BigInt(refuse)]);
    for (const { name, args } of await callMarket(session, as === "" ? "requester" : as, data)) {
      if (name === "UseAccepted") console.log(`Lease ${String(lease)}: uses accepted so far: ${String(args.uses)}.`);
      if (name === "UseRefused") {
        const shares = formatCredits(args.escrowShareTicks + args.stakeShareTicks);
        console.log(
          `Lease ${String(lease)} ends with slot ${String(args.endSlot)}: ${formatCredits(args.payTicks)} credits of pay ` +
            `and ${shares} of escrow and stake go to the season pool.`,
        );
      }
    }
  });
}

interface Report extends z.output<typeof reportSchema> {
  readonly lease: number;
  readonly as: LocalAccount;
}

async function reportUse(session: Session, { lease, slot, seconds, energy, as }: Report): Promise<void> {
  const market = session.contract("ComputeMarket");
  const { offer } = await readLease(session, lease);
  const { provider, powerW } = await readOffer(session, offer);
  const meter = await session.contract("Providers").read("meterOf", [provider]);
  const [readings, { usedWh }] = await Promise.all([readSettled(session), session.exchange.evidence(meter, slot)]);
  const { energyWh, reading } = proveUse({
    readings,
    meter,
    slot,
    acceleratorSeconds: seconds,
    powerW,
    energyWh: energy === 0 ? undefined : energy,
    usedWh,
  });
  const { leaf, root, proof } = reading;
  const data = market.encode("reportUse", [BigInt(lease), seconds, energyWh, leaf, root, proof]);
  for (const { name, args } of await callMarket(session, as, data)) {
    if (name !== "UseReported") continue;
    const paid = `${formatCredits(args.payTicks)} credits for ${String(args.acceleratorSeconds)} accelerator-seconds`;
    console.log(`Use ${String(args.use)} of slot ${String(slot)}: ${paid}, ${formatWh(args.energyWh)} proved.`);
  }
  console.log(formatLease(lease, await readLease(session, lease)));
}
