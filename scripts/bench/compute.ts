import hre from "hardhat";
import { deployComputeWorld, read, request, STAKE, use, type ComputeWorld } from "../../test/compute/world.ts";
import { FIRST_SLOT } from "../../test/support/testMarket.ts";
import { measure } from "./measure.ts";

const S = FIRST_SLOT;
/** Slots of a day and more, after which every use may be claimed and the lease be closed. */
const LATER = 250;

/**
 * Gas of every verb of a provider and of a lease on the whole deployed system: two uses, one of them refused, and one lease
 * that is paused and topped up.
 */
export async function benchCompute(): Promise<Readonly<Record<string, number>>> {
  const connection = await hre.network.create();
  const world = await deployComputeWorld(connection);
  const { market, owner, provider, requester, other } = world;
  const { providers } = market;
  const asProvider = market.computeMarket.connect(provider);
  const asRequester = market.computeMarket.connect(requester);
  const gas: Record<string, number> = {};
  const note = async (name: string, sent: Parameters<typeof measure>[0]): Promise<void> => {
    gas[name] = (await measure(sent)).gas;
  };

  const second = await market.addMeter({ kind: "consumer", owner });
  await note("providerSponsor", await providers.connect(other).setSponsor(owner));
  await note("providerAllowLocker", await providers.connect(other).allowLocker(market.computeMarket, true));
  await note("providerRegister", await providers.connect(owner).registerProvider(other, second.address, 4));
  await note("providerPostStake", await providers.connect(owner).postStake(other, STAKE));
  await note("providerRequestUnstake", await providers.connect(other).requestUnstake(STAKE));
  await note("providerCancelUnstake", await providers.connect(other).cancelUnstake());
  await note("providerEnd", await providers.connect(other).endProvider(other));
  await note("computeOffer", await asProvider.makeOffer(2, 1, STAKE, 900, 1_000_000, 700));
  await note("computeCancelOffer", await asProvider.cancelOffer(2));

  await note("leaseRequest", await asRequester.requestLease(request()));
  await market.at(S + 1);
  await note("leaseStart", await market.computeMarket.startNext(1));
  const reported = await read(world, S + 1, 700);
  await note("leaseReportUse", await asProvider.reportUse(1, 3_600, 700, reported.leaf, reported.root, []));
  await note("leaseAcceptUse", await asRequester.acceptUse(1));
  await note("leaseClaimPay", await market.computeMarket.claimPay(1, 1));
  await note("computeCollect", await asProvider.collect(provider));
  await note("leaseTopUp", await asRequester.topUp(1, 1_000_000n));
  await use(world, S + 2);
  await note("leaseRefuseUse", await asRequester.refuseUse(1, 1));
  await market.at(S + LATER);
  await note("leaseClose", await market.computeMarket.closeLease(1));
  await startAnother(world);
  await note("leaseGiveNotice", await asRequester.giveNotice(2));
  await connection.close();
  return gas;
}

/** A second lease of the same offer, under way. */
async function startAnother({ market, requester }: ComputeWorld): Promise<void> {
  await market.computeMarket.connect(requester).requestLease(request());
  await market.at(S + LATER + 1);
  await market.computeMarket.startNext(1);
}
