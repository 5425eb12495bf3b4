import hre from "hardhat";
import { deployReproducible, FIRST_STEP } from "../../test/reproducible/jobsWorld.ts";
import type { BySize } from "./gas.ts";

/**
 * Gas of a dispute about a small model (one layer, width 8), led to one term of a sum: the dearest move of each verb, and all
 * moves of both parties together.
 */
export async function benchDisputes(): Promise<BySize> {
  const world = await deployReproducible(await hre.network.create());
  const operation = world.tape.primitives.findIndex(({ name }) => name === "layers.0.mlpIn.gradient");
  const lying = await world.lying({ step: FIRST_STEP + 1, operation, element: 9, terms: 2 });
  const job = await world.claim(lying);
  await world.as(3).challenge(job, 0);
  const { receipts } = await world.play(1n, lying, await world.honest());
  const whole = `${String(receipts.length)} moves together`;
  const gas: Record<string, number> = { [whole]: 0 };
  for (const { hash, gasUsed } of receipts) {
    const transaction = await world.connection.ethers.provider.getTransaction(hash);
    const verb = world.jobs.interface.parseTransaction({ data: transaction?.data ?? "0x" })?.name ?? "unknown";
    gas[verb] = Math.max(gas[verb] ?? 0, Number(gasUsed));
    gas[whole] = (gas[whole] ?? 0) + Number(gasUsed);
  }
  return gas;
}
