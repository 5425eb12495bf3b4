import { recoverAddress, Signature, ZeroAddress } from "ethers";
import { codeCall } from "../../../src/chain/calls.ts";
import { JouleworkError } from "../../../src/errors.ts";
import { consentDigest, MESSAGE_TYPES, type ConsentMessages, type ConsentName } from "../../../src/market/messages.ts";
import type { Session } from "./session.ts";

/** A consent as wallets take it (`eth_signTypedData_v4`): domain, types, values. */
export function consentTypedData<Name extends ConsentName>(
  { domain }: Session,
  name: Name,
  message: ConsentMessages[Name],
): object {
  return {
    types: {
      EIP712Domain: [
        { name: "name", type: "string" },
        { name: "version", type: "string" },
        { name: "chainId", type: "uint256" },
        { name: "verifyingContract", type: "address" },
      ],
      [name]: MESSAGE_TYPES[name],
    },
    primaryType: name,
    domain: domain.fields,
    message,
  };
}

/** Refuses a consent that somebody else, or other values, were signed with. What a contract signed, only it can tell. */
export async function requireConsent<Name extends ConsentName>(
  session: Session,
  {
    name,
    message,
    signer,
    signature,
  }: {
    readonly name: Name;
    readonly message: ConsentMessages[Name];
    readonly signer: string;
    readonly signature: string;
  },
): Promise<void> {
  // No such site: the exchange says so better.
  if (signer === ZeroAddress) return;
  if ((await session.exchange.rpc.call(codeCall(signer))) !== "0x") return;
  const found = signerOf(consentDigest(session.domain, name, message), signature);
  if (found === signer) return;
  throw new JouleworkError({
    code: "CONSENT_SIGNER_WRONG",
    what: "The consent is not the expected account's signature of these values",
    values: { consent: name, expected: signer, signer: found ?? "none" },
    hint: "Print the data with the same arguments (joulework:site-consent, joulework:meter-consent) and sign it anew.",
  });
}

function signerOf(digest: string, signature: string): string | undefined {
  try {
    return recoverAddress(digest, Signature.from(signature));
  } catch {
    return undefined;
  }
}
