import type { BlockAnswer, CallFrame, TransactionAnswer, TransactionRow } from "../../../../../explorer/api/block.ts";
import type { ContractAnswer } from "../../../../../explorer/api/contract.ts";
import { addressOf, eventOf, FIRST_SLOT, hashOf, HOSTILE, sourceOf } from "./parts.ts";

export const SAMPLE_BLOCK = 4_021;
export const SAMPLE_TRANSACTION = sourceOf(SAMPLE_BLOCK).transactionHash;

function sampleRow(index: number): TransactionRow {
  return {
    hash: index === 0 ? SAMPLE_TRANSACTION : hashOf(`transaction ${String(index)}`),
    blockNumber: SAMPLE_BLOCK,
    index,
    time: FIRST_SLOT * 900,
    from: addressOf("matcher"),
    to: addressOf("EnergyExchange"),
    contract: "EnergyExchange",
    method: index === 2 ? null : "clear",
    succeeded: index !== 1,
    gasUsed: 1_204_331,
  };
}

export function sampleBlock(): BlockAnswer {
  return {
    number: SAMPLE_BLOCK,
    hash: hashOf("block"),
    parentHash: hashOf("parent"),
    time: FIRST_SLOT * 900,
    gasUsed: 3_612_993,
    gasLimit: 60_000_000,
    transactions: [0, 1, 2].map(sampleRow),
  };
}

function frame(
  method: string,
  contract: string,
  calls: readonly CallFrame[] = [],
  error: string | null = null,
): CallFrame {
  return {
    type: "CALL",
    from: addressOf("matcher"),
    to: addressOf(contract),
    contract,
    method,
    gasUsed: 90_412,
    valueWei: "0",
    error,
    calls,
  };
}

export function sampleTransaction(): TransactionAnswer {
  return {
    ...sampleRow(0),
    nonce: 12,
    valueWei: "0",
    gasLimit: 2_000_000,
    gasPriceWei: "1000000000",
    input: `0x${"a1b2c3d4".repeat(40)}`,
    createdContract: null,
    call: {
      signature: "clear(uint256,uint32,bytes,bytes)",
      args: { zone: 1, slot: FIRST_SLOT + 50, bids: "0x0102", offers: "0x0304", terms: { k: [1, 2], note: HOSTILE } },
    },
    revert: null,
    skipped: [
      { logIndex: 2, name: "SiteInDebt", words: "The site owes the grid and may not trade until it has paid." },
    ],
    events: [
      {
        ...eventOf("SlotCleared", SAMPLE_BLOCK, { zone: 1, slot: FIRST_SLOT + 50 }),
        source: sourceOf(SAMPLE_BLOCK, 2),
      },
      ...Array.from({ length: 40 }, (_, index) => ({
        ...eventOf("OrderCleared", SAMPLE_BLOCK, { meter: addressOf(`bid ${String(index)}`), energyWh: 420 }),
        source: sourceOf(SAMPLE_BLOCK, 5 + index),
      })),
    ],
    trace: frame("clear", "EnergyExchange", [
      frame("clear", "OrderBook", [frame("ecrecover", "precompile"), frame("burn", "EnergyCredit")]),
      frame("transfer", "EnergyCredit", [], "ERC20InsufficientBalance"),
    ]),
  };
}

export function sampleContract(): ContractAnswer {
  return {
    address: addressOf("EnergyExchange"),
    name: "EnergyExchange",
    verified: "exact",
    codeBytes: 23_112,
    codeHash: hashOf("code"),
    balanceWei: "0",
    compiler: "0.8.37+commit.00000000",
    sources: [
      { path: "contracts/energy/EnergyExchange.sol", text: `// SPDX\ncontract EnergyExchange {} // ${HOSTILE}` },
    ],
    abi: [{ type: "function", name: "zoneCount" }],
    reads: [
      { signature: "zoneCount()", inputs: [], outputs: [{ name: "", type: "uint256" }], answer: "1" },
      {
        signature: "terms()",
        inputs: [],
        outputs: [{ name: "", type: "tuple" }],
        answer: { feePpm: "10000", levyPrice: "10000" },
      },
      {
        signature: "siteOf(address)",
        inputs: [{ name: "meter", type: "address" }],
        outputs: [{ name: "site", type: "uint32" }],
      },
    ],
    eventNames: ["SlotCleared", "OrderCleared", "SlotClosed"],
    events: { events: [] },
  };
}
