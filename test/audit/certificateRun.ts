import { MaxUint256, ZeroAddress } from "ethers";
import type { NetworkConnection } from "hardhat/types/network";
import { encodeCertificateId } from "../../src/certificates/certificateId.ts";
import { CERTIFICATE_OFFER_TYPES, offerDomain } from "../../src/certificates/offer.ts";
import type { Deployment } from "../../src/chain/deployment.ts";
import type { RpcClient } from "../../src/chain/rpc.ts";
import { deployCertificateWorld, POLICY, S, type CertificateWorld, type Proved } from "../certificates/world.ts";
import { trainSettledRound } from "../certificates/trainedRound.ts";
import type { TestMarket } from "../support/testMarket.ts";
import { hardhatRpc } from "./hardhatRpc.ts";
import { deploymentOf } from "./smallRun.ts";

export interface CertificateRun {
  readonly world: CertificateWorld;
  readonly rpc: RpcClient;
  readonly deployment: Deployment;
  readonly toBlock: number;
}

/** Certificates that are issued, moved, sold alone and with energy, stored, cancelled, claimed, suspended and matched. */
export async function playCertificateRun(connection: NetworkConnection): Promise<CertificateRun> {
  const world = await deployCertificateWorld(connection);
  await tradeAndStore(world);
  const { market } = world;
  await matchJob(connection, market);
  const deployment = await deploymentOf(market);
  return {
    world,
    rpc: hardhatRpc(connection),
    deployment: {
      ...deployment,
      contracts: {
        ...deployment.contracts,
        Providers: await market.providers.getAddress(),
        ComputeMarket: await market.computeMarket.getAddress(),
        EnergyQueue: await market.energyQueue.getAddress(),
        TrainingJobs: await market.trainingJobs.getAddress(),
        EnergyCertificates: await market.certificates.getAddress(),
        CertificateMarket: await market.certificateMarket.getAddress(),
      },
    },
    toBlock: await connection.ethers.provider.getBlockNumber(),
  };
}

async function tradeAndStore(world: CertificateWorld): Promise<void> {
  const { market, certificates } = world;
  const [solar, home, battery] = (["solar", "home", "battery"] as const).map((name) => world.owner(name).address);
  if (solar === undefined || home === undefined || battery === undefined) throw new Error("no owner");
  const first = await world.settle(S, {
    solar: { importWh: 10, exportWh: 1_010 },
    wind: { exportWh: 70 },
    home: { importWh: 400 },
    battery: { importWh: 500 },
  });
  const id = world.id(S);
  await world
    .as("solar")
    .multicall([
      certificates.interface.encodeFunctionData("issue", [first.solar.leaf, first.solar.root, first.solar.proof]),
    ]);
  await world.issue("wind", first.wind);
  await world.as("solar").transfer(battery, id, 300);
  await world.as("battery").charge(first.battery.leaf, first.battery.root, first.battery.proof, id, 300, POLICY.slot);
  const second = await world.settle(S + 1, { battery: { exportWh: 300 } });
  await world.as("battery").discharge(second.battery.leaf, second.battery.root, second.battery.proof);

  // By an operator, within allowances, and by signed offers.
  await world.as("solar").approve(home, id, 60);
  await world.as("home").transferFrom(solar, home, id, 50);
  await world.as("wind").setOperator(home, true);
  await world.as("home").transferFrom(world.owner("wind").address, home, world.id(S, "wind"), 20);
  await world.as("wind").setOperator(home, false);
  await sell(world, first.home);

  await world.as("home").cancel(home, id, 120, home, "June, flat 3");
  await world.as("home").claim(1, first.home.leaf, first.home.root, first.home.proof, 100, POLICY.hour);
  await certificates.connect(market.inspector).suspend(world.id(S, "wind"));
  await certificates.connect(market.governor).setSuspension(world.id(S, "wind"), 0);
  await certificates.connect(market.governor).setLifetime(3_000);
}

async function sell(world: CertificateWorld, { leaf, root, proof }: Proved): Promise<void> {
  const { market } = world;
  const place = market.certificateMarket;
  const seller = world.owner("solar");
  const buyer = world.owner("home");
  await world.as("solar").setOperator(place, true);
  await market.credit.connect(buyer).approve(place, MaxUint256);
  await market.fund(buyer, 100_000_000n);
  const domain = offerDomain(market.domain.fields.chainId, await place.getAddress());
  const offer = {
    seller: seller.address,
    id: world.id(S),
    amountWh: 100n,
    priceTicks: 20_000n,
    buyer: ZeroAddress,
    bundled: false,
    expiry: (S + 500) * 900,
    salt: 1n,
  };
  const bundled = { ...offer, bundled: true };
  const sign = async (value: typeof offer) => seller.signTypedData(domain, CERTIFICATE_OFFER_TYPES, value);
  await place.connect(buyer).buy(offer, await sign(offer), 40);
  await place.connect(buyer).buyBundled(bundled, await sign(bundled), 60, leaf, root, proof);
  await place.connect(seller).cancelOffer(offer);
}

/** A round of a job is trained while the wind blows in the zone next to it. */
async function matchJob(connection: NetworkConnection, market: TestMarket): Promise<void> {
  const { job, slot, owner, holder } = await trainSettledRound(connection, market);
  const governor = market.certificates.connect(market.governor);
  await owner.cancelForJob(
    holder,
    encodeCertificateId({ zone: 1, slot, source: "solar" }),
    100,
    job,
    slot,
    POLICY.slot,
  );
  await governor.setNeighbour(1, 2, true);
  await owner.cancelForJob(
    holder,
    encodeCertificateId({ zone: 2, slot, source: "wind" }),
    80,
    job,
    slot,
    POLICY.neighbour,
  );
  await governor.setNeighbour(3, 2, true);
  await governor.setNeighbour(3, 2, false);
}
