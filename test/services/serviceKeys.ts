import { HDNodeWallet, keccak256, toUtf8Bytes } from "ethers";
import { marketDomain } from "../../src/market/messages.ts";
import { signingKey } from "../../src/market/signer.ts";
import type { SigningKey } from "../../src/market/signer.ts";

const PHRASE = "test test test test test test test test test test test junk";

/** Private key of one of a local chain's funded accounts. */
export function accountKey(index: number): string {
  return HDNodeWallet.fromPhrase(PHRASE, undefined, `m/44'/60'/0'/0/${index}`).privateKey;
}

/** A key that is the same in every run. */
export function numberedKey(number: number): SigningKey {
  return signingKey(keccak256(toUtf8Bytes(`test key ${number}`)));
}

export const DOMAIN = marketDomain(31_337, "0x00000000000000000000000000000000000000ee");
