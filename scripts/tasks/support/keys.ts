import { HDNodeWallet } from "ethers";
import type { HttpNetworkConfig } from "hardhat/types/config";
import { LOCAL_ACCOUNTS, localKey, type LocalAccount } from "../../../src/chain/localChain.ts";
import { JouleworkError } from "../../../src/errors.ts";
import { signingKey, type SigningKey } from "../../../src/market/signer.ts";

/** The chain of Hardhat's own node, whose keys are public. */
export const LOCAL_CHAIN_ID = 31337;

export interface KeySource {
  readonly network: string;
  readonly accounts: HttpNetworkConfig["accounts"];
  readonly chainId: number;
}

/** Environment variable that holds the key of an account: JOULEWORK_REGISTRAR_KEY, say. */
export function keyVariable(account: LocalAccount): string {
  return `JOULEWORK_${account.toUpperCase()}_KEY`;
}

/**
 * The private key that acts for an account: from the environment, else from the network's configuration (the key at the
 * account's place, or the first), else the local node's public one.
 */
export async function accountKey(account: LocalAccount, { network, accounts, chainId }: KeySource): Promise<string> {
  const given = process.env[keyVariable(account)];
  if (given !== undefined) return given;
  const place = LOCAL_ACCOUNTS[account];
  if (accounts === "remote") {
    if (chainId === LOCAL_CHAIN_ID) return localKey(account);
    throw new JouleworkError({
      code: "KEY_MISSING",
      what: "The network's configuration has no key for the account",
      values: { account, network, chainId },
      hint: `Set ${keyVariable(account)}, or give the network accounts in hardhat.config.ts.`,
    });
  }
  if (!Array.isArray(accounts)) {
    const { mnemonic, passphrase, path, initialIndex } = accounts;
    const index = `${path}/${String(initialIndex + place)}`;
    return HDNodeWallet.fromPhrase(await mnemonic.get(), await passphrase.get(), index).privateKey;
  }
  const configured = accounts[place] ?? accounts[0];
  if (configured !== undefined) return configured.getHexString();
  throw new JouleworkError({
    code: "KEY_MISSING",
    what: "The network's configuration has no accounts",
    values: { account, network },
    hint: `Set ${keyVariable(account)}, or give the network accounts in hardhat.config.ts.`,
  });
}

/** A meter's device key: from an environment variable, or test key `index` on the local chain. */
export function deviceKey(index: number | undefined, chainId: number): SigningKey {
  if (index === undefined) {
    const given = process.env.JOULEWORK_DEVICE_KEY;
    if (given !== undefined) return signingKey(given);
  } else if (chainId === LOCAL_CHAIN_ID) {
    return signingKey(localDeviceKey(index));
  }
  throw new JouleworkError({
    code: "DEVICE_KEY_MISSING",
    what: "There is no device key to sign with",
    values: { chainId },
    hint: `Set JOULEWORK_DEVICE_KEY; on chain ${String(LOCAL_CHAIN_ID)} \`--device N\` takes public test key N.`,
  });
}

/** Test device keys come from the local node's public mnemonic, beside its accounts. */
function localDeviceKey(index: number): string {
  const phrase = "test test test test test test test test test test test junk";
  return HDNodeWallet.fromPhrase(phrase, undefined, `m/44'/60'/1'/0/${String(index)}`).privateKey;
}
