import { writeFile } from "node:fs/promises";
import { hexlify, randomBytes, ZeroAddress } from "ethers";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import { offerDomain, offerHash } from "../../src/certificates/offer.ts";
import { expandSignature } from "../../src/market/signer.ts";
import { SLOT_SECONDS } from "../../src/units.ts";
import { certificateField, energyField } from "./support/certificateInput.ts";
import { accountField, addressField, parseInput, priceField } from "./support/parseInput.ts";
import { runTask } from "./support/runTask.ts";
import { slotNow } from "./support/seasons.ts";
import { openSession } from "./support/session.ts";

const HOUR_SECONDS = 3_600;
const MAX_HOURS = 24 * 365;
const schema = z.object({
  certificate: certificateField,
  amount: energyField,
  price: priceField,
  out: z.string().min(1, "must name a file"),
  buyer: z.literal("").or(addressField),
  bundled: z.boolean(),
  hours: z.int().min(1, "must be an hour at least").max(MAX_HOURS, "must be a year at most"),
  as: accountField,
});

type SellArguments = z.input<typeof schema> & { readonly deployment: string };

export default function sellCertificatesAction(input: SellArguments, hre: HardhatRuntimeEnvironment): Promise<void> {
  return runTask(async () => {
    const { certificate, amount, price, out, buyer, bundled, hours, as } = parseInput(schema, input);
    const session = await openSession(hre, input.deployment);
    const certificates = session.contract("EnergyCertificates");
    const market = session.contract("CertificateMarket");
    const seller = await session.sender(as);
    const offer = {
      seller: seller.address,
      id: certificate,
      amountWh: BigInt(amount),
      priceTicks: BigInt(price),
      buyer: buyer === "" ? ZeroAddress : buyer,
      bundled,
      expiry: (await slotNow(session)) * SLOT_SECONDS + hours * HOUR_SECONDS,
      salt: BigInt(hexlify(randomBytes(32))),
    };
    // The offer moves no more than itself: what the market may move of this lot grows by it.
    const allowed = await certificates.read("allowance", [seller.address, market.address, certificate]);
    await session.send(
      as,
      certificates.encode("approve", [market.address, certificate, allowed + BigInt(amount)]),
      certificates.address,
    );
    const digest = offerHash(offerDomain(session.chainId, market.address), offer);
    const signature = expandSignature((await session.key(as)).sign(digest));
    const text = JSON.stringify(
      { offer, signature },
      (_, value: unknown) => (typeof value === "bigint" ? value.toString() : value),
      2,
    );
    await writeFile(out, `${text}\n`);
    console.log(`Offer of ${String(amount)} Wh at ${input.price} credits a kWh signed: ${out}`);
  });
}
