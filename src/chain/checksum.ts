import { getAddress } from "ethers";

const MOST_KEPT = 200_000;
const kept = new Map<string, string>();

/** The checksummed form of an address. A chain names the same few thousand over and over, and each costs a hash. */
export function getChecksum(address: string): string {
  const known = kept.get(address);
  if (known !== undefined) return known;
  const checksummed = getAddress(address);
  if (kept.size >= MOST_KEPT) kept.clear();
  kept.set(address, checksummed);
  return checksummed;
}
