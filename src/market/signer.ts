import { getAddress, keccak256 } from "ethers";
import secp256k1 from "secp256k1";
import { JouleworkError } from "../errors.ts";
import { toBytes, toHex } from "./bytes.ts";

/** A secp256k1 key of a meter, a delegate, a matcher or an owner. */
export interface SigningKey {
  readonly address: string;
  /** Signs a digest as 64 bytes, `r | yParity and s` (EIP-2098), `s` in the lower half. */
  readonly sign: (digest: string) => string;
}

/** Half the order of secp256k1: a larger `s` has a smaller twin (EIP-2). */
const HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;

/** The key behind a 32-byte secret. The secret stays inside the closure, so that no log can print it. */
export function signingKey(privateKey: string): SigningKey {
  const secret = /^0x[0-9a-f]{64}$/i.test(privateKey) ? toBytes("privateKey", privateKey, 32) : new Uint8Array(32);
  if (!secp256k1.privateKeyVerify(secret)) {
    throw new JouleworkError({
      code: "PRIVATE_KEY_INVALID",
      what: "The private key is not a secp256k1 key",
      hint: "Give 0x and 64 hexadecimal digits, neither zero nor beyond the curve's order.",
    });
  }
  const address = addressOf(secp256k1.publicKeyCreate(secret, false));
  return { address, sign: (digest) => signDigest(secret, digest) };
}

/** The address whose key signed `digest` with a 64-byte signature, with the checks of the contract. */
export function recover(digest: string, signature: string): string {
  const bytes = toBytes("signature", signature, 64);
  const yParity = (bytes[32] ?? 0) >> 7;
  bytes[32] = (bytes[32] ?? 0) & 0x7f;
  if (BigInt(toHex(bytes.subarray(32))) > HALF_ORDER) {
    throw new JouleworkError({
      code: "SIGNATURE_MALLEABLE",
      what: "The signature's s is in the upper half of the curve's order",
      values: { signature },
      hint: "Sign with the lower s, as this library and every wallet do.",
    });
  }
  try {
    return addressOf(secp256k1.ecdsaRecover(bytes, yParity, toBytes("digest", digest, 32), false));
  } catch (cause) {
    if (cause instanceof JouleworkError) throw cause;
    throw new JouleworkError({
      code: "SIGNATURE_UNRECOVERABLE",
      what: "No key can be recovered from the signature",
      values: { signature },
      hint: "Check that all 64 bytes arrived and are in the order r, yParity and s.",
      cause,
    });
  }
}

/** A 64-byte signature in the 65-byte form `r | s | v`, which owners' and devices' consents need. */
export function expandSignature(signature: string): string {
  const compact = toBytes("signature", signature, 64);
  const bytes = new Uint8Array(65);
  bytes.set(compact, 0);
  bytes[64] = 27 + ((compact[32] ?? 0) >> 7);
  bytes[32] = (compact[32] ?? 0) & 0x7f;
  return toHex(bytes);
}

/** A 65-byte signature of a wallet in the 64-byte form. */
export function compactSignature(signature: string): string {
  const bytes = toBytes("signature", signature, 65);
  const v = bytes[64] ?? 0;
  const yParity = v >= 27 ? v - 27 : v;
  const high = bytes[32] ?? 0;
  if (yParity > 1 || high > 0x7f) {
    throw new JouleworkError({
      code: "SIGNATURE_NOT_COMPACTABLE",
      what: "The signature has no 64-byte form",
      values: { signature },
      hint: "v must be 0, 1, 27 or 28 and s in the lower half of the curve's order.",
    });
  }
  bytes[32] = high | (yParity << 7);
  return toHex(bytes.subarray(0, 64));
}

function signDigest(secret: Uint8Array, digest: string): string {
  const { signature, recid } = secp256k1.ecdsaSign(toBytes("digest", digest, 32), secret);
  // The second bit says that r overflowed the order, which 64 bytes cannot carry; one digest in 2^127 has it.
  if (recid > 1) {
    throw new JouleworkError({
      code: "SIGNATURE_NOT_COMPACTABLE",
      what: "The digest's signature has no 64-byte form",
      values: { digest },
      hint: "Change the message, for example its limit price by one tick.",
    });
  }
  signature[32] = (signature[32] ?? 0) | (recid << 7);
  return toHex(signature);
}

function addressOf(publicKey: Uint8Array): string {
  return getAddress(`0x${keccak256(publicKey.subarray(1)).slice(26)}`);
}
