import { expect } from "chai";
import { forecastZone, openForecasts, zoneSeries } from "../../src/forecasts/index.ts";
import type { ExchangeEvent } from "../../src/chain/exchange.ts";
import { ENERGY_SOURCE_CODES, METER_KIND_CODES } from "../../src/market/codes.ts";
import { encodeMeterWord, NO_FLAGS, type MeterWord } from "../../src/market/meterWord.ts";

const S = 1_944_960;
const WORD: MeterWord = {
  importWh: 0,
  exportWh: 0,
  lastSlot: S - 1,
  laneEven: null,
  laneOdd: null,
  balanceTicks: 0n,
  reliability: 0,
  tier: 0,
  flags: NO_FLAGS,
  powerClass: 1,
  zone: 1,
};

/** Only the arguments that the series look at. */
function event(name: string, args: object): ExchangeEvent {
  return { name, args } as unknown as ExchangeEvent;
}

function registered(
  meter: string,
  kind: keyof typeof METER_KIND_CODES,
  source: keyof typeof ENERGY_SOURCE_CODES,
  zone = 1,
) {
  const args = { meter, kind: METER_KIND_CODES[kind], source: ENERGY_SOURCE_CODES[source] };
  return event("MeterRegistered", {
    ...args,
    storageCapacityWh: 0,
    bestEfficiencyPpm: 0,
    word: encodeMeterWord({ ...WORD, zone }),
  });
}

function read(meter: string, lastSlot: number, importWh: number, exportWh: number, zone = 1): ExchangeEvent {
  return event("ReadingSettled", { meter, word: encodeMeterWord({ ...WORD, lastSlot, importWh, exportWh, zone }) });
}

const closed = (slot: number, zone = 1) => event("SlotClosed", { zone, slot });
const fixed = (slot: number, importPrice: number, queuedWh: number, zone = 1) =>
  event("TariffFixed", { zone, slot, importPrice, exportPrice: importPrice / 2, queuedWh });
const cleared = (slot: number, clearingPrice: number, matchedWh: number) =>
  event("SlotCleared", { zone: 1, slot, clearingPrice, matchedWh });

describe("a zone's history", () => {
  const events = [
    registered("home", "consumer", "none"),
    registered("roof", "prosumer", "solar"),
    registered("mill", "producer", "wind"),
    registered("battery", "storage", "storage"),
    registered("feeder", "feeder", "none"),
    registered("elsewhere", "consumer", "none", 2),
    fixed(S, 300, 0),
    fixed(S + 1, 320, 50),
    fixed(S, 999, 9, 2),
    cleared(S, 250, 10),
    cleared(S + 1, 0, 0),
    cleared(S + 2, 270, 4),
    // Registers are cumulative: the home took 100, then 140 over three slots.
    read("home", S, 100, 0),
    read("roof", S, 30, 0),
    read("mill", S, 1, 900),
    read("battery", S, 500, 0),
    read("feeder", S, 9_000, 0),
    read("elsewhere", S, 77, 0, 2),
    closed(S),
    read("roof", S + 1, 30, 60),
    closed(S + 1),
    read("roof", S + 2, 35, 70),
    closed(S + 2),
    read("home", S + 3, 240, 0),
    read("roof", S + 3, 1_000, 70),
    closed(S + 9, 2),
  ];

  it("has loads, solar energy and prices of its own closed slots", () => {
    const { load, solar, importPrice, exportPrice, clearingPrice, queuedEnergy } = zoneSeries(events, 1);
    // 100 + 30, then 47 (of 140), then 46 + 5; slot S + 3 is not closed.
    expect(load).to.deep.equal({ firstSlot: S, values: [130, 47, 51] });
    expect(solar).to.deep.equal({ firstSlot: S, values: [0, 60, 10] });
    expect(importPrice).to.deep.equal({ firstSlot: S, values: [300, 320] });
    expect(exportPrice).to.deep.equal({ firstSlot: S, values: [150, 160] });
    expect(queuedEnergy).to.deep.equal({ firstSlot: S, values: [0, 50] });
    expect(clearingPrice).to.deep.equal({ firstSlot: S, values: [250, 250, 270] });
  });

  it("leaves out what the chain has nothing of", () => {
    expect(zoneSeries(events, 2)).to.have.all.keys("load", "importPrice", "exportPrice", "queuedEnergy");
    expect(zoneSeries(events, 3)).to.deep.equal({});
  });

  it("is forecast from the slot after its end, each series by what its length allows", async () => {
    const day = { firstSlot: S, values: Array.from({ length: 100 }, (_, slot) => slot) };
    const short = { firstSlot: S + 50, values: [1, 2] };
    expect(await forecastZone(1, { load: day, importPrice: short }, 3)).to.deep.equal({
      zone: 1,
      series: [
        { series: "load", history: 100, forecaster: "yesterday", firstSlot: S + 100, values: [4, 5, 6] },
        { series: "importPrice", history: 2, forecaster: null, firstSlot: S + 52, values: [] },
      ],
    });
    expect(await forecastZone(1, {}, 97).then(String, String)).to.include("do not reach");
  });

  it("is read once a slot, however many ask, again after a failure, and of zones that are served alone", async () => {
    let timestamp = S * 900;
    let reads = 0;
    let failing = true;
    const exchange = {
      rpc: { call: () => Promise.resolve({ timestamp }) },
      events: () => {
        reads += 1;
        return failing ? Promise.reject(new Error("away")) : Promise.resolve(events);
      },
    } as unknown as Parameters<typeof openForecasts>[0];
    const forecasts = openForecasts(exchange, [1]);
    const failure = await forecasts.zone(1).then(String, String);
    expect(failure).to.include("away");
    failing = false;
    const [one, other] = await Promise.all([forecasts.zone(1), forecasts.zone(1)]);
    expect([one.zone, one === other, reads]).to.deep.equal([1, true, 2]);
    timestamp += 899;
    await forecasts.zone(1);
    expect(reads).to.equal(2);
    timestamp += 1;
    await forecasts.zone(1);
    expect(reads).to.equal(3);
    expect(await forecasts.zone(2).then(String, String)).to.include("Nothing is forecast here");
    expect(reads).to.equal(3);
  });
});
