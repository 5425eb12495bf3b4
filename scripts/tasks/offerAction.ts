import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import { formatCredits } from "../../src/units.ts";
import { callMarket } from "./support/computeMarket.ts";
import {
  acceleratorSecondsField,
  acceleratorsField,
  accountField,
  creditsField,
  numberField,
  parseInput,
} from "./support/parseInput.ts";
import { runTask } from "./support/runTask.ts";
import { openSession, type Session } from "./support/session.ts";

const withdrawalSchema = z
  .object({ withdraw: numberField, price: z.string(), as: accountField })
  .refine(({ withdraw, price }) => (withdraw !== 0) !== (price !== ""), "give exactly one of --price and --withdraw");
const offerSchema = z
  .object({
    price: creditsField,
    accelerators: acceleratorsField,
    power: z.int().min(1, "must be watts above zero").max(0xffff, "must be at most 65,535 W"),
    stake: creditsField,
    minSeconds: acceleratorSecondsField,
    maxSeconds: acceleratorSecondsField,
    as: accountField,
  })
  .refine(({ minSeconds, maxSeconds }) => minSeconds <= maxSeconds, {
    path: ["minSeconds"],
    message: "must not be more than --max-seconds",
  });

type OfferArguments = z.input<typeof offerSchema> & z.input<typeof withdrawalSchema> & { readonly deployment: string };

export default function offerAction(input: OfferArguments, hre: HardhatRuntimeEnvironment): Promise<void> {
  return runTask(async () => {
    const { withdraw, as } = parseInput(withdrawalSchema, input);
    if (withdraw === 0) {
      const terms = parseInput(offerSchema, input);
      await makeOffer(await openSession(hre, input.deployment), terms);
      return;
    }
    const session = await openSession(hre, input.deployment);
    const market = session.contract("ComputeMarket");
    await callMarket(session, as, market.encode("cancelOffer", [BigInt(withdraw)]));
    console.log(`Offer ${String(withdraw)} is withdrawn; leases that run go on.`);
  });
}

async function makeOffer(session: Session, terms: z.output<typeof offerSchema>): Promise<void> {
  const { price, accelerators, power, stake, minSeconds, maxSeconds, as } = terms;
  // First, so that an offer whose consent fails is not made and then made again.
  await letMarketLock(session, as);
  const market = session.contract("ComputeMarket");
  const data = market.encode("makeOffer", [accelerators, price, stake, minSeconds, maxSeconds, power]);
  for (const event of await callMarket(session, as, data)) {
    if (event.name !== "OfferMade") continue;
    const hour = formatCredits(price * 3_600n);
    console.log(
      `Offer ${String(event.args.offer)}: ${String(accelerators)} accelerators at ${formatCredits(price)} credits ` +
        `an accelerator-second (${hour} an hour), ${formatCredits(stake)} credits of stake behind each lease.`,
    );
  }
}

/** No lease starts before its provider lets the market lock stake; who offers says so once. */
async function letMarketLock(session: Session, as: z.output<typeof accountField>): Promise<void> {
  const { address: market } = session.contract("ComputeMarket");
  const providers = session.contract("Providers");
  const { address: provider } = await session.key(as);
  if (await providers.read("isLocker", [provider, market])) return;
  await session.send(as, providers.encode("allowLocker", [market, true]), providers.address);
}
