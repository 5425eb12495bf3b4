import { MaxUint256 } from "ethers";
import type { NetworkConnection } from "hardhat/types/network";
import { deployTestMarket, type TestMarket, type TestMeter } from "../../support/testMarket.ts";
import { JobWorld, STAKE } from "./world.ts";

export interface SystemWorld {
  readonly market: TestMarket;
  readonly world: JobWorld;
  /** Meters of the providers by the number of their account. */
  readonly meters: ReadonlyMap<number, TestMeter>;
}

/**
 * Jobs on the deployed system: these accounts are providers with a site, a meter and `STAKE`, which the jobs may lock.
 *
 * @param randomness where draws take theirs from, as `RandomnessSource` counts.
 */
export async function deploySystemWorld(
  connection: NetworkConnection,
  providing: readonly number[],
  { randomness = 0, requesterTicks = 5_000n }: { readonly randomness?: number; readonly requesterTicks?: bigint } = {},
): Promise<SystemWorld> {
  const market = await deployTestMarket(connection, { parameters: { jobRandomness: randomness } });
  const { providers, trainingJobs: jobs, reproducibleJobs: reproducible, credit } = market;
  const world = new JobWorld({
    connection,
    jobs,
    reproducible,
    // Providers and their stake are read alike.
    mock: await connection.ethers.getContractAt("JobWorldMock", await providers.getAddress()),
    credit: await connection.ethers.getContractAt("TestPaymentToken", await credit.getAddress()),
    manager: market.manager,
    signers: market.signers,
    address: await jobs.getAddress(),
    chainId: (await connection.ethers.provider.getNetwork()).chainId,
  });
  const meters = new Map<number, TestMeter>();
  for (const index of providing) {
    const owner = world.signer(index);
    const meter = await market.addMeter({ owner, kind: "consumer" });
    meters.set(index, meter);
    await providers.connect(owner).registerProvider(owner.address, meter.address, 1);
    await market.fund(owner, STAKE);
    await credit.connect(owner).approve(providers, MaxUint256);
    await providers.connect(owner).allowLocker(jobs, true);
    await providers.connect(owner).postStake(owner.address, STAKE);
  }
  await market.fund(world.requester, requesterTicks);
  await credit.connect(world.requester).approve(jobs, MaxUint256);
  return { market, world, meters };
}
