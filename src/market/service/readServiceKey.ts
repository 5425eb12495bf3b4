import { readFile } from "node:fs/promises";
import { Wallet } from "ethers";
import { JouleworkError } from "../../errors.ts";

export interface ReadServiceKeyParameters {
  /** Name of the environment variable with the key, as 0x and 64 hexadecimal digits. */
  readonly variable: string;
  /** An encrypted JSON key file; its password is in the variable's name followed by `_PASSWORD`. */
  readonly keystorePath?: string | undefined;
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** A service's private key. It is never taken from the command line, which every user of the machine can read. */
export async function readServiceKey({
  variable,
  keystorePath,
  environment = process.env,
}: ReadServiceKeyParameters): Promise<string> {
  const given = environment[variable];
  if (keystorePath === undefined) {
    if (given !== undefined && given !== "") return given;
    throw new JouleworkError({
      code: "SERVICE_KEY_MISSING",
      what: "The service has no key to sign with",
      values: { variable },
      hint: `Set ${variable}, or name an encrypted key file with --keystore and set ${variable}_PASSWORD.`,
    });
  }
  const password = environment[`${variable}_PASSWORD`];
  if (password === undefined) {
    throw new JouleworkError({
      code: "SERVICE_KEY_MISSING",
      what: "The key file's password is missing",
      values: { variable: `${variable}_PASSWORD`, keystorePath },
      hint: "Set the variable; a password on the command line would be readable by others.",
    });
  }
  const text = await readFile(keystorePath, "utf8");
  try {
    return (await Wallet.fromEncryptedJson(text, password)).privateKey;
  } catch (cause) {
    throw new JouleworkError({
      code: "SERVICE_KEY_UNREADABLE",
      what: "The key file cannot be opened",
      values: { keystorePath },
      hint: "Check that it is an encrypted Ethereum key file and that the password is its own.",
      cause,
    });
  }
}
