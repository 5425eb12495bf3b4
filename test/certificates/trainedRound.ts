import type { NetworkConnection } from "hardhat/types/network";
import { MaxUint256, id as hashOf } from "ethers";
import { leafHash, readingTree } from "../../src/market/readings.ts";
import { JobWorld, STATE, WORKERS } from "../compute/jobs/world.ts";
import { LIMITS, TERMS, type TestMarket, type TestMeter } from "../support/testMarket.ts";

const EVALUATING = [8, 9, 10, 11] as const;
/** What the worker took in the round's slot. */
const TAKEN = 500;
/** What it proved of it for the job. */
export const PROVED = 200;

/**
 * A settled round of a federated job, of whose slot one worker proved energy, and one owner has certificates of a solar plant
 * in its zone (400 Wh) and of a wind turbine in zone 2 (90 Wh).
 */
export async function trainSettledRound(connection: NetworkConnection, market: TestMarket) {
  const { providers, trainingJobs: jobs, credit, exchange, certificates } = market;
  const world = new JobWorld({
    connection,
    jobs,
    reproducible: market.reproducibleJobs,
    // Providers and their stake are read alike.
    mock: await connection.ethers.getContractAt("JobWorldMock", await providers.getAddress()),
    credit: await connection.ethers.getContractAt("TestPaymentToken", await credit.getAddress()),
    manager: market.manager,
    signers: market.signers,
    address: await jobs.getAddress(),
    chainId: (await connection.ethers.provider.getNetwork()).chainId,
  });
  const meters = new Map<number, TestMeter>();
  for (const index of [...WORKERS, ...EVALUATING]) {
    const owner = world.signer(index);
    const meter = await market.addMeter({ owner, kind: "consumer" });
    meters.set(index, meter);
    await providers.connect(owner).registerProvider(owner.address, meter.address, 1);
    await market.fund(owner, 10_000n);
    await credit.connect(owner).approve(providers, MaxUint256);
    await providers.connect(owner).allowLocker(jobs, true);
    await providers.connect(owner).postStake(owner.address, 10_000n);
  }
  const solar = await market.addMeter({ kind: "producer", source: "solar", owner: world.signer(12) });
  const accounts = { network: solar.owner, levy: solar.owner, fee: solar.owner, season: solar.owner };
  await exchange.connect(market.registrar).createZone(2, LIMITS, TERMS, accounts);
  const beyond = await market.addMeter({ kind: "producer", source: "wind", zone: 2, owner: solar.owner });

  await market.fund(world.requester, 5_000n);
  await credit.connect(world.requester).approve(jobs, MaxUint256);
  const job = await world.post();
  await world.join(job, WORKERS, EVALUATING);
  await world.driveTo(job, STATE.validation);
  const { openSlot } = await jobs.roundInfo(job, 1);
  const slot = Number(openSlot);
  const worker = meters.get(3);
  if (worker === undefined) throw new Error("no meter");
  await market.settleFlows(slot, [
    { meter: worker, importWh: TAKEN },
    { meter: solar, exportWh: 400 },
  ]);
  await market.settleFlows(slot, [{ meter: beyond, exportWh: 90 }], 2);
  await world.revealValidation(job);
  const drawn = await world.draw(job);
  const finding = { scores: [700n, 200n, -50n, 100n], aggregate: hashOf("model 1") };
  await world.score(job, new Map(drawn.map((index) => [index, finding])));
  const leaves = [
    { meter: worker.address, zone: 1, slot, importWh: TAKEN, exportWh: 0 },
    { meter: solar.address, zone: 1, slot, importWh: 0, exportWh: 400 },
  ] as const;
  const tree = readingTree(leaves.map((leaf) => leafHash({ ...leaf, gap: false })));
  await world.as(3).proveEnergy(job, 1, { ...leaves[0], flags: 0 }, tree.root, tree.proof(0), PROVED);

  // Without feeders both slots are flagged, and an inspector ends that.
  await market.mineAt(slot + 6);
  for (const zone of [1, 2]) {
    await exchange.close(zone, slot, []);
    await exchange.connect(market.inspector).endInspection(zone, slot, "no feeder meter yet");
  }
  const owner = certificates.connect(solar.owner);
  await owner.issue({ ...leaves[1], flags: 0 }, tree.root, tree.proof(1));
  const wind = { meter: beyond.address, zone: 2, slot, importWh: 0, exportWh: 90 };
  await owner.issue({ ...wind, flags: 0 }, leafHash({ ...wind, gap: false }), []);
  return { world, jobs, job, slot, certificates, owner, holder: solar.owner.address };
}
