import type { VerifiedContract } from "./verifiedContract.ts";

/**
 * A source of a contract by its name in Sourcify's repository. Version 1 of its layout has the source's path with some
 * characters replaced (by `_`: colons, in older versions of Otterscan at signs as well), version 2 the hash of its content.
 */
export function sourceAt({ sources }: VerifiedContract, name: string): string | undefined {
  for (const [path, { content, keccak256 }] of Object.entries(sources)) {
    const names = [path, path.replaceAll(":", "_"), path.replaceAll(/[@:]/g, "_"), keccak256];
    if (names.includes(name)) return content;
  }
  return undefined;
}
