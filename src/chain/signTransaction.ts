import { keccak256, Signature, Transaction } from "ethers";
import type { SigningKey } from "../market/signer.ts";

export interface Fees {
  readonly maxFeePerGasWei: bigint;
  readonly maxPriorityFeePerGasWei: bigint;
}

/** What a transaction does; `to` is absent where it creates a contract. */
export interface TransactionRequest {
  readonly to?: string;
  readonly data?: string;
  readonly valueWei?: bigint;
  /** Estimated by the node where absent. */
  readonly gasLimit?: bigint;
}

export interface SignTransactionParameters {
  readonly signer: SigningKey;
  readonly chainId: number;
  readonly nonce: number;
  readonly request: TransactionRequest;
  readonly gasLimit: bigint;
  readonly fees: Fees;
}

export interface SignedTransaction {
  readonly raw: string;
  readonly hash: string;
}

/** An EIP-1559 transaction, signed by the native library and ready to be sent: the same bytes as a wallet of ethers. */
export function signTransaction({
  signer,
  chainId,
  nonce,
  request,
  gasLimit,
  fees,
}: SignTransactionParameters): SignedTransaction {
  const transaction = Transaction.from({
    type: 2,
    chainId,
    nonce,
    to: request.to ?? null,
    data: request.data ?? "0x",
    value: request.valueWei ?? 0n,
    gasLimit,
    maxFeePerGas: fees.maxFeePerGasWei,
    maxPriorityFeePerGas: fees.maxPriorityFeePerGasWei,
  });
  transaction.signature = Signature.from(signer.sign(transaction.unsignedHash));
  const raw = transaction.serialized;
  return { raw, hash: keccak256(raw) };
}
