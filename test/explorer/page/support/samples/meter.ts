import type { MeterAnswer } from "../../../../../explorer/api/meter.ts";
import { addressOf, eventOf, FIRST_SLOT, hashOf, noonWave, SLOTS, sourceOf, ZONE } from "./parts.ts";

export const SAMPLE_METER = addressOf("bid 0");

export function sampleMeter(): MeterAnswer {
  const slots = Array.from({ length: SLOTS }, (_, index) => slotOf(index)).reverse();
  return {
    address: SAMPLE_METER,
    zone: ZONE,
    site: 7,
    owner: addressOf("owner"),
    kind: "prosumer",
    energySource: "solar",
    status: "active",
    storageCapacityWh: 10_000,
    ratedPowerW: 11_000,
    importRegisterWh: 1_204_331,
    exportRegisterWh: 873_112,
    lastSlot: FIRST_SLOT + SLOTS - 1,
    balanceTicks: "12345678901",
    reliabilityPpm: 941_250,
    tier: 2,
    flags: [],
    registeredAt: (FIRST_SLOT - 20) * 900,
    registered: sourceOf(120),
    slots,
    reputation: [
      {
        day: Math.floor(FIRST_SLOT / 96) + 1,
        reliabilityPpm: 941_250,
        efficiencyPpm: 520_000,
        contributionPpm: 612_000,
        tier: 2,
        votes: "612000",
        causes: [
          { text: "delivered 97 % of what it traded on 42 slots", source: sourceOf(3_000) },
          { text: "a reading came late", source: sourceOf(3_100) },
        ],
        source: sourceOf(4_000),
      },
    ],
    badges: [{ tokenId: "12", title: "Sunny day", season: 1, source: sourceOf(4_100) }],
    events: {
      events: [
        eventOf("ReadingSettled", 4_061, { meter: SAMPLE_METER, slot: FIRST_SLOT, leaf: hashOf("leaf") }),
        eventOf("OrderCleared", 4_021, { meter: SAMPLE_METER, energyWh: 420 }),
      ],
    },
  };
}

function slotOf(index: number): MeterAnswer["slots"][number] {
  const exportWh = Math.max(0, Math.round(900 * noonWave(index + 8)));
  const importWh = 180 + ((index * 53) % 240);
  const positionWh = exportWh > 0 ? -Math.round(exportWh * 0.6) : 0;
  return {
    slot: FIRST_SLOT + index,
    kind: index === 12 ? "gap" : "ordinary",
    importWh,
    exportWh,
    importRegisterWh: 1_180_000 + index * 250,
    exportRegisterWh: 840_000 + index * 340,
    positionWh,
    clearingPrice: positionWh === 0 ? null : 198_004,
    imbalanceWh: importWh - exportWh - positionWh,
    moneyTicks: String((exportWh - importWh) * 198_004),
    balanceTicks: String(12_000_000_000 + index * 3_598_765),
    source: sourceOf(4_000 + index, 4),
  };
}
