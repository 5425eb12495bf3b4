import { z } from "zod";

// Written from Otterscan's documentation of its interface (https://docs.otterscan.io/api-docs/ots-api, docs/custom-jsonrpc.md
// of its repository) and, for what that leaves to others, from the execution API's of Ethereum
// (https://ethereum.github.io/execution-apis/) and from what Otterscan's formatter (src/utils/formatter.ts) requires.

const address = z.string().regex(/^0x[0-9a-fA-F]{40}$/);
const hash = z.string().regex(/^0x[0-9a-f]{64}$/);
const data = z.string().regex(/^0x([0-9a-f]{2})*$/);
const quantity = z.string().regex(/^0x(0|[1-9a-f][0-9a-f]*)$/);

const transaction = z.looseObject({
  hash,
  type: quantity,
  blockHash: hash,
  blockNumber: quantity,
  transactionIndex: quantity,
  from: address,
  to: address.nullable(),
  gasPrice: quantity,
  gas: quantity,
  value: quantity,
  nonce: quantity,
  input: data,
  chainId: quantity,
  r: quantity,
  s: quantity,
  v: quantity,
});

const log = z.looseObject({
  transactionIndex: quantity,
  blockNumber: quantity,
  transactionHash: hash,
  address,
  topics: z.array(hash),
  data,
  logIndex: quantity,
  blockHash: hash,
  removed: z.boolean(),
});

const receipt = z.looseObject({
  transactionHash: hash,
  transactionIndex: quantity,
  blockHash: hash,
  blockNumber: quantity,
  from: address,
  to: address.nullable(),
  contractAddress: address.nullable(),
  gasUsed: quantity,
  cumulativeGasUsed: quantity,
  effectiveGasPrice: quantity,
  status: z.enum(["0x0", "0x1"]),
  type: quantity,
});

const header = z.looseObject({
  hash,
  parentHash: hash,
  number: quantity,
  timestamp: quantity,
  nonce: data,
  difficulty: quantity,
  gasLimit: quantity,
  gasUsed: quantity,
  miner: address,
  extraData: data,
  size: quantity,
  sha3Uncles: hash,
  stateRoot: hash,
  baseFeePerGas: quantity,
});

/** "The `transactions` attribute is not returned", "the `logsBloom` attribute comes with null". */
export const blockDetails = z.strictObject({
  block: header.extend({ transactionCount: z.int(), logsBloom: z.null(), transactions: z.never().optional() }),
  issuance: z.strictObject({ blockReward: quantity, uncleReward: quantity, issuance: quantity }),
  totalFees: quantity,
});

/** "Returns only the 4 bytes method selector instead of the entire calldata", "`logs` attribute returns null". */
export const blockTransactions = z.strictObject({
  fullblock: header.extend({
    transactionCount: z.int(),
    transactions: z.array(transaction.extend({ input: z.string().regex(/^0x([0-9a-f]{8})?$/) })),
  }),
  receipts: z.array(receipt.extend({ logs: z.null(), logsBloom: z.null() })),
});

export const searchResult = z.strictObject({
  txs: z.array(transaction),
  // The time of each, which Otterscan reads from the receipt.
  receipts: z.array(receipt.extend({ logs: z.array(log), timestamp: z.int() })),
  firstPage: z.boolean(),
  lastPage: z.boolean(),
});

export const internalOperations = z.array(
  z.strictObject({
    type: z.union([z.literal(0), z.literal(1), z.literal(2), z.literal(3)]),
    from: address,
    to: address,
    value: quantity,
  }),
);

export const trace = z.array(
  z.strictObject({
    type: z.enum(["CALL", "STATICCALL", "DELEGATECALL", "CALLCODE", "CREATE", "CREATE2", "SELFDESTRUCT"]),
    depth: z.int(),
    from: address,
    to: address,
    value: quantity.nullable(),
    input: data,
    output: data.optional(),
  }),
);

export const transactionError = data;
export const contractCreator = z.strictObject({ hash, creator: address }).nullable();
export const transactionHash = hash.nullable();
export const erigonHeader = header.extend({ transactions: z.never().optional() });
