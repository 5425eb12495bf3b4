export interface Measured {
  readonly gas: number;
  readonly hash: string;
}

interface Sent {
  readonly hash: string;
  wait(): Promise<{ readonly gasUsed: bigint } | null>;
}

/** Gas of a transaction that was sent. */
export async function measure(transaction: Sent): Promise<Measured> {
  const receipt = await transaction.wait();
  if (receipt === null) throw new RangeError("the transaction has no receipt");
  return { gas: Number(receipt.gasUsed), hash: transaction.hash };
}
