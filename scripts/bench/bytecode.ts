import hre from "hardhat";

/** Deployed size of every contract and linked library, in bytes. */
export async function bytecodeSizes(): Promise<Record<string, number>> {
  const sizes: Record<string, number> = {};
  for (const name of await hre.artifacts.getAllFullyQualifiedNames()) {
    const artifact = await hre.artifacts.readArtifact(name);
    const size = (artifact.deployedBytecode.length - 2) / 2;
    // Internal libraries leave a stub of a few bytes; mocks are not deployed.
    if (name.startsWith("contracts/") && !name.includes("/mocks/") && size > 100) sizes[artifact.contractName] = size;
  }
  return Object.fromEntries(Object.entries(sizes).sort());
}
