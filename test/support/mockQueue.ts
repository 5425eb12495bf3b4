import type { EnergyQueueMock } from "../../typechain-types/index.ts";
import type { TestMarket } from "./testMarket.ts";

/** Put a queue whose answers a test chooses in the place of the deployed one. */
export async function mockQueue({ connection, energyQueue }: TestMarket): Promise<EnergyQueueMock> {
  const { ethers, networkHelpers } = connection;
  const mock = await ethers.deployContract("EnergyQueueMock");
  const code = await ethers.provider.getCode(await mock.getAddress());
  const place = await energyQueue.getAddress();
  await networkHelpers.setCode(place, code);
  // The deployed queue keeps its authority where the mock keeps its manner.
  await networkHelpers.setStorageAt(place, 0, 0);
  return ethers.getContractAt("EnergyQueueMock", place);
}
