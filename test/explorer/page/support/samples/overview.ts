import type { Overview, SlotPoint } from "../../../../../explorer/api/overview.ts";
import { addressOf, FIRST_SLOT, hashOf, noonWave, SLOTS, sourceOf, ZONE } from "./parts.ts";

const CONTRACTS = ["EnergyExchange", "EnergyCredit", "Reputation", "TrainingJobs", "GridGovernor"];
const HEAD = 4_321;

export function sampleSlotPoint(index: number): SlotPoint {
  const wave = noonWave(index + 8);
  const reference = Math.round(240_000 - 60_000 * wave);
  const sun = Math.max(0, Math.round(9_000 * wave));
  return {
    slot: FIRST_SLOT + index,
    importPrice: reference + 40_000,
    exportPrice: reference - 40_000,
    clearingPrice: sun === 0 ? null : reference + ((index * 7_919) % 30_001) - 15_000,
    scarcityPpm: Math.round(-400_000 * wave),
    matchedWh: sun === 0 ? 0 : Math.min(sun, 5_200 - ((index * 137) % 900)),
    importWh: 5_600 + ((index * 211) % 1_300),
    exportWh: sun,
    renewablePpm: sun === 0 ? null : 873_400,
    flagged: index === 40,
    closed: index < 92,
  };
}

export function sampleOverview(): Overview {
  const slots = Array.from({ length: SLOTS }, (_, index) => sampleSlotPoint(index));
  return {
    network: "localhost",
    chainId: 31_337,
    head: { number: HEAD, hash: hashOf("head"), time: (FIRST_SLOT + SLOTS) * 900 },
    indexedBlock: HEAD,
    indexing: { fromBlock: 0, toBlock: HEAD, done: true },
    currentSlot: FIRST_SLOT + SLOTS - 1,
    zones: [{ zone: ZONE, current: sampleSlotPoint(SLOTS - 1), slots, meters: 48, sites: 30 }],
    supplyTicks: "18234567890123",
    openJobs: [
      {
        ...{ kind: "federated", job: 1, state: "round", round: 3 },
        ...{ deadline: (FIRST_SLOT + 200) * 900, requester: addressOf("requester") },
      },
      {
        ...{ kind: "reproducible", job: 1, state: "training", round: 2 },
        ...{ deadline: (FIRST_SLOT + 100) * 900, requester: addressOf("requester") },
      },
    ],
    blocks: Array.from({ length: 8 }, (_, back) => ({
      number: HEAD - back,
      hash: hashOf(`block ${String(HEAD - back)}`),
      time: (FIRST_SLOT + SLOTS) * 900 - back * 12,
      transactions: 1 + (back % 3),
      gasUsed: 1_204_331 + back * 70_001,
    })),
    trades: Array.from({ length: 8 }, (_, back) => ({
      source: sourceOf(HEAD - 5 * back),
      zone: ZONE,
      slot: FIRST_SLOT + 60 - back,
      clearingPrice: sampleSlotPoint(60 - back).clearingPrice ?? 0,
      matchedWh: sampleSlotPoint(60 - back).matchedWh,
      time: (FIRST_SLOT + 60 - back) * 900 - 400,
    })),
    contracts: CONTRACTS.map((name) => ({ name, address: addressOf(name) })),
  };
}
