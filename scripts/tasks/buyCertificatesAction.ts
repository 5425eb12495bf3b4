import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import { blockNumberCall } from "../../src/chain/calls.ts";
import { decodeCertificateId } from "../../src/certificates/certificateId.ts";
import { offerDomain, offerHash, type CertificateOffer } from "../../src/certificates/offer.ts";
import { JouleworkError } from "../../src/errors.ts";
import { readSettledReadings } from "../../src/game/settledReadings.ts";
import { formatCredits, formatWh, ticksToBaseUnits } from "../../src/units.ts";
import { printExplorerLink } from "../explorer/explorerLink.ts";
import { certificateField, energyOrAllField } from "./support/certificateInput.ts";
import { accountField, addressField, consentField, parseInput } from "./support/parseInput.ts";
import { readJsonFile } from "./support/readInput.ts";
import { runTask } from "./support/runTask.ts";
import { openSession, type Session } from "./support/session.ts";

const digits = z.string().regex(/^\d{1,78}$/, "must be digits");
const whole = digits.transform((text) => BigInt(text));
const offerSchema = z.object({
  offer: z.object({
    seller: addressField,
    id: certificateField,
    amountWh: whole,
    priceTicks: whole,
    buyer: addressField,
    bundled: z.boolean(),
    expiry: z.int().positive(),
    salt: whole,
  }),
  signature: consentField,
});
const schema = z.object({
  offer: z.string().min(1, "must name a file"),
  amount: energyOrAllField,
  meter: z.literal("").or(addressField),
  as: accountField,
});

type BuyArguments = z.input<typeof schema> & { readonly deployment: string };

export default function buyCertificatesAction(input: BuyArguments, hre: HardhatRuntimeEnvironment): Promise<void> {
  return runTask(async () => {
    const { offer: file, amount: asked, meter, as } = parseInput(schema, input);
    const { offer, signature } = parseInput(offerSchema, await readJsonFile(file));
    const session = await openSession(hre, input.deployment);
    const market = session.contract("CertificateMarket");
    const credit = session.contract("EnergyCredit");
    const hash = offerHash(offerDomain(session.chainId, market.address), offer);
    const sold = await market.read("soldOf", [hash]);
    const left = sold > offer.amountWh ? 0n : offer.amountWh - sold;
    const amount = asked === 0 ? left : BigInt(asked);
    const dueTicks = amount * offer.priceTicks;
    await session.send(as, credit.encode("approve", [market.address, ticksToBaseUnits(dueTicks)]), credit.address);
    const data =
      meter === ""
        ? market.encode("buy", [offer, signature, amount])
        : market.encode("buyBundled", [offer, signature, amount, ...(await proofOf(session, offer, meter))]);
    await session.send(as, data, market.address);
    console.log(`Bought ${formatWh(Number(amount))} for ${formatCredits(dueTicks, 6)} credits.`);
    await printExplorerLink(`/certificate/${offer.id}`, session.exchange.rpc);
  });
}

/** The reading of the certificates' slot, which shows that the meter took energy in it. */
async function proofOf({ exchange }: Session, { id }: CertificateOffer, meter: string) {
  const { rpc, deployment } = exchange;
  const { slot } = decodeCertificateId(id);
  const range = { fromBlock: deployment.deployBlock, toBlock: await rpc.call(blockNumberCall()) };
  const proven = (await readSettledReadings({ rpc, exchange: exchange.address, ...range })).prove(meter, slot);
  if (proven === undefined) {
    throw new JouleworkError({
      code: "READING_MISSING",
      what: "The meter has no settled reading of the certificates' slot",
      values: { meter, slot },
      hint: "Take certificates of a slot that the meter was read for.",
    });
  }
  return [proven.leaf, proven.root, proven.proof] as const;
}
