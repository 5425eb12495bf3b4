import { getAddress } from "ethers";

/** An address with its checksum, whatever letters it was written in. */
export function checksummed(address: string): string {
  return getAddress(address.toLowerCase());
}
