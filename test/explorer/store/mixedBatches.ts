import { getCreateAddress } from "ethers";
import type { Batch, TransactionRow } from "../../../explorer/store/store.ts";

const HASH = (byte: string): string => `0x${byte.repeat(32)}`;
const ONE = "0x00000000000000000000000000000000000000A1";
const OTHER = "0x00000000000000000000000000000000000000b2";

/** A block with a call, a failed call, and a creation; the call and the creation leave events. */
export function mixedBatches(): Batch[] {
  const row = { blockNumber: 0, contract: null, method: null, succeeded: true, gasUsed: 21_000, createdContract: null };
  const transactions: TransactionRow[] = [
    { ...row, hash: HASH("01"), index: 0, from: ONE, to: OTHER, nonce: 7, contract: "Other", method: "call" },
    { ...row, hash: HASH("02"), index: 1, from: OTHER, to: ONE, nonce: 0, succeeded: false },
    {
      ...{ ...row, hash: HASH("03"), index: 2, from: ONE, to: null, nonce: 8 },
      createdContract: getCreateAddress({ from: ONE, nonce: 8 }),
    },
  ];
  const event = { blockNumber: 0, address: OTHER, contract: "Other", keys: [] };
  return [
    {
      blocks: [
        {
          ...{ number: 0, hash: HASH("b0"), parentHash: HASH("00"), time: 1_750_000_000 },
          ...{ gasUsed: 63_000, gasLimit: 60_000_000, transactions: 3 },
        },
      ],
      transactions,
      events: [
        { ...event, logIndex: 0, transactionHash: HASH("01"), transactionIndex: 0, name: "Called", args: '{"by":1}' },
        {
          ...event,
          logIndex: 1,
          transactionHash: HASH("03"),
          transactionIndex: 2,
          name: "Made",
          args: `{"what":"'\\"\\\\"}`,
        },
      ],
    },
  ];
}
