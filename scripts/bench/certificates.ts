import { MaxUint256, ZeroAddress } from "ethers";
import hre from "hardhat";
import { CERTIFICATE_OFFER_TYPES, offerDomain } from "../../src/certificates/offer.ts";
import { deployCertificateWorld, POLICY, S } from "../../test/certificates/world.ts";
import type { BySize } from "./gas.ts";
import { measure } from "./measure.ts";

const BATCH = 16;

/**
 * Gas of the verbs of certificates on the deployed system, whole transactions: a lot's first issue and one in a batch of readings
 * of one producer, its first transfer to a holder and a later one, a cancellation, a claim and a sale.
 */
export async function benchCertificates(): Promise<Readonly<Record<string, number | BySize>>> {
  const connection = await hre.network.create();
  const world = await deployCertificateWorld(connection);
  const { certificates, market } = world;
  const id = world.id(S);
  const solar = world.owner("solar").address;
  const home = world.owner("home").address;

  const first = await world.settle(S, { solar: { exportWh: 900 }, home: { importWh: 500 } });
  const issued = await measure(await world.issue("solar", first.solar));
  const calls: string[] = [];
  for (let slot = S + 1; slot <= S + BATCH; ++slot) {
    const { leaf, root, proof } = (await world.settle(slot, { solar: { exportWh: 100 } })).solar;
    calls.push(certificates.interface.encodeFunctionData("issue", [leaf, root, proof]));
  }
  const batch = await measure(await world.as("solar").multicall(calls));
  const transferred = await measure(await world.as("solar").transfer(home, id, 300));
  const again = await measure(await world.as("solar").transfer(home, id, 100));
  const cancelled = await measure(await world.as("home").cancel(home, id, 200, home, "own use"));
  const { leaf, root, proof } = first.home;
  const claimed = await measure(await world.as("home").claim(1, leaf, root, proof, 200, POLICY.slot));

  const place = market.certificateMarket;
  await world.as("solar").setOperator(place, true);
  await market.fund(world.owner("home"), 100_000_000n);
  await market.credit.connect(world.owner("home")).approve(place, MaxUint256);
  const offer = {
    seller: solar,
    id,
    amountWh: 100n,
    priceTicks: 20_000n,
    buyer: ZeroAddress,
    bundled: false,
    expiry: (S + 500) * 900,
    salt: 1n,
  };
  const domain = offerDomain(market.domain.fields.chainId, await place.getAddress());
  const signature = await world.owner("solar").signTypedData(domain, CERTIFICATE_OFFER_TYPES, offer);
  const bought = await measure(await place.connect(world.owner("home")).buy(offer, signature, 50));
  await connection.close();
  return {
    certificateIssue: { 1: issued.gas, [BATCH]: Math.round(batch.gas / BATCH) },
    certificateTransfer: transferred.gas,
    certificateTransferAgain: again.gas,
    certificateCancel: cancelled.gas,
    certificateClaim: claimed.gas,
    certificateBuy: bought.gas,
  };
}
